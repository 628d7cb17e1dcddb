"""The files that the library knows, in the order of a walk through their folders, one after the other."""

import heapq
import os
from collections.abc import Generator, Iterator
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import Connection, LargeBinary, and_, exists, select, type_coerce

from storage.database import Database
from storage.records import ModelRef
from storage.roots import Roots, below
from storage.schema import Embedding, File, Model

_STREAMED = {"yield_per": 1000}


class ListedFile(NamedTuple):
    """A file the library has a row for.

    Attributes:
        path: Absolute, as the bytes of the file system, which is what the order goes by.
        size: Bytes, when last indexed.
        mtime_ns: Nanoseconds since 1970 UTC, when last indexed.
        photo_id: The content it held.
        missing: Whether it was gone at the last look.
        embedded: Whether the model that was asked about has embedded that content.
    """

    path: bytes
    size: int
    mtime_ns: int
    photo_id: int
    missing: bool
    embedded: bool


def in_order(database: Database, folder: str, model: ModelRef) -> Generator[ListedFile, None, None]:
    """The files in a folder or deeper, present and missing, by the bytes of their paths.

    All are from one view of the rows, which stays open until the iterator ends or is closed.
    """
    with database.reading() as connection:
        roots = Roots(connection)
        model_id = connection.scalars(select(Model.id).where(Model.fingerprint == model.fingerprint)).first()
        parts = [
            _in_root(connection, root_id, os.fsencode(roots.absolute(root_id, "")), prefix, model_id)
            for root_id, prefix in roots.spans(folder)
        ]
        yield from heapq.merge(*parts, key=itemgetter(0))


def _in_root(
    connection: Connection, root_id: int, root: bytes, prefix: str, model_id: int | None
) -> Iterator[ListedFile]:
    query = select(
        type_coerce(File.relative_path, LargeBinary),
        File.size,
        File.mtime_ns,
        File.photo_id,
        File.missing_since.is_not(None),
        exists().where(Embedding.model_id == model_id, Embedding.photo_id == File.photo_id),
    ).where(below(File, root_id, prefix) if prefix else and_(File.root_id == root_id))
    rows = connection.execute(query.order_by(File.relative_path), execution_options=_STREAMED)
    for path, size, mtime_ns, photo_id, missing, embedded in rows:
        yield ListedFile(root + path, size, mtime_ns, photo_id, missing, embedded)
