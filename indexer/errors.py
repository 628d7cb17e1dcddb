"""What can go wrong while photos are indexed."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.ignore import NAME


class IndexerError(Exception):
    """Anything the indexer raises on purpose."""


class FolderNotFound(IndexerError):
    """A folder that was to be indexed is not there."""

    def __init__(self, folder: str) -> None:
        """Name the folder as it was given."""
        super().__init__(
            f"{folder}: expected a folder of photos, found none. If it is on a disk that is not plugged in, "
            f"plug it in; nothing was changed. Then run `bridgelens index {folder}` again."
        )
        self.folder = folder


class FolderUnreadable(IndexerError):
    """A folder that was to be indexed cannot be listed."""

    def __init__(self, folder: str, reason: str) -> None:
        """`reason` is the system's own phrase."""
        super().__init__(
            f"{folder}: expected a folder that can be listed, found: {reason}. Nothing was changed. "
            f"Mend its permissions and run `bridgelens index {folder}` again."
        )
        self.folder = folder
        self.reason = reason


class NoPhotos(IndexerError):
    """None of the folders holds a photo, and the library knew of none there."""

    def __init__(self, folders: tuple[str, ...], suffixes: tuple[str, ...]) -> None:
        """Name the folders and the suffixes that were looked for."""
        super().__init__(
            f"{', '.join(folders)}: expected photos ({', '.join(suffixes)}), RAW photos or videos, "
            "found none; hidden folders, "
            f"symbolic links and what {NAME} files name are left out. "
            "Run `bridgelens index FOLDER` with the folder that holds them."
        )
        self.folders = folders


class CannotWatch(IndexerError):
    """The system refuses to tell what changes in the folders."""

    def __init__(self, folders: Sequence[str], reason: str) -> None:
        """`reason` is the system's own phrase."""
        super().__init__(
            f"{', '.join(folders)}: expected to watch them, found: {reason}. On Linux a user may "
            "watch fs.inotify.max_user_watches folders; raise it with sysctl, or run `bridgelens index` "
            "now and then instead."
        )
        self.reason = reason


class PhotoUnreadable(IndexerError):
    """One file that cannot be decoded; `reason` is a short plain phrase.

    `lasting` is true when the file's own bytes are to blame, so that only another version of the file
    is worth another try; false for a refused permission, a disk error or a file that was being written.
    """

    def __init__(self, path: str, reason: str, *, lasting: bool = True) -> None:
        """Keep the path and the reason apart, for a list of failures."""
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
        self.lasting = lasting


class WorkerLost(IndexerError):
    """The child process that had a task died or was killed; `lasting` as in `PhotoUnreadable`."""

    def __init__(self, reason: str, *, lasting: bool) -> None:
        """`reason` is a short plain phrase about the file of the task."""
        super().__init__(reason)
        self.reason = reason
        self.lasting = lasting
