"""Graded truth by hand: two photos, three captions in the plane."""

from __future__ import annotations

import math

import pytest
import torch

from training.relevance import Relevance, graded, graded_cross_entropy

# Captions 0 and 1 describe photo 0, caption 2 photo 1; they point to 0, 60 and 90 degrees.
ANGLES = torch.tensor([0.0, 60.0, 90.0]).deg2rad()
SENTENCES = torch.stack([ANGLES.cos(), ANGLES.sin()], dim=1)
OWNER = torch.tensor([0, 0, 1])


def test_a_caption_is_compared_with_what_others_say_about_a_photo() -> None:
    found = Relevance(SENTENCES, OWNER)(torch.tensor([0, 2]), torch.tensor([0, 1]))
    # Caption 0 leaves itself out: cos 60. Caption 2 is the only one of its photo: nobody else said anything.
    expected = [[0.5, 0.0], [(0 + math.cos(math.radians(30))) / 2, 0.0]]
    assert found.tolist() == [pytest.approx(row, abs=1e-6) for row in expected]


def test_half_goes_to_the_label_and_half_by_relevance() -> None:
    target = graded(torch.tensor([[True, False]]), torch.tensor([[0.0, math.log(3) / 10]]), sharpness=10)
    assert target.tolist() == [pytest.approx([0.5 + 0.5 / 4, 0.5 * 3 / 4])]


def test_a_label_that_two_share_is_halved() -> None:
    target = graded(torch.tensor([[True, True]]), torch.tensor([[0.0, 0.0]]), sharpness=1)
    assert target.tolist() == [pytest.approx([0.5, 0.5])]


def test_logits_that_say_nothing_cost_the_guess() -> None:
    same, relevance = torch.eye(4).bool(), torch.rand(4, 4)
    assert graded_cross_entropy(torch.zeros(4, 4), same, relevance, 5.0).item() == pytest.approx(math.log(4))


def test_nothing_costs_less_than_the_target_itself() -> None:
    same, relevance = torch.eye(3).bool(), torch.tensor([[0.9, 0.5, 0.1], [0.5, 0.9, 0.2], [0.1, 0.2, 0.9]])
    best = graded(same, relevance, 5.0).log()  # symmetric, so the best both ways
    at_best = graded_cross_entropy(best, same, relevance, 5.0)
    for other in (torch.zeros(3, 3), 50 * torch.eye(3)):
        assert graded_cross_entropy(other, same, relevance, 5.0) > at_best
