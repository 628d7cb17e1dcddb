"""Which bridgelens this is, by the metadata of the package that is installed."""

from importlib.metadata import PackageNotFoundError, version

NOT_INSTALLED = "(not installed)"


def own_version() -> str:
    """The version, as `0.1.0`; `NOT_INSTALLED` for a tree that is run where it lies."""
    try:
        return version("bridgelens")
    except PackageNotFoundError:
        return NOT_INSTALLED
