"""A tower's states as values: kept, chosen from, put together, halved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True, slots=True)
class TowerStates:
    """One tower's part of fusion, for n photos or n captions.

    `bridged` (layers, n, tokens, hidden): the inputs of the cross-modal layers, projected and typed.
    `attended` (n, tokens, hidden): the self-attention of the first cross-modal layer.
    `mask` (n, 1, 1, tokens): for captions bool, true at real tokens; None for photos, which are never padded,
    and for photos with merged tokens what to add to the scores of those, as `model.merging` says.
    """

    bridged: Tensor
    attended: Tensor
    mask: Tensor | None = None

    def __len__(self) -> int:
        """How many photos or captions there are."""
        return self.bridged.shape[1]

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        tensors = (self.bridged, self.attended, self.mask)
        return sum(tensor.nbytes for tensor in tensors if tensor is not None)

    def to(self, dtype: torch.dtype) -> TowerStates:
        """The same in another floating type."""
        mask = self.mask if self.mask is None or self.mask.dtype == torch.bool else self.mask.to(dtype)
        return TowerStates(self.bridged.to(dtype), self.attended.to(dtype), mask)

    def half(self) -> TowerStates:
        """In float16, which rounds float32 to 11 significant bits; bfloat16 stays as it is."""
        return self if self.bridged.dtype == torch.bfloat16 else self.to(torch.float16)

    def join(self, others: Sequence[TowerStates]) -> TowerStates:
        """These photos and after them the others, which have as many tokens; no copy where there are none."""
        if not others:
            return self
        parts = [self, *others]
        masks = [part.mask for part in parts if part.mask is not None]
        bridged = torch.cat([part.bridged for part in parts], dim=1)
        return TowerStates(
            bridged, torch.cat([part.attended for part in parts]), torch.cat(masks) if masks else None
        )

    def select(self, rows: slice | Tensor | NDArray[np.int64]) -> TowerStates:
        """The states of some of them, by a slice or by int64 rows, which may repeat; rows give a copy."""
        if isinstance(rows, np.ndarray) and len(rows) == 1:
            return self._one(int(rows[0]))
        mask = None if self.mask is None else self.mask[rows]
        return TowerStates(self.bridged[:, rows], self.attended[rows], mask)

    def _one(self, row: int) -> TowerStates:
        """A copy of one, for which no index travels to the device, as an array of rows would."""
        mask = None if self.mask is None else self.mask[row][None].clone()
        return TowerStates(self.bridged[:, row][:, None].clone(), self.attended[row][None].clone(), mask)

    def expand(self, n: int) -> TowerStates:
        """One photo or caption seen n times, without a copy."""
        mask = None if self.mask is None else self.mask.expand(n, -1, -1, -1)
        layers, _, tokens, hidden = self.bridged.shape
        return TowerStates(
            self.bridged.expand(layers, n, tokens, hidden), self.attended.expand(n, tokens, hidden), mask
        )
