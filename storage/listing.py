"""The files that the library knows, in the order of a walk through their folders, one after the other."""

import heapq
import os
from collections.abc import Generator, Iterator
from typing import TypeAlias, cast

from sqlalchemy import Connection, exists, select, type_coerce
from sqlalchemy.types import NullType

from storage.database import Database
from storage.records import ModelRef, PathState
from storage.roots import Roots, below
from storage.schema import Embedding, File, Model

ListedFile: TypeAlias = tuple[PathState, int, bool, bool]
"""A file as it was when it was last read, its photo's id, whether it was gone at the last look, and whether
the model that was asked about has embedded its content."""

_STREAMED = {"yield_per": 1000}


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
        yield from heapq.merge(*parts)


def _in_root(
    connection: Connection, root_id: int, root: bytes, prefix: str, model_id: int | None
) -> Iterator[ListedFile]:
    query = select(
        type_coerce(File.relative_path, NullType),  # bytes as they are, without a conversion
        File.size,
        File.mtime_ns,
        File.sidecar_ns,
        File.photo_id,
        File.missing_since.is_not(None),
        exists().where(Embedding.model_id == model_id, Embedding.photo_id == File.photo_id),
    ).where(below(File, root_id, prefix) if prefix else File.root_id == root_id)
    rows = connection.execute(query.order_by(File.relative_path), execution_options=_STREAMED)
    for part in rows.partitions():
        for path, size, mtime_ns, sidecar_ns, photo_id, missing, embedded in part:
            yield (root + cast(bytes, path), size, mtime_ns, sidecar_ns), photo_id, missing, embedded
