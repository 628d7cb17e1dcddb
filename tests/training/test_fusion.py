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
    CLUSTER,
    LEARNING,
    NEAREST,
    blank_loss,
    cache_photo_layers,
    caption_part,
    confusing_photos,
    draw_cluster,
    log_odds,
    matching_loss,
    photo_part,
    shortlist_log_odds,
    some_patches,
    start_blanks,
)
from training.mini import HIDDEN, Mini, tokenize
from training.parts import only
from training.vision import embed_states


@pytest.fixture(scope="module")
def layers(mini: Mini, feature_maps: NDArray[np.float16]) -> Tensor:
    """What fusion reads of four photos."""
    return cache_photo_layers(mini, feature_maps).clone()  # so that a loss may be differentiated


def at(degrees: list[int]) -> Tensor:
    """Unit vectors in the plane."""
    angles = torch.tensor(degrees).deg2rad()
    return torch.stack([angles.cos(), angles.sin()], dim=1)


def test_the_nearest_wrong_photos_are_confusing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fusion, "NEAREST", 2)
    nearest = confusing_photos(at([0, 10, 30, 90]), at([0, 12, 85, 28]), np.array([0, 1, 3, 2]))
    assert nearest.tolist() == [[1, 2], [0, 2], [2, 1], [1, 0]]


def test_a_cluster_is_a_captions_photo_and_those_it_confuses_with_a_caption_of_each() -> None:
    owner = np.repeat(np.arange(60), 2)  # two captions a photo
    nearest = np.array([[p for p in range(60) if p != owner[c]][:NEAREST] for c in range(120)])
    photos, captions = draw_cluster(100, owner, nearest, np.random.default_rng(0))
    assert (photos[0], captions[0]) == (50, 100)
    assert owner[captions].tolist() == photos.tolist()
    assert len(set(photos.tolist())) == CLUSTER
    assert set(photos[1:].tolist()) <= set(nearest[100].tolist())


def test_odds_that_do_not_tell_apart_cost_the_guess(
    own_mini: Mini, layers: Tensor, tokenizer: BertTokenizer
) -> None:
    nn.init.zeros_(own_mini.itm_score.fc.weight)
    nn.init.zeros_(own_mini.itm_score.fc.bias)
    loss = matching_loss(own_mini, layers[:2], tokenize(tokenizer, ["a dog", "a red boat"]))
    # The true one of two, both ways, and yes or no at even odds.
    assert loss.item() == pytest.approx(2 * math.log(2) + 0.25 * 2 * math.log(2), abs=1e-5)


@pytest.mark.parametrize("right", [True, False])
def test_the_loss_falls_as_the_odds_favour_the_truth(
    own_mini: Mini, layers: Tensor, tokenizer: BertTokenizer, right: bool
) -> None:
    tokens = tokenize(tokenizer, ["a dog", "a red boat on the snow"])
    with torch.no_grad():
        rows, columns = torch.tensor([0, 0, 1, 1]), torch.tensor([0, 1, 0, 1])
        photos, captions = photo_part(own_mini, layers[:2]), caption_part(own_mini, *tokens)
        pooled = log_odds(own_mini, photos.select(rows), captions.select(columns))[1]
        # A head that gives true pairs log-odds of 4 and others -4, or the opposite.
        wanted = torch.tensor([4.0, -4.0, -4.0, 4.0]) * (1 if right else -1)
        solution = torch.linalg.lstsq(pooled.double(), wanted.double()[:, None], driver="gelsd").solution
        own_mini.itm_score.fc.weight.copy_(torch.stack([torch.zeros(768), solution[:, 0].float()]))
        own_mini.itm_score.fc.bias.zero_()
    loss = matching_loss(own_mini, layers[:2], tokens).item()
    odds = 4 if right else -4
    by_hand = 2 * math.log1p(math.exp(-2 * odds)) + 0.25 * 2 * math.log1p(math.exp(-odds))
    assert loss == pytest.approx(by_hand, rel=0.02, abs=2e-3)


def test_patches_are_left_out_of_all_photos_alike() -> None:
    layers = torch.arange(50.0).reshape(1, 1, 50, 1).expand(3, 2, 50, 1)
    some = some_patches(layers, kept=25)
    assert some.shape == (3, 2, 26, 1)
    kept = some[0, 0, :, 0].tolist()
    assert kept[0] == 0 and len(set(kept)) == 26
    assert (some == some[:1, :1]).all()


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


def test_the_masked_lm_head_begins_with_what_is_frequent(own_mini: Mini, tokenizer: BertTokenizer) -> None:
    start_blanks(own_mini, tokenizer, ["dog dog dog cat", "dog cat"])
    bias = own_mini.mlm_score.bias
    dog, cat, boat = (tokenizer.get_vocab()[word] for word in ("dog", "cat", "boat"))
    assert (bias[dog] - bias[cat]).item() == pytest.approx(math.log(4.1 / 2.1), abs=1e-4)
    assert bias[boat] == bias[tokenizer.cls_token_id]  # never seen, and never to be proposed
    assert bias.exp().sum().item() == pytest.approx(1, abs=1e-4)
