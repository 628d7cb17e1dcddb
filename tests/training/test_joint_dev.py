"""Dev during the joint stage: recall counted by hand, and what a head that says nothing finds."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from transformers import BertTokenizer

from training import joint_dev
from training.joint import JointData
from training.mini import SIDE, Mini, tokenize


def test_recall_is_the_share_of_captions_whose_photo_is_that_near_the_top() -> None:
    shortlist = torch.tensor([[5, 6, 7], [6, 5, 7], [7, 6, 5], [6, 7, 8]])
    scores = torch.tensor([[0.9, 0.5, 0.1]] * 4)
    found = joint_dev.found_at(scores, shortlist, torch.tensor([5, 5, 5, 5]))
    assert found == [25.0, 75.0, 75.0]  # first, second, third, and not at all


def test_with_a_head_that_says_nothing_the_similarity_decides(
    own_mini: Mini, tokenizer: BertTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joint_dev, "SHORTLIST", 4)
    nn.init.zeros_(own_mini.itm_score.fc.weight)
    nn.init.zeros_(own_mini.itm_score.fc.bias)
    pixels = torch.randint(
        0, 256, (4, 3, SIDE, SIDE), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    ids, _ = tokenize(tokenizer, ["a dog", "the cat sleeps", "two red boat", "snow", "grass", "a cat"])
    dev = joint_dev.JointDev(JointData(pixels, ids, torch.tensor([0, 0, 1, 2, 3, 3])), every=2)
    found = dev.recall(own_mini.eval())
    for k in (1, 5, 10):
        assert found[f"both@{k}"] == found[f"similarity@{k}"]
    assert found["similarity@5"] == 100  # there are four photos, of which every shortlist has all
