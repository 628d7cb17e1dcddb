"""What people usually ask, as points in a checkpoint's space: `typical_captions.npz` in its folder.

Whoever trained the checkpoint made it of the embeddings of many captions, grouped by k-means.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from model.errors import CheckpointInvalid

NAME = "typical_captions.npz"
SUM_OFF = 1e-3


@dataclass(frozen=True)
class TypicalCaptions:
    """The middles of groups of captions.

    `embeddings` is float32 (n, dim), means of unit vectors and so of norm 1 at most; `shares` float32 (n,) is
    how many of all captions each stands for, their sum 1.
    """

    embeddings: NDArray[np.float32]
    shares: NDArray[np.float32]


def read_typical_captions(folder: Path, dim: int) -> TypicalCaptions | None:
    """Those of a checkpoint folder whose embeddings have `dim` dimensions; None where there is no such file.

    Raises:
        CheckpointInvalid: the file is there, but not in this form.
    """
    path = folder / NAME
    if not path.exists():
        return None
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            embeddings, shares = (arrays[name].astype(np.float32) for name in ("embeddings", "shares"))
    except (ValueError, KeyError, TypeError, OSError, EOFError, BadZipFile) as error:
        raise CheckpointInvalid(f"{path}: expected arrays `embeddings` and `shares` ({error!r})") from error
    if shares.ndim != 1 or embeddings.shape != (len(shares), dim):
        raise CheckpointInvalid(
            f"{path}: expected embeddings (n, {dim}) and shares (n,), found {embeddings.shape} and "
            f"{shares.shape}"
        )
    if not (np.isfinite(embeddings).all() and (shares >= 0).all() and abs(shares.sum() - 1) < SUM_OFF):
        raise CheckpointInvalid(f"{path}: expected finite embeddings, and shares from 0 up whose sum is 1")
    return TypicalCaptions(embeddings, shares)


def write_typical_captions(folder: Path, typical: TypicalCaptions) -> None:
    """Keep them in a checkpoint folder, embeddings in half precision."""
    np.savez(folder / NAME, embeddings=typical.embeddings.astype(np.float16), shares=typical.shares)
