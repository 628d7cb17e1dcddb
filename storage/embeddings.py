"""Embeddings as rows: little-endian float16 in, float32 of unit norm out."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, insert, select, update

from storage import pruning
from storage.all_rows import STREAMED, AllRows
from storage.database import Database, chunks
from storage.errors import LibraryDamaged, VectorsInvalid
from storage.records import Ids, ModelRef, Vector
from storage.schema import Embedding, IndexFile, Model

_STORED = np.dtype("<f2")
_NORM_TOLERANCE = 1e-2


@dataclass(frozen=True, slots=True)
class IndexFileRecord:
    """What a model's FAISS file should be; fields as in `storage.schema.IndexFile`."""

    generation: int
    checksum: str
    count: int
    last_embedding_id: int


@dataclass(frozen=True, slots=True)
class EmbeddingRows:
    """A part of one model's embeddings, in the order they were stored.

    Attributes:
        last_id: The id of the last row.
        photo_ids: int64, (n,).
        vectors: float32, (n, dim), unit L2 norm.
    """

    last_id: int
    photo_ids: Ids
    vectors: Vector


def to_bytes(vector: Vector, dim: int) -> bytes:
    """A unit vector as its row holds it.

    Raises:
        VectorsInvalid: It is not (dim,), not finite, or not of unit norm.
    """
    if vector.shape != (dim,):
        raise VectorsInvalid(f"an embedding has shape {vector.shape}, and the model's have ({dim},)")
    norm = float(np.linalg.norm(vector.astype(np.float64)))
    # Written so that NaN fails it.
    if not abs(norm - 1) <= _NORM_TOLERANCE:
        raise VectorsInvalid(f"an embedding has norm {norm:.4g}, and 1 is expected")
    return vector.astype(_STORED).tobytes()


def from_bytes(rows: Sequence[bytes], dim: int) -> Vector:
    """Rows as float32, (n, dim). Rounding to float16 moved the norm by up to 1e-3; here it is 1 again.

    Raises:
        VectorsInvalid: A row is not `dim` float16 long.
    """
    expected = dim * _STORED.itemsize
    wrong = [len(row) for row in rows if len(row) != expected]
    if wrong:
        raise VectorsInvalid(f"an embedding's row has {wrong[0]} bytes, and {expected} are expected")
    return _decoded(rows, dim)[0]


def are_whole(rows: Sequence[bytes], dim: int) -> NDArray[np.bool_]:
    """Whether each row is an embedding, bool, (n,): `dim` float16 long, finite and of unit norm."""
    expected = dim * _STORED.itemsize
    whole = np.array([len(row) == expected for row in rows], dtype=bool)
    fitting = b"".join(row for row in rows if len(row) == expected)
    vectors = np.frombuffer(fitting, dtype=_STORED).reshape(-1, dim).astype(np.float64)
    whole[whole] = np.abs(np.linalg.norm(vectors, axis=1) - 1) <= _NORM_TOLERANCE  # NaN fails it
    return whole


def _decoded(rows: Sequence[bytes], dim: int) -> tuple[Vector, Vector]:
    """Rows, each `dim` float16 long, as float32, (n, dim), unit L2 norm, and the norms they had, (n,)."""
    vectors = np.frombuffer(b"".join(rows), dtype=_STORED).reshape(-1, dim).astype(np.float32)
    norms = np.linalg.norm(vectors, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):  # a damaged one's norm tells of it
        return vectors / norms[:, None], norms


class Embeddings:
    """The models, their embeddings, and the record of each model's FAISS file."""

    def __init__(self, database: Database) -> None:
        """Work on the given catalog."""
        self._database = database

    def models(self) -> list[tuple[int, ModelRef, int]]:
        """Row id, model and number of embedded photos, of every model the library has seen."""
        counted = select(Embedding.model_id, func.count().label("embedded")).group_by(Embedding.model_id)
        counts = counted.subquery()
        query = (
            select(Model.id, Model.fingerprint, Model.name, Model.dim, func.coalesce(counts.c.embedded, 0))
            .outerjoin(counts, counts.c.model_id == Model.id)
            .order_by(Model.id)
        )
        with self._database.reading() as connection:
            return [(row[0], ModelRef(row[1], row[2], row[3]), row[4]) for row in connection.execute(query)]

    def after(self, model_id: int, dim: int, mark: int, limit: int = 10_000) -> EmbeddingRows | None:
        """The next rows of a model whose id is above `mark`, at most `limit`; None when there are none.

        Raises:
            LibraryDamaged: A row is not an embedding.
        """
        query = (
            select(Embedding.id, Embedding.photo_id, Embedding.vector)
            .where(Embedding.model_id == model_id, Embedding.id > mark)
            .order_by(Embedding.id)
            .limit(limit)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        if not rows:
            return None
        ids, photo_ids, vectors = zip(*rows, strict=True)
        return EmbeddingRows(ids[-1], np.array(photo_ids, dtype=np.int64), self.decode(vectors, dim))

    @contextmanager
    def all_of(self, model_id: int, dim: int) -> Iterator[AllRows]:
        """A model's embeddings as they are now, whatever is written while they are gone through."""
        with self._database.reading() as connection:
            yield AllRows(connection, model_id, dim, self.decode)

    def of_photos(self, model_id: int, dim: int, ids: Ids) -> tuple[Ids, Vector]:
        """Those of the photos, int64, (n,), that the model has embedded, and float32, (n, dim), unit L2 norm.

        A row that is no embedding is left out: a search goes on without it, and `bridgelens doctor` tells it.
        """
        # One value, however many they are: SQLAlchemy would spend more on naming each than SQLite on its row.
        wanted = select(func.json_each(json.dumps(ids.tolist())).table_valued("value").c.value)
        query = select(Embedding.photo_id, Embedding.vector).where(
            Embedding.model_id == model_id, Embedding.photo_id.in_(wanted)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        fitting = [row for row in rows if len(row[1]) == dim * _STORED.itemsize]
        vectors, norms = _decoded([vector for _, vector in fitting], dim)
        whole = np.abs(norms - 1) <= _NORM_TOLERANCE  # NaN fails it
        return np.array([photo_id for photo_id, _ in fitting], np.int64)[whole], vectors[whole]

    def photo_ids(self, model_id: int) -> Ids:
        """The photos that the model has embedded: int64, (n,)."""
        query = select(Embedding.photo_id).where(Embedding.model_id == model_id)
        with self._database.reading() as connection:
            return np.fromiter(connection.scalars(query.execution_options(**STREAMED)), dtype=np.int64)

    def count_up_to(self, model_id: int, last_id: int) -> int:
        """How many of the model's rows have an id up to this one."""
        query = select(func.count()).where(Embedding.model_id == model_id, Embedding.id <= last_id)
        with self._database.reading() as connection:
            return connection.execute(query).scalar_one()

    def count_after(self, model_id: int, last_id: int) -> int:
        """How many of the model's rows have an id above this one."""
        query = select(func.count()).where(Embedding.model_id == model_id, Embedding.id > last_id)
        with self._database.reading() as connection:
            return connection.execute(query).scalar_one()

    def prunings(self) -> int:
        """How often photos were forgotten, so that an index in memory may hold some that are no more."""
        with self._database.reading() as connection:
            return pruning.prunings(connection)

    def of_model(self, model: ModelRef) -> Iterator[EmbeddingRows]:
        """All rows of a model, a few thousand at a time.

        Raises:
            LibraryDamaged: A row is not an embedding.
        """
        for row_id, known, _ in self.models():
            mark: int | None = 0 if known.fingerprint == model.fingerprint else None
            while mark is not None and (rows := self.after(row_id, model.dim, mark, limit=4096)):
                yield rows
                mark = rows.last_id

    def by_photo(self, photo_ids: Sequence[int], model: ModelRef) -> dict[int, Vector]:
        """Each float32, (dim,), unit norm, by photo id; photos that this model has not embedded are left out.

        Raises:
            LibraryDamaged: A row is not an embedding.
        """
        query = (
            select(Embedding.photo_id, Embedding.vector)
            .join(Model, Model.id == Embedding.model_id)
            .where(Model.fingerprint == model.fingerprint)
        )
        found: dict[int, bytes] = {}
        with self._database.reading() as connection:
            for part in chunks(photo_ids):
                found.update(connection.execute(query.where(Embedding.photo_id.in_(part))).all())
        return dict(zip(found, self.decode(list(found.values()), model.dim), strict=True))

    def index_file(self, model_id: int) -> IndexFileRecord | None:
        """What the model's FAISS file should be; None when it was never saved."""
        query = select(
            IndexFile.generation, IndexFile.checksum, IndexFile.count, IndexFile.last_embedding_id
        ).where(IndexFile.model_id == model_id)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else IndexFileRecord(*row)

    def record_index_file(self, model_id: int, record: IndexFileRecord) -> None:
        """Set what the model's FAISS file should be."""
        with self._database.writing() as connection:
            connection.execute(delete(IndexFile).where(IndexFile.model_id == model_id))
            connection.execute(
                insert(IndexFile).values(
                    model_id=model_id,
                    generation=record.generation,
                    checksum=record.checksum,
                    count=record.count,
                    last_embedding_id=record.last_embedding_id,
                )
            )

    def decode(self, rows: Sequence[bytes], dim: int) -> Vector:
        """Rows as float32, (n, dim), unit L2 norm.

        Raises:
            LibraryDamaged: A row is not an embedding.
        """
        try:
            return from_bytes(rows, dim)
        except VectorsInvalid as problem:
            raise LibraryDamaged(f"{self._database.path}: {problem}; run `bridgelens doctor`") from problem


def model_id(connection: Connection, model: ModelRef) -> int:
    """The row id of a model, which is made when absent; the name it came by last is kept.

    Raises:
        VectorsInvalid: The library knows this fingerprint with another dimension.
    """
    query = select(Model.id, Model.dim, Model.name).where(Model.fingerprint == model.fingerprint)
    row = connection.execute(query).one_or_none()
    if row is None:
        new = insert(Model).values(fingerprint=model.fingerprint, name=model.name, dim=model.dim)
        return connection.execute(new.returning(Model.id)).scalar_one()
    found, dim, name = row
    if dim != model.dim:
        raise VectorsInvalid(f"{model.name} has dimension {model.dim}, and the library knows it with {dim}")
    if name != model.name:  # its folder has moved: the name is what loads it again
        connection.execute(update(Model).where(Model.id == found).values(name=model.name))
    return found


def insert_lacking(connection: Connection, model_id: int, dim: int, vectors: Mapping[int, Vector]) -> None:
    """Store those vectors, by photo id, that the library lacks; one that it has stays.

    Raises:
        VectorsInvalid: A vector is not (dim,), not finite, or not of unit norm.
    """
    present = embedded(connection, model_id, list(vectors))
    rows = [
        {"photo_id": photo_id, "model_id": model_id, "vector": to_bytes(vector, dim)}
        for photo_id, vector in vectors.items()
        if photo_id not in present
    ]
    if rows:
        connection.execute(insert(Embedding), rows)


def embedded(connection: Connection, model_id: int, photo_ids: Sequence[int]) -> set[int]:
    """Those of the photos that the model has embedded."""
    found: set[int] = set()
    for part in chunks(photo_ids):
        query = select(Embedding.photo_id).where(Embedding.model_id == model_id, Embedding.photo_id.in_(part))
        found.update(connection.scalars(query))
    return found
