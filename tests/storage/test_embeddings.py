import numpy as np
import pytest
from sqlalchemy import insert, update

from storage.database import Database
from storage.embeddings import (
    Embeddings,
    IndexFileRecord,
    embedded,
    from_bytes,
    insert_lacking,
    model_id,
    to_bytes,
)
from storage.errors import LibraryDamaged, VectorsInvalid
from storage.records import ModelRef, Vector
from storage.schema import Embedding, Photo

HALVES = np.array([0.5, 0.5, -0.5, 0.5], dtype=np.float32)
FIRST = np.array([1, 0, 0, 0], dtype=np.float32)


def put(database: Database, model: ModelRef, vectors: dict[int, Vector]) -> int:
    """Photos with these ids and embeddings; the model's row id."""
    with database.writing() as connection:
        for photo_id in vectors:
            new = insert(Photo).prefix_with("OR IGNORE")
            connection.execute(
                new.values(id=photo_id, content_hash=f"h{photo_id}", width=1, height=1, format="PNG")
            )
        row_id = model_id(connection, model)
        insert_lacking(connection, row_id, model.dim, vectors)
    return row_id


def test_bytes_are_little_endian_float16() -> None:
    # 0.5 is 0x3800, -0.5 is 0xb800.
    assert to_bytes(HALVES, 4) == bytes.fromhex("0038003800b80038")


def test_bytes_come_back_as_unit_float32() -> None:
    vector = np.array([0.6, 0.8, 0, 0], dtype=np.float32)  # Neither is a float16.
    found = from_bytes([to_bytes(vector, 4), to_bytes(HALVES, 4)], 4)
    assert found.dtype == np.float32
    assert np.allclose(found[0], vector, atol=2e-4)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-7)
    assert found[1].tolist() == HALVES.tolist()


@pytest.mark.parametrize(
    ("vector", "message"),
    [
        ([1, 0, 0], r"shape \(3,\), and the model's have \(4,\)"),
        ([[1, 0, 0, 0]], r"shape \(1, 4\)"),
        ([2, 0, 0, 0], "norm 2, and 1 is expected"),
        ([0, 0, 0, 0], "norm 0"),
        ([float("nan"), 0, 0, 0], "norm nan"),
        ([float("inf"), 0, 0, 0], "norm inf"),
    ],
)
def test_what_is_no_embedding_is_refused(vector: list[float], message: str) -> None:
    with pytest.raises(VectorsInvalid, match=message):
        to_bytes(np.array(vector, dtype=np.float32), 4)


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(VectorsInvalid, match="6 bytes, and 8 are expected"):
        from_bytes([to_bytes(HALVES, 4), b"\0" * 6], 4)


def test_models_and_how_many_photos_each_embedded(database: Database, model: ModelRef) -> None:
    other = ModelRef("ffff", "large", 2)
    put(database, model, {1: FIRST, 2: HALVES})
    put(database, other, {})
    assert Embeddings(database).models() == [(1, model, 2), (2, other, 0)]


def test_a_model_keeps_its_dimension(database: Database, model: ModelRef) -> None:
    put(database, model, {})
    with pytest.raises(VectorsInvalid, match="mini has dimension 8, and the library knows it with 4"):
        put(database, ModelRef(model.fingerprint, "mini", 8), {})


def test_an_embedding_that_is_there_stays(database: Database, model: ModelRef) -> None:
    put(database, model, {1: FIRST})
    put(database, model, {1: HALVES, 2: HALVES})
    embeddings = Embeddings(database)
    found = embeddings.of_photos([2, 3, 1], model)
    assert {photo_id: vector.tolist() for photo_id, vector in found.items()} == {
        1: [1, 0, 0, 0],
        2: HALVES.tolist(),
    }
    assert embeddings.of_photos([1], ModelRef("ffff", "large", 4)) == {}


def test_rows_after_a_mark_are_those_of_the_model(database: Database, model: ModelRef) -> None:
    row_id = put(database, model, {7: FIRST})
    put(database, ModelRef("ffff", "large", 4), {7: HALVES})
    put(database, model, {5: HALVES, 9: FIRST})
    embeddings = Embeddings(database)
    rows = embeddings.after(row_id, 4, 0, limit=2)
    assert rows is not None
    assert (rows.last_id, rows.photo_ids.tolist()) == (3, [7, 5])
    rows = embeddings.after(row_id, 4, rows.last_id)
    assert rows is not None
    assert (rows.last_id, rows.photo_ids.tolist(), rows.vectors.tolist()) == (4, [9], [[1, 0, 0, 0]])
    assert embeddings.after(row_id, 4, rows.last_id) is None


def test_embedded(database: Database, model: ModelRef) -> None:
    row_id = put(database, model, {1: FIRST, 2: FIRST})
    with database.reading() as connection:
        assert embedded(connection, row_id, [2, 3]) == {2}


def test_a_damaged_row_is_told(database: Database, model: ModelRef) -> None:
    row_id = put(database, model, {1: FIRST})
    with database.writing() as connection:
        connection.execute(update(Embedding).values(vector=b"half"))
    with pytest.raises(LibraryDamaged, match=r"catalog\.sqlite: an embedding's row has 4 bytes"):
        Embeddings(database).after(row_id, 4, 0)


def test_the_record_of_an_index_file(database: Database, model: ModelRef) -> None:
    row_id = put(database, model, {1: FIRST})
    embeddings = Embeddings(database)
    assert embeddings.index_file(row_id) is None
    for generation in (1, 2):
        record = IndexFileRecord(generation, "c0ffee", 1, 1)
        embeddings.record_index_file(row_id, record)
        assert embeddings.index_file(row_id) == record
