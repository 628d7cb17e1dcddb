"""A training stage: its learning rate, its averaged weights, and going on after a stop."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from training import loop
from training.journal import Journal
from training.loop import StagePlan, rate_factor, run_stage


class Stopped(Exception):
    """What a test raises where a person would press Ctrl-C."""


class Scalar(nn.Module):
    """One weight, 0 at first."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))


def events(work: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (work / "journal.jsonl").read_text(encoding="utf-8").splitlines()]


def test_the_rate_rises_in_a_line_and_falls_along_a_cosine() -> None:
    plan = StagePlan("any", steps=100, evaluate_every=1, warm_up=0.1)
    assert rate_factor(0, plan) == pytest.approx(0.1)
    assert rate_factor(4, plan) == pytest.approx(0.5)
    assert rate_factor(9, plan) == pytest.approx(1.0)
    assert rate_factor(10, plan) == pytest.approx(1.0)
    assert rate_factor(55, plan) == pytest.approx(0.505)  # half way down to 0.01
    assert rate_factor(100, plan) == pytest.approx(0.01)


def run_scalar(work: Path, steps: int = 2) -> Scalar:
    """Gradient -1/2 and rate 2 at each step: the weight is 1, then 2, and their average 1.5."""
    model = Scalar()
    optimiser = torch.optim.SGD(model.parameters(), lr=2.0)
    plan = StagePlan("stage", steps=steps, evaluate_every=1, average=0.5)
    run_stage(
        plan, model, optimiser, lambda _: -0.5 * model.weight,
        lambda module: {"weight": module.get_parameter("weight").item()},
        work, Journal(work / "journal.jsonl"),
    )  # fmt: skip
    return model


def test_a_stage_ends_with_the_averaged_weights(tmp_path: Path) -> None:
    assert run_scalar(tmp_path).weight.item() == 1.5
    assert [(event["step"], event["dev"]["weight"]) for event in events(tmp_path)] == [(1, 1.0), (2, 1.5)]


def test_a_finished_stage_is_read_and_not_run_again(tmp_path: Path) -> None:
    run_scalar(tmp_path)
    assert run_scalar(tmp_path, steps=1000).weight.item() == 1.5
    assert len(events(tmp_path)) == 2


def test_every_so_many_steps_and_the_last_are_evaluated(tmp_path: Path) -> None:
    model = Scalar()
    plan = StagePlan("stage", steps=5, evaluate_every=2)
    optimiser = torch.optim.SGD(model.parameters(), lr=1.0)
    journal = Journal(tmp_path / "journal.jsonl")
    run_stage(plan, model, optimiser, lambda _: model.weight * 0, lambda _: {}, tmp_path, journal)
    assert [event["step"] for event in events(tmp_path)] == [2, 4, 5]


def run_network(work: Path, loss_of: Callable[[int, Tensor], Tensor], seed: int = 0) -> dict[str, Tensor]:
    """Eight steps with dropout, AdamW and new data at each."""
    work.mkdir(exist_ok=True)
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5), nn.Linear(4, 1))
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.1)

    def loss_at(step: int) -> Tensor:
        return loss_of(step, model(torch.randn(6, 3)))

    plan = StagePlan("stage", steps=8, evaluate_every=4)
    run_stage(plan, model, optimiser, loss_at, lambda _: {}, work, Journal(work / "journal.jsonl"))
    return model.state_dict()


def squares(_: int, outputs: Tensor) -> Tensor:
    return (outputs - 1).square().mean()


def test_a_stopped_stage_goes_on_as_if_it_had_not_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = run_network(tmp_path / "whole", squares)
    monkeypatch.setattr(loop, "SAVE_EVERY", -1.0)  # seconds: after each step, however coarse the clock is
    resumed_at: list[int] = []

    def stop_at_five(step: int, outputs: Tensor) -> Tensor:
        if step == 5:
            raise Stopped
        return squares(step, outputs)

    def noted(step: int, outputs: Tensor) -> Tensor:
        resumed_at.append(step)
        return squares(step, outputs)

    with pytest.raises(Stopped):
        run_network(tmp_path / "stopped", stop_at_five)
    weights = run_network(tmp_path / "stopped", noted, seed=99)  # its own first weights count for nothing
    assert resumed_at == [5, 6, 7]
    assert all(torch.equal(weights[name], expected[name]) for name in expected)
    assert sorted(path.name for path in (tmp_path / "stopped").iterdir()) == ["journal.jsonl", "stage.pt"]


def test_a_save_that_breaks_off_leaves_the_one_before_it(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    loop.save_whole({"step": 1}, path)
    with pytest.raises(Exception, match="pickle"):
        loop.save_whole({"step": lambda: 2}, path)
    assert torch.load(path, weights_only=True) == {"step": 1}
