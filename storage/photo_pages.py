"""Photos with their present files, photo by photo, read a page at a time however many there are."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, select

from storage.database import Database
from storage.records import FileState
from storage.roots import Roots
from storage.schema import PRESENT, File


def photo_pages(
    database: Database, wanted: ColumnElement[bool], page: int
) -> Iterator[tuple[int, list[FileState]]]:
    """The photos with a present file that is as `wanted`: their ids, ascending, and their present files.

    `wanted` is a condition on a row of `File`. Each `page` of photos is a transaction of its own: what
    is no longer wanted by then does not come.
    """
    mark = 0
    ids = select(File.photo_id).where(PRESENT, wanted).distinct().order_by(File.photo_id).limit(page)
    while True:
        with database.reading() as connection:
            photo_ids = list(connection.scalars(ids.where(File.photo_id > mark)))
            photos = files_of(connection, photo_ids)
        if not photo_ids:
            return
        mark = photo_ids[-1]
        yield from zip(photo_ids, photos, strict=True)


def files_of(connection: Connection, photo_ids: list[int]) -> list[list[FileState]]:
    """The present files of each photo, which has one, in the order of the ids."""
    roots, files = Roots(connection), dict[int, list[FileState]]()
    query = select(File.photo_id, File.root_id, File.relative_path, File.size, File.mtime_ns)
    rows = connection.execute(query.where(File.photo_id.in_(photo_ids), PRESENT).order_by(File.id))
    for photo_id, root_id, relative_path, size, mtime_ns in rows:
        file = FileState(roots.absolute(root_id, relative_path), size, mtime_ns)
        files.setdefault(photo_id, []).append(file)
    return [files[photo_id] for photo_id in photo_ids]
