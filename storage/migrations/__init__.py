"""How catalog.sqlite came to its present tables, one revision a file; run by `storage.upgrade`."""
