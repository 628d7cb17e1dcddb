"""Which parameters a stage lets learn."""

from __future__ import annotations

import torch
from torch import nn

from training.mini import Mini, mini_config
from training.parts import LATE_STEM, only


def test_only_the_parts_named_learn() -> None:
    module = nn.ModuleDict({"tower": nn.Linear(2, 2), "head": nn.Linear(2, 1)})
    learning = only(module, ("head",))
    assert [id(each) for each in learning] == [id(each) for each in module["head"].parameters()]
    assert not any(each.requires_grad for each in module["tower"].parameters())


def test_a_later_stage_lets_learn_what_an_earlier_one_held() -> None:
    module = nn.ModuleDict({"tower": nn.Linear(2, 2), "head": nn.Linear(2, 1)})
    only(module, ("head",))
    only(module, ("tower.weight",))
    learning = [name for name, each in module.named_parameters() if each.requires_grad]
    assert learning == ["tower.weight"]


def test_the_late_stem_is_what_follows_the_last_stride() -> None:
    with torch.device("meta"):
        stem = Mini(mini_config(100)).stem
    late = [f"stem.blocks.{block}." for block in range(stem.last_stride, len(stem.blocks))]
    assert [*late, "stem.last."] == list(LATE_STEM)
