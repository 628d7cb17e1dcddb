"""Crops of photos to pixels on the model's device: bytes travel there, and floats are made there."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.device import send

Pixels: TypeAlias = NDArray[np.float32]
"""Normalised photos, float32 (n, 3, side, side)."""
Crops: TypeAlias = NDArray[np.uint8]
"""Photos as `Preprocessor.crop_of` gives them, uint8 (n, side, side, 3)."""


class Normaliser:
    """Brings photos to one device in one precision; crops become just what the preprocessor makes of them."""

    def __init__(self, levels: NDArray[np.float32], device: str, dtype: torch.dtype) -> None:
        """`levels` are what each of the 256 values becomes in each channel, float32 (3, 256)."""
        self._device, self._dtype = device, dtype
        self._levels = torch.from_numpy(levels).to(self._device, dtype).flatten()
        self._first = (256 * torch.arange(len(levels), dtype=torch.int32, device=device))[:, None, None]

    def __call__(self, photos: Pixels | Crops) -> Tensor:
        """Either form to pixels (n, 3, side, side)."""
        if photos.dtype != np.uint8:
            pixels = np.ascontiguousarray(photos, dtype=np.float32)
            return send(torch.from_numpy(pixels), self._device, self._dtype)
        values = send(torch.from_numpy(np.ascontiguousarray(photos)), self._device).permute(0, 3, 1, 2)
        places = values.to(torch.int32, memory_format=torch.contiguous_format).add_(self._first)
        return self._levels.index_select(0, places.view(-1)).view(places.shape)
