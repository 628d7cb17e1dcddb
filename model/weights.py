"""Checkpoint files to one backbone and whichever heads they hold, each weight read once.

Hugging Face's classes each load the backbone again, and fill a head that has no weights with random
numbers. Here its four classes share one backbone, and a head without weights does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor, nn
from transformers import (
    BridgeTowerConfig,
    BridgeTowerForContrastiveLearning,
    BridgeTowerForImageAndTextRetrieval,
    BridgeTowerForMaskedLM,
    BridgeTowerModel,
)

from model.checkpoint import weight_files
from model.errors import CheckpointInvalid
from model.stem import ConvolutionalStem

BACKBONE = "bridgetower."
STEM = "stem."
WORDS = "text_model.embeddings.word_embeddings.weight"
SHOWN = 3  # missing weights named in an error
Weights = Mapping[str, Tensor]
Config = Any  # BridgeTowerConfig, whose nested parts carry no types


@dataclass(frozen=True)
class Network:
    """One backbone, and the public class of each head that the checkpoint has, all around that backbone."""

    config: Config
    backbone: BridgeTowerModel
    contrastive: BridgeTowerForContrastiveLearning | None
    retrieval: BridgeTowerForImageAndTextRetrieval | None
    masked_lm: BridgeTowerForMaskedLM | None
    stem: ConvolutionalStem | None = None

    def to(self, device: str) -> None:
        """Move everything to a device."""
        for module in (self.backbone, self.contrastive, self.retrieval, self.masked_lm, self.stem):
            if module is not None:
                nn.Module.to(module, device)


def build_network(folder: Path, dtype: torch.dtype) -> Network:
    """Load a checkpoint folder, in evaluation mode, its weights cast to `dtype`.

    Raises:
        CheckpointInvalid: weights of the backbone or of part of a head are missing, or of another shape.
    """
    config = read_config(folder)
    weights = {name: cast(tensor, dtype) for name, tensor in read_weights(folder).items()}
    with torch.device("meta"):
        backbone = BridgeTowerModel(config)
    fill(
        backbone,
        {name.removeprefix(BACKBONE): weights[name] for name in weights if name.startswith(BACKBONE)},
        folder,
    )
    restore_buffers(backbone)
    backbone.eval().requires_grad_(False)
    if config.tie_word_embeddings and "mlm_score.bias" in weights:
        weights.setdefault("mlm_score.decoder.weight", backbone.get_parameter(WORDS))
    return Network(
        config,
        backbone,
        head(BridgeTowerForContrastiveLearning, "itc_", backbone, weights, folder),
        head(BridgeTowerForImageAndTextRetrieval, "itm_score.", backbone, weights, folder),
        head(BridgeTowerForMaskedLM, "mlm_score.", backbone, weights, folder),
        build_stem(config, weights, folder),
    )


def read_config(folder: Path) -> Config:
    """A checkpoint's configuration.

    Raises:
        CheckpointInvalid: it is not a BridgeTower's, or not readable.
    """
    try:
        raw, _ = BridgeTowerConfig.get_config_dict(str(folder))
        kind = raw.get("model_type")
        config = BridgeTowerConfig.from_dict(raw) if kind == BridgeTowerConfig.model_type else None
    except Exception as error:
        raise CheckpointInvalid(f"{folder / 'config.json'}: cannot be read ({error})") from error
    if config is None:
        raise CheckpointInvalid(f"{folder}: expected a bridgetower checkpoint, found model type {kind!r}")
    return config


def read_weights(folder: Path) -> dict[str, Tensor]:
    """Every tensor of a checkpoint by its name.

    Raises:
        CheckpointInvalid: a file is cut short or not what its name says.
    """
    weights: dict[str, Tensor] = {}
    for path in weight_files(folder):
        try:
            if path.suffix == ".safetensors":
                with safe_open(path, framework="pt") as tensors:
                    weights.update({name: tensors.get_tensor(name) for name in tensors.keys()})
            else:
                weights.update(torch.load(path, map_location="cpu", weights_only=True))
        except Exception as error:
            raise CheckpointInvalid(f"{path}: cannot be read as weights ({error})") from error
    return weights


def cast(tensor: Tensor, dtype: torch.dtype) -> Tensor:
    """Floating-point weights in the model's precision, others as they are."""
    return tensor.to(dtype) if tensor.is_floating_point() else tensor


def fill(module: nn.Module, weights: Weights, folder: Path) -> None:
    """Give a module built without memory its weights; a backbone it already holds is left alone.

    Raises:
        CheckpointInvalid: some are missing, or have another shape.
    """
    try:
        result = module.load_state_dict(dict(weights), strict=False, assign=True)
    except RuntimeError as error:
        raise CheckpointInvalid(f"{folder}: weights do not fit config.json ({error})") from error
    missing = [name for name in result.missing_keys if not name.startswith(BACKBONE)]
    if missing:
        names = ", ".join(missing[:SHOWN])
        raise CheckpointInvalid(f"{folder}: {len(missing)} weights are missing, among them {names}")


def restore_buffers(backbone: Any) -> None:
    """Position and type ids are not in a checkpoint; they follow from the configuration."""
    vision, text = backbone.vision_model.visual.embeddings, backbone.text_model.embeddings
    vision.position_ids = torch.arange(vision.num_positions).expand((1, -1))
    text.position_ids = torch.arange(text.position_embeddings.num_embeddings).expand((1, -1))
    text.token_type_ids = torch.zeros(text.position_ids.size(), dtype=torch.long)


def build_stem(config: Config, weights: Weights, folder: Path) -> ConvolutionalStem | None:
    """The convolutional stem that the configuration describes, or None where it describes none.

    Raises:
        CheckpointInvalid: the description is not one, or weights are missing.
    """
    shape = getattr(config, "convolutional_stem", None)
    if shape is None:
        return None
    try:
        with torch.device("meta"):
            stem = ConvolutionalStem(shape)
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointInvalid(
            f"{folder / 'config.json'}: convolutional_stem is not understood ({error!r})"
        ) from error
    fill(stem, {name.removeprefix(STEM): weights[name] for name in weights if name.startswith(STEM)}, folder)
    return stem.eval().requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def head(kind: Any, prefix: str, backbone: BridgeTowerModel, weights: Weights, folder: Path) -> Any:
    """The public class `kind` around the shared backbone, or None where the checkpoint has none of it.

    Raises:
        CheckpointInvalid: it has only some of the head's weights, or config.json lacks the head's size.
    """
    if not any(name.startswith(prefix) for name in weights):
        return None
    try:
        with torch.device("meta"):
            module = kind(backbone.config)
    except AttributeError as error:  # the contrastive head's settings have no default
        raise CheckpointInvalid(
            f"{folder / 'config.json'}: does not describe the {prefix}* weights ({error})"
        ) from error
    module.bridgetower = backbone
    fill(module, {name: tensor for name, tensor in weights.items() if not name.startswith(BACKBONE)}, folder)
    return module.eval().requires_grad_(False)
