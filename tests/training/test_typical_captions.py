"""Groups of captions that anybody would make."""

from __future__ import annotations

import numpy as np

from training.typical_captions import typical_captions


def test_each_group_is_its_middle_and_its_share_the_largest_first() -> None:
    embeddings = np.array([[1, 0], [0, 1], [0.8, 0.6], [0.8, 0.6]], np.float32)
    found = typical_captions(embeddings, groups=2)
    assert found.shares.tolist() == [0.75, 0.25]
    np.testing.assert_allclose(found.embeddings, np.array([[2.6 / 3, 0.4], [0, 1]]), atol=1e-6)


def test_there_are_no_more_groups_than_captions() -> None:
    found = typical_captions(np.eye(3, dtype=np.float32))
    np.testing.assert_allclose(found.shares, 1 / 3)
    assert sorted(found.embeddings.argmax(1).tolist()) == [0, 1, 2]
