"""A caption to ranked photos: text tower, FAISS shortlist, ITM re-rank."""
