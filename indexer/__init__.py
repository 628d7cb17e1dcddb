"""Folders of photos to rows and embeddings in a library: scan, decode, embed, store."""
