from collections.abc import Callable
from pathlib import Path

import pytest

from storage.catalog import Catalog
from storage.database import Database
from storage.embeddings import Embeddings
from storage.errors import ModelMismatch
from storage.index_files import IndexFiles
from storage.records import ModelRef, NewPhoto

LARGE = ModelRef("ffff", "models/my large", 4)


@pytest.fixture
def catalog(database: Database) -> Catalog:
    made = Catalog(database)
    made.add_root("/my photos")
    return made


@pytest.fixture
def index_files(catalog: Catalog, database: Database) -> IndexFiles:
    return IndexFiles(Path("/library"), database, Embeddings(database))


def test_an_empty_library_has_no_index(index_files: IndexFiles, model: ModelRef) -> None:
    assert index_files.of(model) is None


def test_each_model_has_its_own_index(
    index_files: IndexFiles, catalog: Catalog, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    x = [1, 0, 0, 0]
    catalog.add(model, [photo("/my photos/a", "h1", x), photo("/my photos/b", "h2", x)])
    catalog.add(LARGE, [photo("/my photos/b", "h2", [0, 1, 0, 0])])
    mini, large = index_files.of(model), index_files.of(LARGE)
    assert mini is not None and large is not None
    assert mini.level().ids.tolist() == [1, 2]
    assert large.level().ids.tolist() == [2]
    assert index_files.of(model) is mini


def test_another_model_is_refused_with_the_command_that_mends_it(
    index_files: IndexFiles, catalog: Catalog, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    catalog.add(model, [photo("/my photos/a", "h1", [1, 0, 0, 0])])
    with pytest.raises(ModelMismatch) as refused:
        index_files.of(LARGE)
    assert str(refused.value) == (
        "the library /library holds embeddings of mini (00112233aabbccdd), "
        "and none of models/my large (ffff); "
        "embed it with `bridgelens reindex --model 'models/my large'`, or search with --model mini"
    )


def test_another_dimension_is_another_model(
    index_files: IndexFiles, catalog: Catalog, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    catalog.add(model, [photo("/my photos/a", "h1", [1, 0, 0, 0])])
    with pytest.raises(ModelMismatch):
        index_files.of(ModelRef(model.fingerprint, "mini", 8))
