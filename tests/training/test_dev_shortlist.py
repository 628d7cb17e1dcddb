"""The re-rank's measure on dev: what is tried, and that a shortlist of everything finds everything."""

from __future__ import annotations

import numpy as np
import pytest
from transformers import BertTokenizer

from training.dev_shortlist import SHORTLIST, WEIGHTS, DevShortlist
from training.mini import Mini
from training.photos import CaptionedPhotos


@pytest.fixture
def on_dev(mini: Mini, tokenizer: BertTokenizer) -> DevShortlist:
    """100 photos of noise and 2 captions, with the shortlist of all photos."""
    features = np.random.default_rng(0).random((SHORTLIST, 112, 14, 14)).astype(np.float16)
    pixels = np.zeros((0, 224, 224, 3), np.uint8)
    dev = CaptionedPhotos(["x"] * SHORTLIST, pixels, ["a dog", "a cat"], np.array([3, 4]))
    return DevShortlist(mini, tokenizer, dev, features, captions=2)


def test_a_rerank_by_matching_alone_is_among_the_weights_tried() -> None:
    assert WEIGHTS[0] == 0.0 and list(WEIGHTS) == sorted(WEIGHTS)


def test_every_weight_is_measured_and_the_best_sum_wins(on_dev: DevShortlist, mini: Mini) -> None:
    best, found = on_dev.best_weight(mini)
    assert list(found) == list(WEIGHTS)
    assert sum(found[best].values()) == max(sum(each.values()) for each in found.values())
    assert {value for each in found.values() for value in each.values()} <= {0.0, 50.0, 100.0}
