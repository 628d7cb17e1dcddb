"""What can go wrong with a library folder. Only ui/ turns these into words on a screen."""


class StorageError(Exception):
    """Base of every error this package raises."""


class LibraryNotFound(StorageError):
    """The folder is not a library, and none was asked for, or none can be made there."""


class LibraryTooNew(StorageError):
    """The library was written by a newer bridgelens than this one."""


class LibraryLocked(StorageError):
    """Another program is writing to the library."""


class LibraryUnwritable(StorageError):
    """The library folder cannot be written to: its permissions, or a full disk."""


class LibraryDamaged(StorageError):
    """catalog.sqlite is not a database, or holds what bridgelens cannot have written."""


class ModelMismatch(StorageError):
    """The library holds embeddings, but none of the model that was asked for."""


class NoModelBefore(StorageError):
    """The library has had one model only, so there is none to go back to."""


class BackupFailed(StorageError):
    """A backup cannot be written where it was asked for."""


class BackupInvalid(StorageError):
    """A file that was to be restored is no whole catalog of bridgelens."""


class FileOutsideRoots(StorageError):
    """A file that is to be stored lies under none of the library's folders."""


class FilterInvalid(StorageError):
    """A filter asks for what no photo can be, such as six stars."""


class TagInvalid(StorageError):
    """A word that no photo can be tagged with."""


class VectorsInvalid(StorageError):
    """Embeddings whose shape, values or ids are not what the library holds."""


class IndexDamaged(StorageError):
    """A FAISS file is absent, cut short or altered. Internal: the index is rebuilt from the rows."""
