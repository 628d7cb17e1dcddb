"""All embeddings of one model as one view of the catalog shows them, however many there are."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias, TypeVarTuple

import numpy as np
from sqlalchemy import Connection, Row, Select, func, select

from storage.records import Ids, Vector
from storage.schema import Embedding

Decode: TypeAlias = Callable[[Sequence[bytes], int], Vector]
"""Stored embeddings and their length to float32, (n, dim), unit L2 norm."""

Columns = TypeVarTuple("Columns")

STREAMED = {"yield_per": 2000}
"""Rows come from SQLite so many at a time."""


class AllRows:
    """All embeddings of one model in one view of the catalog, to be gone through as often as need be.

    Attributes:
        count: How many there are.
        last_id: The id of the last row; 0 when there is none.
    """

    def __init__(self, connection: Connection, model_id: int, dim: int, decode: Decode) -> None:
        """What the connection's transaction sees."""
        self._connection, self._dim, self._decode = connection, dim, decode
        self._of_model = Embedding.model_id == model_id
        query = select(func.count(), func.coalesce(func.max(Embedding.id), 0)).where(self._of_model)
        self.count, self.last_id = connection.execute(query).one()

    def parts(self, after: int = 0) -> Iterator[tuple[Ids, Vector]]:
        """Photo ids, int64, (n,), and float32, (n, dim), unit L2 norm, in the order they were stored.

        Only rows whose id is above `after`.

        Raises:
            LibraryDamaged: A row is not an embedding.
        """
        query = select(Embedding.photo_id, Embedding.vector).where(self._of_model, Embedding.id > after)
        for rows in self._streamed(query.order_by(Embedding.id)):
            photo_ids, vectors = zip(*rows, strict=True)
            yield np.array(photo_ids, dtype=np.int64), self._decode(vectors, self._dim)

    def photo_ids(self) -> Iterator[Ids]:
        """The photo ids of `parts`."""
        query = select(Embedding.photo_id).where(self._of_model).order_by(Embedding.id)
        for rows in self._streamed(query):
            yield np.array(rows, dtype=np.int64).ravel()

    def photo_ids_up_to(self, last_id: int) -> Ids:
        """The photos, int64, (n,), whose row has an id up to this one."""
        query = select(Embedding.photo_id).where(self._of_model, Embedding.id <= last_id)
        return np.fromiter(self._connection.scalars(query.execution_options(**STREAMED)), dtype=np.int64)

    def _streamed(self, query: Select[*Columns]) -> Iterator[Sequence[Row[*Columns]]]:
        return self._connection.execute(query, execution_options=STREAMED).partitions()
