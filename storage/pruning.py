"""Forgetting files that are gone, and the photos that are nowhere any more, with their embeddings."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, false, func, not_, or_, select, true
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.sql.selectable import CompoundSelect

from storage.roots import Roots
from storage.schema import Embedding, File, IndexFile, Photo, Setting, Tag, Tagging

_PRUNINGS = "prunings"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which of the missing files are to be forgotten; all of them by default.

    Attributes:
        folder: Only those that lay in this folder or deeper.
        before: Only those that were found gone before this moment.
        except_roots: None of those of these roots, as of a disk that is not plugged in.
    """

    folder: str | None = None
    before: datetime | None = None
    except_roots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many missing files are forgotten, and how many photos that have no other file."""

    files: int
    photos: int


def count(connection: Connection, selection: Selection) -> Pruned:
    """What `prune` would forget."""
    gone = _gone(Roots(connection), selection)
    files = connection.scalar(select(func.count()).select_from(File).where(gone))
    photos = connection.scalar(select(func.count()).select_from(_nowhere(gone, selection).subquery()))
    return Pruned(files or 0, photos or 0)


def prune(connection: Connection, selection: Selection) -> Pruned:
    """Forget the selected files and the photos left without any; their ids are never given again.

    The FAISS files are not believed from now on: the rows they were made of are no longer all there.
    """
    pruned = count(connection, selection)
    gone = _gone(Roots(connection), selection)
    nowhere = _nowhere(gone, selection)
    # Photos go before their files, which tell which photos go.
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    # SQLite looks for embeddings of every photo that goes, and without an index it would read all of them.
    connection.exec_driver_sql("CREATE INDEX pruning ON embeddings (photo_id)")
    for table in (Embedding, Tag, Tagging):
        connection.execute(delete(table).where(table.photo_id.in_(nowhere)))
    connection.execute(delete(Photo).where(Photo.id.in_(nowhere)))
    connection.execute(delete(File).where(gone))
    connection.exec_driver_sql("DROP INDEX pruning")
    connection.execute(delete(IndexFile))
    count_pruning(connection)
    return pruned


def count_pruning(connection: Connection) -> None:
    """Let every index in memory know that embeddings were removed."""
    new = insert(Setting).values(key=_PRUNINGS, value=str(prunings(connection) + 1))
    connection.execute(new.on_conflict_do_update(index_elements=["key"], set_={"value": new.excluded.value}))


def prunings(connection: Connection) -> int:
    """How often photos were forgotten; an index that was read before the last time holds some too many."""
    return int(connection.scalar(select(Setting.value).where(Setting.key == _PRUNINGS)) or 0)


def _gone(roots: Roots, selection: Selection) -> ColumnElement[bool]:
    kept = [root_id for root_id, path in roots.paths.items() if path in selection.except_roots]
    return and_(
        File.missing_since.is_not(None),
        true() if selection.before is None else File.missing_since < selection.before,
        true() if selection.folder is None else roots.under(selection.folder, File),
        File.root_id.not_in(kept),
    )


def _nowhere(gone: ColumnElement[bool], selection: Selection) -> CompoundSelect[int]:
    """The photos that no file is left of. A photo whose file has another content now had none before."""
    without_file = not_(exists().where(File.photo_id == Photo.id))
    all_of_them = selection.before is None and selection.folder is None
    losing = select(Photo.id).where(
        or_(Photo.id.in_(select(File.photo_id).where(gone)), without_file if all_of_them else false())
    )
    return losing.except_(select(File.photo_id).where(not_(gone)))
