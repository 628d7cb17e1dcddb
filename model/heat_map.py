"""Which patches of a photo speak for a caption: the gradient of the match, followed back to the patches.

Behind the first layers every token of a vision tower knows of the whole photo, so what fusion attends to is
no place any more. The tower's first states are: each comes from one patch. A patch speaks for the caption as
far as the log-odds rise along what sets it apart from the average patch.

Source for the idea: Grad-CAM (Selvaraju and others 2017), here on tokens instead of channels.
"""

from __future__ import annotations

import torch
from torch import Tensor

from model import forward
from model.forward import TowerStates
from model.weights import Network


def patch_evidence(network: Network, states: Tensor, captions: TowerStates) -> Tensor:
    """What each patch adds to the ITM log-odds of photo i with caption i, float32 (n, patches), either sign.

    `states` are first states (n, 1 + patches, hidden), made without inference mode, as are the captions'. The
    checkpoint has an ITM head.
    """
    assert network.retrieval is not None
    with torch.enable_grad():
        states = states.detach().requires_grad_(True)
        photos = forward.photo_states(network.backbone, states)
        logits = network.retrieval.itm_score(forward.pooled_pair(network.backbone, photos, captions))
        (gradient,) = torch.autograd.grad((logits[:, 1] - logits[:, 0]).float().sum(), states)
    patches, slope = states.detach()[:, 1:].float(), gradient[:, 1:].float()
    return ((patches - patches.mean(dim=1, keepdim=True)) * slope).sum(dim=-1)


def as_grid(evidence: Tensor) -> Tensor:
    """What speaks for the caption, (patches,) to (rows, columns) that add up to 1, or all zeros."""
    side = round(len(evidence) ** 0.5)
    positive = evidence.clamp(min=0).reshape(side, side)
    total = positive.sum()
    return positive / total if total > 0 else positive
