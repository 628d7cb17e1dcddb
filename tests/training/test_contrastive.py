"""The contrastive stage: captions drawn for photos, the caption head's start, and what the loss adds up."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional as F
from transformers import BertTokenizer

from training.contrastive import (
    LARGEST_SCALE,
    PairTargets,
    draw_captions,
    embed_captions,
    embed_tokens,
    pair_loss,
    start_caption_head,
)
from training.heads import contrastive_loss
from training.mini import DIM, Mini, tokenize
from training.vision import embed_states, states_of_features

CAPTIONS = ["a red boat on the snow", "dog", "two cats", "the dog runs"]


def test_each_photo_gets_a_caption_of_its_own() -> None:
    owner = np.array([0, 0, 0, 1, 2, 2])
    drawn = draw_captions(owner, np.array([2, 0, 1]), seed=0)
    assert owner[drawn].tolist() == [2, 0, 1]
    seen = {int(draw_captions(owner, np.array([0]), seed=seed)[0]) for seed in range(50)}
    assert seen == {0, 1, 2}  # in time, each of them
    assert np.array_equal(drawn, draw_captions(owner, np.array([2, 0, 1]), seed=0))


def test_captions_embed_to_unit_length_in_the_order_given(mini: Mini, tokenizer: BertTokenizer) -> None:
    embedded = embed_captions(mini, tokenizer, CAPTIONS)
    assert embedded.norm(dim=1).tolist() == pytest.approx([1] * 4, abs=1e-5)
    alone = torch.cat([embed_captions(mini, tokenizer, [caption]) for caption in CAPTIONS])
    torch.testing.assert_close(embedded, alone, atol=1e-5, rtol=0)


def test_the_caption_head_begins_near_the_teacher(own_mini: Mini, tokenizer: BertTokenizer) -> None:
    taught = torch.eye(4, DIM)
    start_caption_head(own_mini, tokenizer, CAPTIONS, taught)
    embedded = embed_captions(own_mini, tokenizer, CAPTIONS)
    assert (embedded @ taught.T).argmax(1).tolist() == [0, 1, 2, 3]
    assert (embedded * taught).sum(1).min() > 0.9


@torch.inference_mode()
def test_towers_that_agree_with_the_teacher_are_judged_by_the_pairs_alone(
    own_mini: Mini, tokenizer: BertTokenizer, feature_maps: NDArray[np.float16]
) -> None:
    states = states_of_features(own_mini, torch.from_numpy(feature_maps[:2].astype(np.float32)))
    tokens = tokenize(tokenizer, CAPTIONS[:2])
    photos, captions = embed_states(own_mini, states), embed_tokens(own_mini, *tokens)
    targets = PairTargets(
        F.normalize(torch.randn(1, 5, DIM), dim=-1), F.normalize(torch.randn(9, DIM), dim=-1)
    )
    same = torch.eye(2, dtype=torch.bool)
    for scale in (1.0, 10.0):  # the second is beyond the largest allowed
        own_mini.logit_scale.fill_(scale)
        hard = contrastive_loss(photos, captions, same, torch.tensor(min(scale, LARGEST_SCALE)))
        loss = pair_loss(own_mini, states, tokens, (photos, captions), targets)
        assert loss.item() == pytest.approx(hard.item(), abs=1e-4)


@torch.inference_mode()
def test_an_embedding_opposite_to_the_teachers_costs_four(
    mini: Mini, tokenizer: BertTokenizer, feature_maps: NDArray[np.float16]
) -> None:
    states = states_of_features(mini, torch.from_numpy(feature_maps[:2].astype(np.float32)))
    tokens = tokenize(tokenizer, CAPTIONS[:2])
    photos, captions = embed_states(mini, states), embed_tokens(mini, *tokens)
    nowhere = PairTargets(torch.zeros(1, 5, DIM), torch.zeros(9, DIM))  # every ranking is flat
    agreeing = pair_loss(mini, states, tokens, (photos, captions), nowhere)
    opposed = pair_loss(mini, states, tokens, (-photos, -captions), nowhere)
    assert (opposed - agreeing).item() == pytest.approx(4, abs=1e-4)  # 1 - cosine, from 0 to 2, twice
