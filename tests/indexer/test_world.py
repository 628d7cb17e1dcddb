"""The towns that make the map."""

import numpy as np

from indexer.world import towns


def test_the_largest_town_is_shanghai_and_all_are_on_the_globe() -> None:
    found = towns()
    assert len(found) > 100_000
    assert np.allclose(found[0], (31.22, 121.46), atol=0.01)
    assert (np.abs(found) <= (90, 180)).all()
