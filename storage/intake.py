"""A batch of decoded files into rows: photos, files and embeddings, in a few statements whatever its size."""

from collections.abc import Sequence

from sqlalchemy import BindParameter, Connection, bindparam, delete, insert, select, update

from storage import embeddings, photo_rows
from storage.database import chunks
from storage.errors import VectorsInvalid
from storage.records import ModelRef, NewPhoto, PhotoFacts, Vector
from storage.roots import Place, Roots
from storage.schema import FailedFile, File


def add(connection: Connection, model: ModelRef, batch: Sequence[NewPhoto]) -> list[int]:
    """Store a batch, all or nothing by the caller's transaction; its photo ids, in order.

    A path that held another content now points to the new one; the old photo stays, without that file.

    Raises:
        FileOutsideRoots: A file lies under no root.
        VectorsInvalid: An embedding does not fit the model, or a content has none, here or in the library.
    """
    facts: dict[str, PhotoFacts] = {}
    for new in batch:
        facts.setdefault(new.facts.content_hash, new.facts)
    ids = photo_rows.add(connection, facts)
    photo_ids = [ids[new.facts.content_hash] for new in batch]
    model_id = embeddings.model_id(connection, model)
    _add_embeddings(connection, model, model_id, batch, photo_ids)
    roots = Roots(connection)
    places = [roots.place(new.file.path) for new in batch]
    _put_files(connection, places, batch, photo_ids)
    forget_failures(connection, roots, [new.file.path for new in batch])
    return photo_ids


def forget_failures(connection: Connection, roots: Roots, paths: Sequence[str]) -> None:
    """Drop what is known of failures at these paths."""
    for root_id, relative_paths in roots.places(paths).items():
        for part in chunks(relative_paths):
            connection.execute(
                delete(FailedFile).where(FailedFile.root_id == root_id, FailedFile.relative_path.in_(part))
            )


def _add_embeddings(
    connection: Connection, model: ModelRef, model_id: int, batch: Sequence[NewPhoto], photo_ids: list[int]
) -> None:
    vectors: dict[int, Vector] = {}
    bare: dict[int, str] = {}
    for new, photo_id in zip(batch, photo_ids, strict=True):
        if new.embedding is None:
            bare[photo_id] = new.file.path
        else:
            vectors.setdefault(photo_id, new.embedding)
    embeddings.insert_lacking(connection, model_id, model.dim, vectors)
    lacking = bare.keys() - vectors.keys()
    lacking -= embeddings.embedded(connection, model_id, list(lacking))
    if lacking:
        raise VectorsInvalid(
            f"{bare[min(lacking)]} comes without an embedding, and {model.name} has none of it"
        )


def _put_files(
    connection: Connection, places: Sequence[Place], batch: Sequence[NewPhoto], photo_ids: Sequence[int]
) -> None:
    """Insert or update the files' rows; a path that comes twice in a batch keeps its last state.

    A new path goes on with the row that `moved_file` names, unless another path of the batch has it.
    """
    rows = {
        place: {
            "root_id": place.root_id,
            "relative_path": place.relative_path,
            "size": new.file.size,
            "mtime_ns": new.file.mtime_ns,
            "photo_id": photo_id,
            "missing_since": None,
            "sidecar_ns": new.file.sidecar_ns,
            "sidecar_caption": new.sidecar.caption,
            "sidecar_keywords": list(new.sidecar.keywords) or None,
            "sidecar_rating": new.sidecar.rating,
        }
        for place, new, photo_id in zip(places, batch, photo_ids, strict=True)
    }
    known = _file_ids(connection, list(rows))
    taken = set(known.values())
    for place, new in zip(places, batch, strict=True):
        if new.moved_file is not None and place not in known and new.moved_file not in taken:
            known[place] = new.moved_file
            taken.add(new.moved_file)
    changed = [{"file_id": known[place], **row} for place, row in rows.items() if place in known]
    added = [row for place, row in rows.items() if place not in known]
    if changed:
        values: dict[str, BindParameter[object]] = {
            name: bindparam(name) for name in changed[0] if name != "file_id"
        }
        connection.execute(update(File).where(File.id == bindparam("file_id")).values(values), changed)
    if added:
        connection.execute(insert(File), added)


def _file_ids(connection: Connection, places: Sequence[Place]) -> dict[Place, int]:
    by_root: dict[int, list[str]] = {}
    for place in places:
        by_root.setdefault(place.root_id, []).append(place.relative_path)
    found: dict[Place, int] = {}
    for root_id, relative_paths in by_root.items():
        for part in chunks(relative_paths):
            query = select(File.root_id, File.relative_path, File.id)
            here = query.where(File.root_id == root_id, File.relative_path.in_(part))
            found.update({Place(root, path): file_id for root, path, file_id in connection.execute(here)})
    return found
