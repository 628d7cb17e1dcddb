"""One photo against several captions, by an encoder whose answers can be worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from search.errors import EmptyCaption
from search.score import score_captions

PHOTO = Image.new("RGB", (4, 4), (8, 3, 0))  # similarity 8 / 16, log-odds 3


def test_every_caption_is_judged(make_encoder: Any) -> None:
    scores = score_captions(make_encoder(), PHOTO, ["a dog ", "a cat"])
    assert [score.caption for score in scores] == ["a dog", "a cat"]
    assert [score.similarity for score in scores] == [0.5, 0.5]
    assert [score.probability for score in scores] == pytest.approx([0.9525741, 0.9525741])


def test_without_an_itm_head_there_is_no_probability(make_encoder: Any) -> None:
    (score,) = score_captions(make_encoder(can_match=False), PHOTO, ["a dog"])
    assert (score.similarity, score.probability) == (0.5, None)


def test_without_contrastive_heads_there_is_no_similarity(make_encoder: Any) -> None:
    (score,) = score_captions(make_encoder(can_embed=False), PHOTO, ["a dog"])
    assert score.similarity is None
    assert score.probability == pytest.approx(0.9525741)


@pytest.mark.parametrize("caption", ["", "   ", "\n\t"])
def test_an_empty_caption_is_refused(make_encoder: Any, caption: str) -> None:
    with pytest.raises(EmptyCaption):
        score_captions(make_encoder(), PHOTO, ["a dog", caption])
