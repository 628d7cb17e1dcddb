"""The HTTP API: searches and photos for programs on this machine."""
