"""How a photo of the library was taken: what the library does not keep is read from its file when asked."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer.exposure import Exposure
    from storage.library import Library
    from storage.records import PhotoRecord


def how_taken(record: "PhotoRecord", library: "Library") -> "Exposure":
    """As its first file says that lies under a root and still holds it; nothing where there is none."""
    from indexer.decode import read_exposure
    from indexer.errors import PhotoUnreadable
    from indexer.exposure import Exposure
    from ui.thumbnails import paths_to_show

    try:
        paths = paths_to_show(record, library)
    except FileNotFoundError:
        return Exposure()
    for path in paths:
        try:
            return read_exposure(path, record.content_hash)
        except PhotoUnreadable:  # the page says what is the matter where it shows the picture
            continue
    return Exposure()
