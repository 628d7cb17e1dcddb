import faiss
import numpy as np
import pytest

from storage.probes import Probing


@pytest.fixture
def index() -> faiss.IndexIVF:
    """Two lists, with their centres along x and along y."""
    quantizer = faiss.IndexFlatIP(2)
    quantizer.add(np.eye(2, dtype=np.float32))
    return faiss.IndexIVFFlat(quantizer, 2, 2, faiss.METRIC_INNER_PRODUCT)


def along(count: int, x: float, y: float) -> np.ndarray:
    return np.tile(np.array([[x, y]], dtype=np.float32), (count, 1))


def looked_at(index: faiss.IndexIVF, *parts: tuple[int, float, float, int]) -> Probing:
    """A sample of one photo along x, and the given photos: how many, where, and in which list."""
    probing = Probing(along(1, 1, 0), index)
    for count, x, y, number in ((1, 1, 0, 0), *parts):
        probing.look_at(along(count, x, y), np.full(count, number))
    return probing


def test_all_of_the_hundred_nearest_are_in_the_nearest_list(index: faiss.IndexIVF) -> None:
    assert looked_at(index, (50, 0.6, 0.8, 0), (900, 0, 1, 1), (50, 0.8, 0.6, 0)).needed() == (1, 1.0)


def test_one_in_a_hundred_may_lie_elsewhere(index: faiss.IndexIVF) -> None:
    assert looked_at(index, (1, 0.8, 0.6, 1), (99, 0.6, 0.8, 0), (900, 0, 1, 1)).needed() == (1, 0.99)
    assert looked_at(index, (2, 0.8, 0.6, 1), (98, 0.6, 0.8, 0), (900, 0, 1, 1)).needed() == (2, 1.0)


def test_fewer_photos_than_a_shortlist(index: faiss.IndexIVF) -> None:
    assert looked_at(index).needed() == (1, 1.0)
    assert looked_at(index, (3, 0.6, 0.8, 1)).needed() == (2, 1.0)
    assert len(looked_at(index)) == 1
