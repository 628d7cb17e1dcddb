"""The fusion stage: hard negatives by hand, groups whose first pair is true, and what its losses measure."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import BertTokenizer

from training import fusion
from training.contrastive import embed_tokens
from training.fusion import (
    LEARNING,
    NEAREST,
    WRONG_CAPTIONS,
    WRONG_PHOTOS,
    ConfusingPairs,
    blank_loss,
    cache_photo_layers,
    caption_part,
    confusing_pairs,
    draw_groups,
    log_odds,
    matching_loss,
    photo_part,
    shortlist_log_odds,
)
from training.mini import HIDDEN, Mini, tokenize
from training.recipe import only
from training.vision import embed_states

PAIRS = torch.tensor([[0, 0], [1, 0]])  # two photos with one caption
GROUP = [torch.tensor([[0, 1]])]  # of which the first is its own


@pytest.fixture(scope="module")
def layers(mini: Mini, feature_maps: NDArray[np.float16]) -> Tensor:
    """What fusion reads of four photos."""
    return cache_photo_layers(mini, feature_maps).clone()  # so that a loss may be differentiated


def at(degrees: list[int]) -> Tensor:
    """Unit vectors in the plane."""
    angles = torch.tensor(degrees).deg2rad()
    return torch.stack([angles.cos(), angles.sin()], dim=1)


def test_the_nearest_wrong_ones_are_confusing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fusion, "NEAREST", 2)
    pairs = confusing_pairs(at([0, 10, 30, 90]), at([0, 12, 85, 28]), np.array([0, 1, 3, 2]))
    assert pairs.photos_of_caption.tolist() == [[1, 2], [0, 2], [2, 1], [1, 0]]
    assert pairs.captions_of_photo.tolist() == [[1, 3], [0, 3], [1, 0], [3, 1]]


def test_no_caption_of_its_own_confuses_a_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fusion, "NEAREST", 1)
    pairs = confusing_pairs(at([0, 90]), at([0, 5, 80]), np.array([0, 0, 1]))
    assert pairs.captions_of_photo.tolist() == [[2], [1]]


def test_the_first_pair_of_each_group_is_the_true_one() -> None:
    owner = np.repeat(np.arange(60), 2)  # two captions a photo
    wrong_photos = [[p for p in range(60) if p != owner[c]][:NEAREST] for c in range(120)]
    wrong_captions = [[c for c in range(120) if owner[c] != p][:NEAREST] for p in range(60)]
    confusing = ConfusingPairs(np.array(wrong_photos), np.array(wrong_captions))
    asked = np.array([7, 100, 3])
    batch = draw_groups(asked, owner, confusing, np.random.default_rng(0))
    photos, captions = batch.photos[batch.pairs[:, 0]], batch.captions[batch.pairs[:, 1]]
    by_caption, by_photo = (group.numpy() for group in batch.groups)
    assert by_caption.shape == (3, 1 + WRONG_PHOTOS) and by_photo.shape == (3, 1 + WRONG_CAPTIONS)
    for group in (by_caption, by_photo):
        assert captions[group[:, 0]].tolist() == asked.tolist()
        true = owner[captions[group]] == photos[group]
        assert true[:, 0].all() and not true[:, 1:].any()
    assert (captions[by_caption] == asked[:, None]).all()  # one caption, many photos
    assert (photos[by_photo] == owner[asked][:, None]).all()  # one photo, many captions
    assert all(len(set(row)) == 1 + WRONG_PHOTOS for row in photos[by_caption].tolist())


def test_odds_that_do_not_tell_apart_cost_the_guess(
    own_mini: Mini, layers: Tensor, tokenizer: BertTokenizer
) -> None:
    nn.init.zeros_(own_mini.itm_score.fc.weight)
    nn.init.zeros_(own_mini.itm_score.fc.bias)
    loss = matching_loss(own_mini, layers[:2], tokenize(tokenizer, ["a dog"]), PAIRS, GROUP)
    # The true one of two, and yes or no of both at even odds.
    assert loss.item() == pytest.approx(math.log(2) + 0.25 * 2 * math.log(2), abs=1e-5)


@pytest.mark.parametrize("odds", [4.0, -4.0])
def test_the_loss_falls_as_the_odds_favour_the_truth(
    own_mini: Mini, layers: Tensor, tokenizer: BertTokenizer, odds: float
) -> None:
    tokens = tokenize(tokenizer, ["a dog"])
    with torch.no_grad():
        photos, captions = photo_part(own_mini, layers[:2]), caption_part(own_mini, *tokens).expand(2)
        true, lie = log_odds(own_mini, photos, captions)[1]
        # A head that gives the true pair these log-odds, and the other their opposite.
        towards = (true - lie) * 2 * odds / (true - lie).square().sum()
        own_mini.itm_score.fc.weight.copy_(torch.stack([torch.zeros_like(towards), towards]))
        own_mini.itm_score.fc.bias.copy_(torch.stack([torch.zeros(()), -towards @ (true + lie) / 2]))
    loss = matching_loss(own_mini, layers[:2], tokens, PAIRS, GROUP)
    by_hand = math.log1p(math.exp(-2 * odds)) + 0.25 * 2 * math.log1p(math.exp(-odds))
    assert loss.item() == pytest.approx(by_hand, rel=1e-2, abs=1e-3)
    assert (loss.item() < 1.5 * math.log(2)) == (odds > 0)


def test_blanks_stand_for_the_captions_words(
    own_mini: Mini, layers: Tensor, tokenizer: BertTokenizer
) -> None:
    class AlwaysDog(nn.Module):
        """Sure that every blank is a dog, and keeps how many it was asked about."""

        blanks = 0

        def forward(self, states: Tensor) -> Tensor:
            self.blanks = len(states)
            logits = torch.zeros(len(states), len(tokenizer))
            logits[:, tokenizer.convert_tokens_to_ids("dog")] = 50
            return logits

    head = own_mini.mlm_score = AlwaysDog()  # type: ignore[assignment]
    torch.manual_seed(0)
    dogs = blank_loss(own_mini, tokenizer, layers[:2], ["dog dog dog dog dog dog", "dog"])
    assert dogs.item() == pytest.approx(0, abs=1e-5)  # neither [CLS], [SEP] nor padding was asked about
    assert 2 <= head.blanks <= 7
    cats = blank_loss(own_mini, tokenizer, layers[:2], ["cat", "cat"])
    assert cats.item() == pytest.approx(50, abs=1e-3)
    assert head.blanks == 2  # each caption has one word, and each has a blank


def test_photos_are_kept_as_fusion_reads_them(layers: Tensor) -> None:
    assert layers.shape == (4, 2, 50, HIDDEN)
    assert layers.dtype == torch.float16


@torch.inference_mode()
def test_a_shortlist_is_judged_in_its_own_order(mini: Mini, layers: Tensor, tokenizer: BertTokenizer) -> None:
    shortlist = torch.tensor([[3, 0], [1, 2]])
    captions = ["a dog runs", "snow"]
    judged = shortlist_log_odds(mini, tokenizer, layers, captions, shortlist)
    for row, caption in enumerate(captions):
        for column, photo in enumerate(shortlist[row].tolist()):
            states = caption_part(mini, *tokenize(tokenizer, [caption]))
            alone, _ = log_odds(mini, photo_part(mini, layers[photo : photo + 1]), states)
            assert judged[row, column].item() == pytest.approx(alone.item(), abs=1e-4)


def test_what_the_search_embeds_with_stands_still(own_mini: Mini, tokenizer: BertTokenizer) -> None:
    only(own_mini, LEARNING)
    assert not embed_states(own_mini, torch.zeros(1, 50, HIDDEN)).requires_grad
    assert not embed_tokens(own_mini, *tokenize(tokenizer, ["a dog"])).requires_grad
    assert own_mini.itm_score.fc.weight.requires_grad


def test_a_lone_pair_is_nearest_to_itself(mini: Mini, layers: Tensor, tokenizer: BertTokenizer) -> None:
    unit = F.normalize(torch.ones(1, 256), dim=-1)
    loss = fusion.cross_embedding_loss(mini, layers[:1], tokenize(tokenizer, ["a dog"]), unit, unit)
    assert loss.item() == pytest.approx(0, abs=1e-6)
