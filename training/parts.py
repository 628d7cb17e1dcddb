"""mini's parts by the names of their parameters: what a stage may let learn."""

from __future__ import annotations

from torch import nn

from training.mini import LAYERS

VISION_PARTS = (
    "vision_model.visual.embeddings.class", "vision_model.visual.embeddings.position",
    "vision_model.visual.ln", "vision_model.visual.transformer", "stem.projection",
    "cross_modal_image_transform", "itc_image_head", "bridgetower.token_type",
)  # fmt: skip
HEAD_PARTS = ("itc_text_head", "itc_image_head", "logit_scale", "cross_modal_image_transform")
TEXT_PARTS = tuple(f"text_model.encoder.layer.{layer}." for layer in range(2, LAYERS))
TOWER_PARTS = tuple(part for part in VISION_PARTS if part not in HEAD_PARTS)
LATE_STEM = (*(f"stem.blocks.{block}." for block in range(11, 16)), "stem.last.")
"""The stem's blocks that see patches; the features before them can be kept."""


def only(module: nn.Module, parts: tuple[str, ...]) -> list[nn.Parameter]:
    """Let the parameters whose names contain one of `parts` learn, and no others; returns them."""
    chosen = []
    for name, parameter in module.named_parameters():
        parameter.requires_grad_(any(part in name for part in parts))
        if parameter.requires_grad:
            chosen.append(parameter)
    return chosen
