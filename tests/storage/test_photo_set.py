import numpy as np

from storage.photo_set import PhotoSet


def test_one_bit_each() -> None:
    some = PhotoSet(np.array([9, 0, 3, 9, -1]))
    assert some.bits.tolist() == [0b1001, 0b10]
    assert len(some) == 3
    assert some.ids.tolist() == [0, 3, 9]
    assert str(some.ids.dtype) == "int64"


def test_which_of_some_photos_it_holds() -> None:
    some = PhotoSet(np.array([0, 3, 9]))
    assert some.holds(np.array([3, 4, -1, 9, 16, 2**40])).tolist() == [True, False, False, True, False, False]


def test_an_empty_set() -> None:
    none = PhotoSet(np.array([], dtype=np.int64))
    assert (len(none), none.ids.tolist(), none.holds(np.array([0])).tolist()) == (0, [], [False])
