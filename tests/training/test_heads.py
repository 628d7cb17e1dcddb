"""The teacher's heads: recall and contrastive loss by hand, and a set that is easily learned."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from training.heads import contrastive_loss, recall_at_k, train_heads
from training.journal import Journal
from training.teacher import CHANNELS


def test_recall_counts_captions_whose_photo_is_near_enough() -> None:
    photos = torch.eye(12)
    captions = torch.zeros(4, 12)
    captions[:, :] = torch.linspace(0.9, 0.1, 12)  # every caption ranks the photos 0, 1, 2, ...
    found = recall_at_k(captions, photos, np.array([0, 1, 6, 11]))
    assert found == {"recall@1": 25.0, "recall@5": 50.0, "recall@10": 75.0}


def test_the_loss_of_two_pairs_that_are_told_apart() -> None:
    loss = contrastive_loss(torch.eye(2), torch.eye(2), torch.eye(2).bool(), torch.tensor(0.0))
    assert loss.item() == pytest.approx(math.log(1 + math.exp(-1)))  # logits 1 and 0, both ways


def test_the_scale_is_a_logarithm() -> None:
    loss = contrastive_loss(torch.eye(2), torch.eye(2), torch.eye(2).bool(), torch.tensor(math.log(3)))
    assert loss.item() == pytest.approx(math.log(1 + math.exp(-3)))


def test_every_caption_of_a_photo_is_a_true_pair() -> None:
    captions = torch.eye(2)[[0, 0, 1]]
    same = torch.tensor([[True, True, False], [False, False, True]])
    loss = contrastive_loss(torch.eye(2), captions, same, torch.tensor(0.0))
    e = math.e
    to_captions = (math.log(2 * e + 1) - 1 + math.log(2 + e) - 1) / 2
    to_photos = math.log(e + 1) - 1
    assert loss.item() == pytest.approx((to_captions + to_photos) / 2)


def test_the_heads_of_the_best_epoch_are_kept(tmp_path: Path) -> None:
    n = 40  # photos that look nothing alike, with two captions each
    photos = 10 * torch.eye(n).repeat_interleave(2 * CHANNELS // n, dim=1) / math.sqrt(2 * CHANNELS / n)
    owner = np.repeat(np.arange(n), 2)
    sentences = torch.eye(n, 384)[owner]
    journal = Journal(tmp_path / "journal.jsonl")
    heads = train_heads([photos], sentences, owner, (photos, sentences, owner), 16, 60, 0, journal)
    lines = (tmp_path / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    epochs = [json.loads(line) for line in lines]
    assert [event["epoch"] for event in epochs] == list(range(60))
    with torch.inference_mode():
        found = recall_at_k(heads.embed_captions(sentences), heads.embed_photos(photos), owner)
    assert found["recall@10"] == 100.0 == max(event["dev"]["recall@10"] for event in epochs)
