from collections.abc import Callable

import numpy as np
import pytest

from storage.catalog import Catalog
from storage.database import Database
from storage.embeddings import Embeddings
from storage.records import ModelRef, NewPhoto

X, Y, Z = [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]


@pytest.fixture
def catalog(database: Database, model: ModelRef, photo: Callable[..., NewPhoto]) -> Catalog:
    """Photos 1 and 3 of one model, and between them 2 of another."""
    made = Catalog(database)
    made.add_root("/photos")
    made.add(model, [photo("/photos/a", "h1", X)])
    made.add(ModelRef("ffff", "large", 4), [photo("/photos/b", "h2", Y)])
    made.add(model, [photo("/photos/c", "h3", Z)])
    return made


def test_the_rows_of_one_model_as_often_as_need_be(catalog: Catalog, database: Database) -> None:
    with Embeddings(database).all_of(1, 4) as rows:
        assert (rows.count, rows.last_id) == (2, 3)
        for _ in range(2):
            [(photo_ids, vectors)] = rows.parts()
            assert (photo_ids.tolist(), vectors.tolist()) == ([1, 3], [X, Z])
            assert np.concatenate(list(rows.photo_ids())).tolist() == [1, 3]
        [(photo_ids, vectors)] = rows.parts(after=1)
        assert (photo_ids.tolist(), vectors.tolist()) == ([3], [Z])
        assert rows.photo_ids_up_to(2).tolist() == [1]


def test_one_view_whatever_is_written_meanwhile(
    catalog: Catalog, database: Database, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    with Embeddings(database).all_of(1, 4) as rows:
        catalog.add(model, [photo("/photos/d", "h4", X)])
        assert [photo_ids.tolist() for photo_ids, _ in rows.parts()] == [[1, 3]]
        assert rows.photo_ids_up_to(9).tolist() == [1, 3]


def test_a_model_without_rows(database: Database) -> None:
    with Embeddings(database).all_of(1, 4) as rows:
        assert (rows.count, rows.last_id, list(rows.parts()), list(rows.photo_ids())) == (0, 0, [], [])
