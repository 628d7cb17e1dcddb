"""The tokenizer of a checkpoint folder, and folders without a usable one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from model.errors import CheckpointInvalid
from model.tokenizer import load_tokenizer


def test_it_spells_as_the_checkpoint_says(tiny_folder: Path) -> None:
    tokenizer = load_tokenizer(tiny_folder)
    assert tokenizer("ab")["input_ids"] == [0, 5, 6, 2]  # <s>, a, b, </s>
    assert (tokenizer.pad_token_id, tokenizer.mask_token) == (1, "<mask>")


@pytest.fixture
def folder(tiny_folder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny checkpoint, to be changed."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "copy"))


def test_a_folder_without_a_tokenizer_is_refused(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    with pytest.raises(CheckpointInvalid, match="found no tokenizer"):
        load_tokenizer(folder)


@pytest.mark.parametrize("name", ["tokenizer.json", "processor_config.json"])
def test_a_broken_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).write_text("{")
    with pytest.raises(CheckpointInvalid, match="processor cannot be loaded"):
        load_tokenizer(folder)
