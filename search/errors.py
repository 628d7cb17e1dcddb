"""What can go wrong with a search; `ui/` turns these into one line and exit code 2."""


class SearchError(Exception):
    """Base of this package's errors."""


class EmptyCaption(SearchError):
    """There is nothing to search for."""


class EmptyLibrary(SearchError):
    """There is nothing to search in."""


class CaptionsInvalid(SearchError):
    """The captions of an evaluation cannot be read, or name no photo that is there."""


class NothingReadable(SearchError):
    """None of the photos of an evaluation can be read."""
