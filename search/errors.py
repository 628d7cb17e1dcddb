"""What can go wrong with a search; `ui/` turns these into one line and exit code 2."""


class SearchError(Exception):
    """Base of this package's errors."""


class EmptyCaption(SearchError):
    """There is nothing to search for."""


class EmptyLibrary(SearchError):
    """There is nothing to search in."""
