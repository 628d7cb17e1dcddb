"""The joint stage as the recipe runs it: what learns at which rate, and whose photos are confused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import BertTokenizer

from training import fusion
from training.contrastive import embed_ids
from training.joint import JointData, joint_loss, whole_layers
from training.joint_dev import AT_ONCE, JointDev
from training.journal import Journal
from training.loop import StagePlan, run_stage
from training.mini import Mini
from training.parts import HEAD_PARTS, LATE_STEM, TEXT_PARTS, TOWER_PARTS
from training.relevance import Relevance

LATE_TEXT = TEXT_PARTS[1:]  # the first three layers read words, which hardly differ from photo to photo
EARLY_STEM = ("stem.first.", "stem.blocks.")  # but for what is late
RATES = (
    (HEAD_PARTS, 3e-4), (fusion.LEARNING, 3e-4), (TOWER_PARTS, 2e-4), (LATE_TEXT, 5e-5),
    (LATE_STEM, 1e-4), (EARLY_STEM, 3e-5),
)  # fmt: skip
DECAY = 0.05
REFRESH = 300  # steps after which the towers are asked anew which photos they confuse


def learn_jointly(
    mini: Mini, tokenizer: BertTokenizer, train: JointData, dev: JointData, relevant: Relevance,
    plan: StagePlan, work: Path, journal: Journal,
) -> None:  # fmt: skip
    """Run or resume the stage on the device where the data lie; `mini` then holds the averaged weights."""
    device = train.pixels.device
    mini.to(device)
    optimiser = torch.optim.AdamW(grouped(mini), weight_decay=DECAY, betas=(0.9, 0.98), fused=True)
    confused: dict[int, Tensor] = {}

    def loss_at(step: int) -> Tensor:
        asked = step - step % REFRESH
        if asked not in confused:
            confused.clear()
            confused[asked] = confusing(mini, train)
        with torch.autocast(device.type, torch.bfloat16):
            return joint_loss(mini, tokenizer, train, relevant, confused[asked], step)

    run_stage(plan, mini, optimiser, loss_at, JointDev(dev).recall, work, journal)


def grouped(mini: Mini) -> list[dict[str, Any]]:
    """Each parameter at the rate of the first parts that name it; what no parts name stands still."""
    taken: set[int] = set()
    groups: list[dict[str, Any]] = []
    for parts, rate in RATES:
        named = [each for name, each in mini.named_parameters() if any(part in name for part in parts)]
        groups.append({"params": [each for each in named if id(each) not in taken], "lr": rate})
        taken |= {id(each) for each in named}
    for each in mini.parameters():
        each.requires_grad_(id(each) in taken)
    return groups


def weights_between(start: dict[str, Tensor], end: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """Weights on the line from a stage's start to its end, `share` of the way.

    Source: Wortsman and others 2022, "Robust fine-tuning of zero-shot models": such weights find more than
    either end, because what the end memorised is not on the way to it.
    """
    return {name: torch.lerp(value, end[name].to(value), share) for name, value in start.items()}


@torch.no_grad()
def confusing(mini: Mini, data: JointData) -> Tensor:
    """Each caption's nearest wrong photos as the towers see them now, int64 (m, 200), nearest first."""
    mini.eval()
    with torch.autocast(data.pixels.device.type, torch.bfloat16):
        photos = torch.cat(
            [
                fusion.embed_photo_cls(mini, whole_layers(mini, pixels)[-1][:, 0])
                for pixels in data.pixels.split(AT_ONCE)
            ]
        )
        captions = embed_ids(mini, data.ids)
    mini.train()
    nearest = []
    for asked, photo in zip(captions.split(1000), data.owner.split(1000), strict=True):
        scores = (asked @ photos.T).scatter(1, photo[:, None], -2.0)
        nearest.append(scores.topk(min(fusion.NEAREST, len(photos) - 1)).indices)
    return torch.cat(nearest)
