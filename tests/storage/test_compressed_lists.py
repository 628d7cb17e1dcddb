import tempfile
from pathlib import Path

import faiss
import numpy as np
import pytest

from storage.compressed_lists import HEAD, Filed, header, spooled, trained
from storage.errors import IndexDamaged
from storage.index_description import IndexDescription
from storage.photo_set import PhotoSet

EAST, NORTH = [1.0, 0.0], [0.0, 1.0]
ROWS = [
    (np.array([7, 3]), np.array([NORTH, EAST], dtype=np.float32)),
    (np.array([5]), np.array([NORTH], dtype=np.float32)),
]


@pytest.fixture
def index() -> faiss.IndexIVF:
    """Lists 0 to the east and 1 to the north."""
    quantizer = faiss.IndexFlatIP(2)
    made = faiss.IndexIVFScalarQuantizer(
        quantizer, 2, 2, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    quantizer.add(np.array([EAST, NORTH], dtype=np.float32))
    made.train(np.array([EAST, NORTH, [0.6, 0.8]], dtype=np.float32))
    return made


@pytest.fixture
def filed(index: faiss.IndexIVF, tmp_path: Path) -> tuple[Path, IndexDescription]:
    """A file with those rows, as FAISS writes it."""
    for photo_ids, vectors in ROWS:
        index.add_with_ids(vectors, photo_ids)
    path = tmp_path / "index.faiss"
    path.write_bytes(faiss.serialize_index(index).tobytes())
    index.reset()
    return path, IndexDescription("IVF2,SQ8", 3, 1, 1, 1, 3, len(header(index, 0)))


def test_rows_are_gathered_by_list(index: faiss.IndexIVF) -> None:
    shown = []
    with tempfile.TemporaryFile() as file:
        found = spooled(index, file, ROWS, lambda vectors, lists: shown.append(lists.tolist()))
        assert found.lengths.tolist() == [1, 2]
        assert [ids.tolist() for _, ids in found.each()] == [[3], [7, 5]]
        assert [codes.shape for codes, _ in found.each()] == [(1, 2), (2, 2)]
    assert shown == [[1, 0], [1]]


def test_no_rows(index: faiss.IndexIVF) -> None:
    with tempfile.TemporaryFile() as file:
        found = spooled(index, file, [])
        assert [ids.tolist() for _, ids in found.each()] == [[], []]


def test_the_lists_of_a_file_without_some_photos(filed: tuple[Path, IndexDescription]) -> None:
    found = Filed(*filed, PhotoSet(np.array([3, 5, 99])))
    assert found.lengths.tolist() == [1, 1]
    assert [ids.tolist() for _, ids in found.each()] == [[3], [5]]


def test_the_codes_of_a_file_are_those_of_its_rows(
    index: faiss.IndexIVF, filed: tuple[Path, IndexDescription]
) -> None:
    with tempfile.TemporaryFile() as file:
        new = [codes.tolist() for codes, _ in spooled(index, file, ROWS).each()]
    assert [codes.tolist() for codes, _ in Filed(*filed, PhotoSet(np.array([3, 5, 7]))).each()] == new


def test_a_file_s_index_is_trained_and_empty(
    index: faiss.IndexIVF, filed: tuple[Path, IndexDescription]
) -> None:
    found = trained(*filed)
    assert (found.ntotal, found.nlist, found.is_trained) == (0, 2, True)
    assert header(found, 5) == header(index, 5)


def test_another_kind_of_index_is_refused(tmp_path: Path) -> None:
    whole = faiss.serialize_index(faiss.IndexFlatIP(2)).tobytes()
    path = tmp_path / "index.faiss"
    path.write_bytes(whole + bytes(HEAD.size))
    with pytest.raises(IndexDamaged, match="holds a IndexFlatIP, and an IndexIVF is expected"):
        trained(path, IndexDescription("IVF2,SQ8", 0, 1, 1, 1, 1, len(whole)))
