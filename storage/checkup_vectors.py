"""Checks of embeddings and of the FAISS files that are made of them."""

from collections.abc import Iterator
from functools import partial
from typing import TypeAlias

import numpy as np
from sqlalchemy import delete, select

from storage import index_loading
from storage.database import chunks
from storage.embeddings import Embeddings, IndexFileRecord, are_whole, from_bytes
from storage.errors import IndexDamaged
from storage.finding import RESTORE, Examined, Finding, mended
from storage.index_file import IndexFile
from storage.models import Models
from storage.pruning import count_pruning
from storage.records import ModelRef
from storage.schema import Embedding
from storage.schema import IndexFile as IndexFileRow

_PAGE = 10_000
# FAISS may hold fewer bits than a row; more than this is another vector.
_SAME = 1e-2
Row: TypeAlias = tuple[int, int, bytes]


def embeddings(library: Examined) -> Iterator[Finding]:
    """Every row has its model's length, is finite and of unit norm.

    One that is not can find nothing. It is removed, so that the next index run embeds the photo again; but
    where it is most of a model's, the fault lies elsewhere, and they stay.
    """
    fine, faults = 0, False
    for model_id, model, count in Embeddings(library.database).models():
        damaged = _damaged(library, model_id, model.dim)
        found = f"{len(damaged):,} of {count:,} embeddings of {model.name} are damaged"
        if not damaged:
            fine += count
            continue
        faults = True
        if 2 * len(damaged) > count > 1:
            yield Finding("embeddings", "to do", found, RESTORE)
        else:
            if library.repair:
                _remove(library, model_id, damaged)
            yield mended("embeddings", f"{found}: removed, to be made again", repaired=library.repair)
    if fine or not faults:
        yield Finding("embeddings", "ok", f"{fine:,} are whole, finite and of unit norm")


def coverage(library: Examined) -> Iterator[Finding]:
    """Every photo with a present file can be found with the active model."""
    models = Models(library.database)
    active = models.active()
    if active is None:
        yield Finding("coverage", "ok", "no photo is indexed yet")
    elif lacking := models.lacking(active):
        photos = sum(lacking.values())
        folders = ", ".join(sorted(lacking))
        yield Finding(
            "coverage",
            "to do",
            f"{photos:,} photos in {folders} are not embedded by {active.name}, and no search finds them",
            "run `bridgelens index FOLDER` with these folders",
        )
    else:
        yield Finding("coverage", "ok", f"every present photo is embedded by {active.name}")


def index_files(library: Examined) -> Iterator[Finding]:
    """Each FAISS file is whole and holds what the rows hold; else it is made anew from them."""
    kept = Embeddings(library.database)
    fine: list[str] = []
    faults = False
    for model_id, model, count in kept.models():
        if count == 0:
            continue
        index_file = IndexFile(library.folder, kept, model_id, model)
        if (problem := _difference(library, kept.index_file(model_id), model_id, model)) is None:
            fine.append(f"{model.name}: {index_file.described() or 'exact'}")
            continue
        faults = True
        if library.repair:
            _forget_file(library, model_id)
            index_file.save()
        yield mended("index files", f"{problem}: made anew from the rows", repaired=library.repair)
    if fine or not faults:
        found = f"{len(fine):,} hold what the rows hold"
        yield Finding("index files", "ok", f"{found} ({'; '.join(fine)})" if fine else found)


def _difference(
    library: Examined, record: IndexFileRecord | None, model_id: int, model: ModelRef
) -> str | None:
    """How a model's FAISS file differs from the rows it should hold; None when it does not."""
    path, kept = library.folder / f"index-{model.fingerprint}.faiss", Embeddings(library.database)
    if record is None:
        return f"{path.name} was never finished"
    try:
        index = index_loading.load(path, record.checksum, partial(kept.of_photos, model_id, model.dim))
    except IndexDamaged as damage:
        return str(damage)
    if index.dim != model.dim:
        return f"{path.name} holds vectors of length {index.dim}, and {model.dim} is expected"
    held = 0
    for page in _pages(library, model_id, record.last_embedding_id):
        _, photo_ids, vectors = zip(*page, strict=True)
        ids = np.array(photo_ids, dtype=np.int64)
        if len(lacked := np.setdiff1d(ids, index.among(ids))):
            return f"{path.name} lacks photo {lacked[0]}"
        if not are_whole(vectors, model.dim).all():
            return f"{path.name} was made of damaged embeddings"
        there = index.vectors(ids)
        if np.abs(there - from_bytes(vectors, model.dim)).max() > _SAME:
            return f"{path.name} holds other vectors than the rows"
        held += len(page)
    return None if held == len(index) == record.count else f"{path.name} holds more than the rows"


def _pages(library: Examined, model_id: int, last: int | None = None) -> Iterator[list[Row]]:
    """A model's rows, up to the one with the id `last`, a page at a time."""
    query = select(Embedding.id, Embedding.photo_id, Embedding.vector).where(Embedding.model_id == model_id)
    if last is not None:
        query = query.where(Embedding.id <= last)
    mark = 0
    while True:
        after = query.where(Embedding.id > mark).order_by(Embedding.id).limit(_PAGE)
        with library.database.reading() as connection:
            page = [(row_id, photo_id, vector) for row_id, photo_id, vector in connection.execute(after)]
        if not page:
            return
        yield page
        mark = page[-1][0]


def _damaged(library: Examined, model_id: int, dim: int) -> list[int]:
    """Ids of the rows that are no embeddings."""
    found: list[int] = []
    for page in _pages(library, model_id):
        whole = are_whole([vector for _, _, vector in page], dim)
        found += [row_id for (row_id, _, _), good in zip(page, whole, strict=True) if not good]
    return found


def _remove(library: Examined, model_id: int, rows: list[int]) -> None:
    with library.database.writing() as connection:
        for part in chunks(rows):
            connection.execute(delete(Embedding).where(Embedding.id.in_(part)))
        count_pruning(connection)
    _forget_file(library, model_id)


def _forget_file(library: Examined, model_id: int) -> None:
    with library.database.writing() as connection:
        connection.execute(delete(IndexFileRow).where(IndexFileRow.model_id == model_id))
