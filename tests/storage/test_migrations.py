"""A library of the first tables, and one of the second, with rows, after they were brought up to date."""

from pathlib import Path

import numpy as np
import pytest
from alembic import command
from sqlalchemy import text

from storage import upgrade
from storage.database import Database
from storage.library import Library
from storage.records import KnownFile, ModelRef

ROWS = (
    "INSERT INTO roots VALUES (1, CAST('/photos' AS BLOB))",
    "INSERT INTO photos VALUES (1, 'h', 40, 30, 'JPEG', '2021-05-03T10:20:30', 'Leica', 60.4, 5.3)",
    "INSERT INTO files VALUES (1, 1, CAST('a.jpg' AS BLOB), 10, 20, 1, NULL)",
    "INSERT INTO models VALUES (1, '00112233aabbccdd', 'mini', 4)",
    "INSERT INTO embeddings VALUES (1, 1, 1, X'003C000000000000')",  # 1, 0, 0, 0 in float16
)


@pytest.fixture(params=["0001", "0002"])
def old_library(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    folder = tmp_path / "library"
    folder.mkdir()
    database = Database(folder / "catalog.sqlite", write=True)
    config = upgrade._config()
    with database.migrating() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for row in ROWS:
            connection.execute(text(row))
        command.upgrade(config, request.param)
    database.close()
    return folder


def test_nothing_is_lost(old_library: Path, model: ModelRef, request: pytest.FixtureRequest) -> None:
    with Library.open(old_library, write=True) as library:
        found = library.photos([1])[1]
        assert (found.paths, found.content_hash, found.camera) == (("/photos/a.jpg",), "h", "Leica")
        assert (found.caption, found.keywords, found.rating, found.phash) == (None, (), None, None)
        assert library.known_files("/photos") == {"/photos/a.jpg": KnownFile("/photos/a.jpg", 10, 20, 1)}
        vector = library.embedding(1, model)
        assert vector is not None
        assert np.array_equal(vector, [1, 0, 0, 0])
        assert library.without_place(9) == {1: (60.4, 5.3)}
        library.tags.give([1], "bergen")
        assert library.tags.tagged(["bergen"]).tolist() == [1]
    before = request.node.callspec.params["old_library"]
    assert (old_library / f"catalog-{before}.sqlite").is_file()
