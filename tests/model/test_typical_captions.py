"""Typical captions as they lie in a checkpoint folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from model.checkpoint import MINI_FOLDER
from model.errors import CheckpointInvalid
from model.typical_captions import NAME, TypicalCaptions, read_typical_captions, write_typical_captions

EMBEDDINGS = np.array([[1, 0, 0], [0, 0.5, 0.25]], np.float32)
SHARES = np.array([0.75, 0.25], np.float32)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write_typical_captions(tmp_path, TypicalCaptions(EMBEDDINGS, SHARES))
    found = read_typical_captions(tmp_path, 3)
    assert found is not None
    assert {found.embeddings.dtype, found.shares.dtype} == {np.dtype(np.float32)}
    assert (found.embeddings == EMBEDDINGS).all() and (found.shares == SHARES).all()


def test_a_checkpoint_without_the_file_has_none(tmp_path: Path) -> None:
    assert read_typical_captions(tmp_path, 3) is None


def test_another_dimension_is_refused_with_the_file_named(tmp_path: Path) -> None:
    write_typical_captions(tmp_path, TypicalCaptions(EMBEDDINGS, SHARES))
    with pytest.raises(CheckpointInvalid, match=r"typical_captions\.npz: expected embeddings \(n, 256\)"):
        read_typical_captions(tmp_path, 256)


def test_shares_of_another_number_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / NAME, embeddings=EMBEDDINGS, shares=SHARES[:1])
    with pytest.raises(CheckpointInvalid, match="found \\(2, 3\\) and \\(1,\\)"):
        read_typical_captions(tmp_path, 3)


@pytest.mark.parametrize(
    ("embeddings", "shares"),
    [
        (EMBEDDINGS * np.nan, SHARES),
        (EMBEDDINGS, SHARES * np.nan),
        (EMBEDDINGS, SHARES / 2),
        (EMBEDDINGS, np.array([1.5, -0.5])),
        (EMBEDDINGS[:0], SHARES[:0]),
    ],
)
def test_numbers_that_cannot_be_are_refused(
    tmp_path: Path, embeddings: NDArray[np.float32], shares: NDArray[np.float32]
) -> None:
    write_typical_captions(tmp_path, TypicalCaptions(embeddings, shares))
    with pytest.raises(CheckpointInvalid, match="expected finite embeddings, and shares from 0 up"):
        read_typical_captions(tmp_path, 3)


def test_one_array_alone_is_refused(tmp_path: Path) -> None:
    with (tmp_path / NAME).open("wb") as file:
        np.save(file, EMBEDDINGS)
    with pytest.raises(CheckpointInvalid, match=r"typical_captions\.npz: expected arrays"):
        read_typical_captions(tmp_path, 3)


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04 cut off"])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(CheckpointInvalid, match=r"typical_captions\.npz: expected arrays"):
        read_typical_captions(tmp_path, 3)


def test_an_archive_without_the_arrays_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / NAME, embeddings=EMBEDDINGS)
    with pytest.raises(CheckpointInvalid, match=r"typical_captions\.npz: expected arrays"):
        read_typical_captions(tmp_path, 3)


def test_minis_are_means_of_unit_vectors_whose_shares_add_up_to_one() -> None:
    mini = read_typical_captions(MINI_FOLDER, 256)
    assert mini is not None and mini.embeddings.shape == (512, 256)
    assert np.linalg.norm(mini.embeddings, axis=1).max() <= 1.001
    assert mini.shares.sum() == pytest.approx(1)
