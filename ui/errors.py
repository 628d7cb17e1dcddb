"""What ui/ itself can refuse. The command line shows these as one line and exits with code 2."""


class UiError(Exception):
    """The request cannot be carried out as typed; the message says what to type instead."""


class SettingsError(UiError):
    """The configuration file cannot be read or says something unknown."""


class ServerEnding(UiError):
    """The server was told to end while it searched."""


class PhotoGone(UiError):
    """The library has no such photo, or its file is no longer there."""
