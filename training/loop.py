"""One training stage: warm-up and cosine, averaged weights, and state saved so that a stopped run goes on."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from training.journal import Journal

SAVE_EVERY = 300.0  # seconds


@dataclass(frozen=True)
class StagePlan:
    """How long a stage is and how it is watched; steps are optimiser steps."""

    name: str
    steps: int
    evaluate_every: int
    average: float = 0.995
    warm_up: float = 0.05


def rate_factor(step: int, plan: StagePlan) -> float:
    """The learning rate's share of its peak: linear warm-up, then a cosine to a hundredth."""
    warm_up = max(1, int(plan.warm_up * plan.steps))
    if step < warm_up:
        return (step + 1) / warm_up
    progress = (step - warm_up) / max(1, plan.steps - warm_up)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


def run_stage(
    plan: StagePlan, model: nn.Module, optimiser: torch.optim.Optimizer, loss_at: Callable[[int], Tensor],
    evaluate: Callable[[nn.Module], dict[str, float]], work: Path, journal: Journal,
) -> None:  # fmt: skip
    """Run or resume one stage; afterwards `model` holds the averaged weights, also kept in `work`."""
    finished, partial = work / f"{plan.name}.pt", work / f"{plan.name}.partial.pt"
    if finished.exists():
        model.load_state_dict(torch.load(finished, weights_only=True))
        return
    averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(plan.average))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: rate_factor(step, plan))
    parts = {"model": model, "averaged": averaged, "optimiser": optimiser, "schedule": schedule}
    step = load_partial(partial, parts) if partial.exists() else 0
    saved = time.monotonic()
    running = 0.0
    while step < plan.steps:
        model.train()
        torch.manual_seed(1_000_003 * step + 1)  # a resumed step draws what it would have drawn
        loss = loss_at(step)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        averaged.update_parameters(model)
        step += 1
        running += (loss.item() - running) * max(0.02, 1 / step)
        if step % plan.evaluate_every == 0 or step == plan.steps:
            averaged.eval()
            journal.write(
                stage=plan.name,
                step=step,
                of=plan.steps,
                loss=round(running, 4),
                dev=evaluate(averaged.module),
            )
        if time.monotonic() - saved > SAVE_EVERY:
            save_partial(partial, parts, step)
            saved = time.monotonic()
    model.load_state_dict(averaged.module.state_dict())
    save_whole(model.state_dict(), finished)
    partial.unlink(missing_ok=True)


def save_partial(path: Path, parts: dict[str, object], step: int) -> None:
    """Write everything a resumed run needs."""
    state = {name: part.state_dict() for name, part in parts.items()}  # type: ignore[attr-defined]
    save_whole({**state, "step": step}, path)


def save_whole(state: dict[str, Any], path: Path) -> None:
    """Write a file whole or not at all: a save that breaks off leaves the one before it."""
    torch.save(state, path.with_suffix(".writing"))
    path.with_suffix(".writing").replace(path)


def load_partial(path: Path, parts: dict[str, object]) -> int:
    """Restore what `save_partial` wrote; returns the step to go on from."""
    state = torch.load(path, weights_only=True)
    for name, part in parts.items():
        part.load_state_dict(state[name])  # type: ignore[attr-defined]
    return int(state["step"])
