"""A library on disk: SQLite rows that are the truth, and a FAISS index that can be rebuilt from them."""
