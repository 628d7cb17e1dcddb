from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from storage.compressed_index import CompressedIndex
from storage.compressed_writing import build
from storage.index_loading import load
from storage.photo_set import PhotoSet
from storage.records import Ids, Vector

Make = Callable[..., CompressedIndex]


def circle(*degrees: float) -> Vector:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def clustered(count: int) -> Vector:
    random = np.random.default_rng(0)
    centres = random.standard_normal((40, 16))
    vectors = centres[random.integers(40, size=count)] + random.standard_normal((count, 16)) / 2
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32)


@pytest.fixture
def made(tmp_path: Path) -> Make:
    """An index whose exact rows are the vectors; the photo with vector n has the id n + 1."""

    def make(vectors: Vector, exact: bool = True) -> CompressedIndex:
        def rows() -> Iterator[tuple[Ids, Vector]]:
            yield np.arange(1, len(vectors) + 1), vectors

        def of(ids: Ids) -> tuple[Ids, Vector]:
            known = ids[::-1][ids[::-1] <= len(vectors)]  # in another order than asked for
            return known, vectors[known - 1]

        path = tmp_path / "index.faiss"
        index = load(path, build(path, vectors.shape[1], len(vectors), rows), of if exact else None)
        assert isinstance(index, CompressedIndex)
        return index

    return make


def test_exact_ids_and_scores(made: Make) -> None:
    vectors = circle(*(corner + n for corner in (0, 90, 180, 270) for n in range(10)))
    index = made(vectors)
    scores, ids = index.search(circle(93.2, 181.3), 3)
    assert ids.tolist() == [[14, 15, 13], [22, 23, 21]]
    assert scores[0].tolist() == pytest.approx(np.cos(np.radians([0.2, 0.8, 1.2])).tolist(), abs=1e-6)
    assert (str(scores.dtype), str(ids.dtype), len(index), index.dim) == ("float32", "int64", 40, 2)


def test_without_rows_scores_are_those_of_the_codes(made: Make) -> None:
    index = made(circle(*range(0, 360, 9)), exact=False)
    scores, ids = index.search(circle(90), 1)
    assert ids.tolist() == [[11]]
    assert scores[0, 0] == pytest.approx(1, abs=0.01)


def test_a_shorter_answer_is_the_start_of_a_longer_one(made: Make) -> None:
    vectors = clustered(3000)
    index = made(vectors)
    for allowed in (None, PhotoSet(np.arange(1, 3001, 2))):
        scores, ids = index.search(vectors[:10], 3000, allowed)
        assert ids.shape == (10, 3000 if allowed is None else 1500)
        assert all(len(set(row.tolist())) == len(row) for row in ids)
        for k in (1, 5, 15, 255, 256, 257, 400, 700, 1400):
            shorter = index.search(vectors[:10], k, allowed)
            assert shorter[1].tolist() == ids[:, :k].tolist()
            assert shorter[0].tolist() == scores[:, :k].tolist()


def test_equal_photos_come_in_order_of_ids_whatever_k(made: Make) -> None:
    index = made(np.repeat(circle(0, 90), 400, axis=0))
    for k in (1, 5, 300, 400):
        assert index.search(circle(0), k)[1].tolist() == [list(range(1, k + 1))]


def test_a_filter_misses_nothing(made: Make) -> None:
    vectors = clustered(3000)
    allowed = np.random.default_rng(3).permutation(3000)[:300] + 1
    scores, ids = made(vectors).search(vectors[:20], 100, allowed)
    exact = vectors[:20] @ vectors[allowed - 1].T
    assert ids.tolist() == allowed[np.argsort(-exact, axis=1)[:, :100]].tolist()
    assert scores == pytest.approx(-np.sort(-exact, axis=1)[:, :100], abs=1e-6)


def test_filters_that_allow_little_or_nothing(made: Make) -> None:
    index = made(circle(*range(0, 360, 9)))
    assert index.search(circle(0), 5, np.array([30, 999, -1]))[1].tolist() == [[30]]
    assert index.search(circle(0), 5, np.array([], dtype=np.int64))[1].shape == (1, 0)


def test_a_filter_of_many_photos_looks_through_more_lists(
    made: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.compressed_index.ALL_LISTS", 0)
    index = made(clustered(3000))
    index._probes, total = 8, index._lists.nlist
    for share, probes in ((1, 8), (3, 24), (3000, total)):
        first = next(index._widening(PhotoSet(np.arange(1, 3001, share))))
        assert first.nprobe == probes
    assert [each.nprobe for each in index._widening(None)] == [8, 16, 32, 64, 128, 256]
    assert total == 256


def test_photos_come_and_go(made: Make) -> None:
    index = made(circle(*range(0, 360, 9)))
    index.add(np.array([50, 60]), circle(4, 94))
    some = np.array([1, 11, 21, 50, 60])  # at 0, 90, 180, 4, 94
    assert index.search(circle(30), 5, some)[1].tolist() == [[50, 1, 11, 60, 21]]
    assert index.remove(np.array([50, 1, 99])) == 2
    assert index.search(circle(30), 5, some)[1].tolist() == [[11, 60, 21]]
    assert (len(index), 1 in index, 60 in index) == (40, False, True)


def test_what_the_rows_lack_keeps_its_near_score(made: Make) -> None:
    index = made(circle(*range(0, 360, 9)))
    index.add(np.array([50]), circle(4))  # no row is known of it
    scores, ids = index.search(circle(4), 1)
    assert (ids.tolist(), scores[0, 0]) == ([[50]], pytest.approx(1, abs=0.01))


def test_the_vectors_it_holds_are_near(made: Make) -> None:
    vectors = clustered(300)
    index = made(vectors)
    ids = np.array([300, 7])
    assert np.abs(index.vectors(ids) - vectors[ids - 1]).max() < 0.01
    index.add(np.array([900]), vectors[:1])
    assert np.abs(index.vectors(np.array([900])) - vectors[:1]).max() < 0.01
    assert index.remove(ids) == 2
    assert np.abs(index.vectors(np.array([900])) - vectors[:1]).max() < 0.01


def test_the_nearest_of_many_at_once(made: Make) -> None:
    vectors = circle(*(corner + n for corner in (0, 90, 180, 270) for n in range(10)))
    scores, ids = made(vectors).nearest(vectors, 1)
    assert ids[:, 0].tolist() == list(range(1, 41))
    assert scores[:, 0] == pytest.approx(np.ones(40), abs=0.01)
