"""A second look at a photo: its middle, mirrored, through the same towers.

What a re-rank judges is this view, so it costs no more than judging the photo as it was embedded, and its
embedding is a second opinion of the similarity. The mean of several views of a photo is the usual way to
make a network steadier; here the second view comes with a forward that has to be run anyway.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from model.normalise import Crops, Pixels
from model.tower_states import TowerStates
from model.weights import Network


def view(photos: Pixels | Crops, share: float) -> Pixels | Crops:
    """The middle `share` of each side, mirrored and as large as before, in the form of `photos`.

    It is made on the CPU, where torch resizes bytes as they are and whatever the model's precision.
    """
    crops = photos.dtype == np.uint8
    pixels = torch.from_numpy(np.ascontiguousarray(photos, np.uint8 if crops else np.float32))
    pixels = pixels.permute(0, 3, 1, 2) if crops else pixels
    side = pixels.shape[-1]
    margin = round(side * (1 - share) / 2)
    middle = pixels[..., margin : side - margin, margin : side - margin].flip(-1)
    seen = F.interpolate(middle, size=(side, side), mode="bicubic", antialias=True)
    found: Pixels | Crops = (seen.permute(0, 2, 3, 1) if crops else seen).numpy()
    return found


def is_possible(network: Network) -> bool:
    """Whether the photo's part of fusion holds what the contrastive head reads.

    It does where one projection into the cross-modal space serves all layers, and the last of several has no
    norm of its own behind it.
    """
    shared = not isinstance(network.backbone.cross_modal_image_transform, torch.nn.ModuleList)
    layers = int(network.config.num_hidden_layers)
    return network.contrastive is not None and network.retrieval is not None and shared and layers > 1


def embeddings(network: Network, photos: TowerStates) -> Tensor:
    """What the contrastive head makes of photos' states: float32 (n, dim), unit L2 norm."""
    head = network.contrastive.itc_image_head  # type: ignore[union-attr]
    cls = photos.bridged[-1][:, 0].to(next(head.parameters()).dtype)
    return F.normalize(head(cls).float(), dim=-1)
