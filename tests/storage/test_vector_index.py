import numpy as np
import pytest

from storage.errors import VectorsInvalid
from storage.photo_set import PhotoSet
from storage.records import Ids, Vector
from storage.vector_index import VectorIndex


def floats(*rows: list[float]) -> Vector:
    return np.array(rows, dtype=np.float32)


def ids_of(*ids: int) -> Ids:
    return np.array(ids, dtype=np.int64)


@pytest.fixture
def index() -> VectorIndex:
    """Three photos: along x, at 3-4-5, along y."""
    made = VectorIndex(2)
    made.add(ids_of(10, 20, 30), floats([1, 0], [0.6, 0.8], [0, 1]))
    return made


def test_exact_ids_and_scores(index: VectorIndex) -> None:
    scores, ids = index.search(floats([1, 0], [0, 1]), 2)
    assert ids.tolist() == [[10, 20], [30, 20]]
    assert scores.tolist() == floats([1, 0.6], [1, 0.8]).tolist()
    assert str(scores.dtype) == "float32"
    assert str(ids.dtype) == "int64"


def test_a_k_larger_than_the_index_gives_what_there_is(index: VectorIndex) -> None:
    scores, ids = index.search(floats([1, 0]), 100)
    assert ids.tolist() == [[10, 20, 30]]
    assert scores.shape == (1, 3)


def test_an_empty_index_gives_nothing() -> None:
    scores, ids = VectorIndex(2).search(floats([1, 0], [0, 1]), 5)
    assert scores.shape == ids.shape == (2, 0)


def test_only_allowed_photos_are_found(index: VectorIndex) -> None:
    assert index.search(floats([1, 0]), 2, ids_of(30, 20))[1].tolist() == [[20, 30]]
    assert index.search(floats([1, 0]), 5, ids_of(30, 999, -1))[1].tolist() == [[30]]
    assert index.search(floats([1, 0]), 5, ids_of())[1].shape == (1, 0)


@pytest.mark.parametrize("k", [1, 3, 40, 1000])
@pytest.mark.parametrize("share", [0.01, 0.5, 1.0])
def test_search_equals_brute_force(k: int, share: float) -> None:
    # Small whole numbers: every product is exact, and there are many equal scores.
    random = np.random.default_rng(7)
    vectors = random.integers(-2, 3, size=(600, 6)).astype(np.float32)
    queries = random.integers(-2, 3, size=(30, 6)).astype(np.float32)
    ids = random.permutation(2000)[:600].astype(np.int64)
    index = VectorIndex(6)
    index.add(ids, vectors)
    kept = random.random(600) < share
    scores, found = index.search(queries, k, ids[kept])
    for query, score, one in zip(queries, scores, found, strict=True):
        exact = vectors[kept] @ query
        best = np.lexsort((ids[kept], -exact))[:k]
        assert one.tolist() == ids[kept][best].tolist()
        assert score.tolist() == exact[best].tolist()


def test_equal_scores_come_in_order_of_ids_whatever_k() -> None:
    index = VectorIndex(2)
    index.add(np.arange(99, -1, -1), np.repeat(floats([1, 0]), 100, axis=0))
    for k in (1, 5, 64, 100):
        assert index.search(floats([1, 0]), k)[1].tolist() == [list(range(k))]


def test_a_set_of_photos_is_searched_as_its_ids_are(index: VectorIndex) -> None:
    allowed = PhotoSet(ids_of(30, 20))
    for _ in range(2):  # it is kept from search to search
        assert index.search(floats([1, 0]), 2, allowed)[1].tolist() == [[20, 30]]


def test_which_of_some_photos_are_here(index: VectorIndex) -> None:
    assert index.among(ids_of(40, 30, 5, 10, 2**40)).tolist() == [30, 10]
    assert VectorIndex(2).among(ids_of(1)).tolist() == []
    assert "10" not in index


def test_removed_photos_are_found_no_more(index: VectorIndex) -> None:
    assert index.remove(ids_of(20, 99)) == 1
    assert (len(index), 20 in index, 10 in index) == (2, False, True)
    assert index.search(floats([0.6, 0.8]), 5)[1].tolist() == [[30, 10]]
    index.add(ids_of(20), floats([-1, 0]))
    assert index.search(floats([1, 0]), 5)[1].tolist() == [[10, 30, 20]]
    assert index.ids.tolist() == [10, 20, 30]


@pytest.mark.parametrize(
    ("ids", "vectors", "message"),
    [
        ([1], [[1, 0, 0]], r"shape \(1, 3\), and the index takes \(n, 2\)"),
        ([1], [1, 0], r"shape \(2,\), and the index takes \(n, 2\)"),
        ([1, 2], [[1, 0]], r"1 vectors come with ids of shape \(2,\)"),
        ([20], [[1, 0]], r"new and at least 0: \[20\]"),
        ([1, 1], [[1, 0], [0, 1]], r"new and at least 0: \[1\]"),
        ([-1], [[1, 0]], r"new and at least 0: \[-1\]"),
        ([1], [[float("nan"), 0]], "not finite"),
    ],
)
def test_add_refuses(index: VectorIndex, ids: list[int], vectors: list[list[float]], message: str) -> None:
    with pytest.raises(VectorsInvalid, match=message):
        index.add(np.array(ids), np.array(vectors, dtype=np.float32))
    assert index.ids.tolist() == [10, 20, 30]


def test_search_refuses(index: VectorIndex) -> None:
    with pytest.raises(VectorsInvalid, match=r"shape \(1, 3\), and the index takes \(n, 2\)"):
        index.search(floats([1, 0, 0]), 1)
    with pytest.raises(VectorsInvalid, match="not finite"):
        index.search(floats([float("nan"), 0]), 1)
    with pytest.raises(VectorsInvalid, match="k is 0"):
        index.search(floats([1, 0]), 0)
