"""Networks of random weights at the shapes people use: Hugging Face's own classes around one backbone.

Speed and equality do not depend on what the weights are, so neither a benchmark nor a proof needs a download.
"""

from __future__ import annotations

import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import (
    BridgeTowerConfig,
    BridgeTowerForContrastiveLearning,
    BridgeTowerForImageAndTextRetrieval,
    BridgeTowerForMaskedLM,
    BridgeTowerProcessor,
    RobertaTokenizer,
)
from transformers.models.bridgetower.image_processing_pil_bridgetower import BridgeTowerImageProcessorPil

from model.bridgetower import BridgeTower
from model.checkpoint import Checkpoint
from model.stem import ConvolutionalStem
from model.weights import Config, Network
from training.mini import mini_config

# As in RoBERTa's vocabulary, "Ġ" stands for a space.
LETTERS = ["<s>", "<pad>", "</s>", "<unk>", "Ġ", *"abcdefghijklmnopqrstuvwxyz", "<mask>"]
VOCABULARY = 50265
CONTRASTIVE: dict[str, Any] = {"contrastive_hidden_size": 512, "logit_scale_init_value": 2.6592}
NOISE = 0.02


def config_of(name: str) -> Config:
    """The shape of `mini` behind its stem, the hub's `base` with contrastive heads added, or its `large`."""
    if name == "mini":
        return mini_config(16_000, stem=False)
    large = name == "large"
    hidden, layers = (1024, 24) if large else (768, 12)
    text = {
        "vocab_size": VOCABULARY, "hidden_size": hidden, "num_hidden_layers": layers,
        "num_attention_heads": hidden // 64, "intermediate_size": 4 * hidden, "max_position_embeddings": 514,
        "pad_token_id": 1,
    }  # fmt: skip
    vision = {"hidden_size": hidden, "num_hidden_layers": layers}
    vision |= {"patch_size": 14, "image_size": 294} if large else {"patch_size": 16, "image_size": 288}
    return BridgeTowerConfig(
        hidden_size=hidden, num_hidden_layers=6, num_attention_heads=hidden // 64, text_config=text,
        vision_config=vision, **CONTRASTIVE,
    )  # fmt: skip


@torch.no_grad()
def random_network(config: Config, seed: int = 0, device: str = "cpu") -> Network:
    """Hugging Face's three classes sharing one backbone, float32, evaluation mode, drawn on the device.

    Every parameter gets noise on top of its initial value, so that no bias is 0, no scale is 1, and no two
    layers are alike: a wrong wiring cannot go unseen.
    """
    torch.manual_seed(seed)
    with torch.device(device):
        contrastive = BridgeTowerForContrastiveLearning(config)
    with torch.device("meta"):
        retrieval, masked_lm = BridgeTowerForImageAndTextRetrieval(config), BridgeTowerForMaskedLM(config)
    for module in (retrieval, masked_lm):
        module.bridgetower = contrastive.bridgetower
    for head in (retrieval.itm_score, masked_lm.mlm_score):
        head.to_empty(device=device)
        for parameter in head.parameters():
            nn.init.normal_(parameter, std=0.05)
    if config.tie_word_embeddings:
        masked_lm.mlm_score.decoder.weight = contrastive.bridgetower.get_input_embeddings().weight
    classes = (contrastive, retrieval, masked_lm)
    for parameter in {id(each): each for kind in classes for each in kind.parameters()}.values():
        parameter.add_(torch.randn_like(parameter), alpha=NOISE)
    for kind in classes:
        nn.Module.eval(kind).requires_grad_(False)
    shape = getattr(config, "convolutional_stem", None)
    stem = None if shape is None else ConvolutionalStem(shape).eval().requires_grad_(False).to(device)
    return Network(config, contrastive.bridgetower, contrastive, retrieval, masked_lm, stem)


def copy_of(network: Network, dtype: torch.dtype) -> Network:
    """The same network in another precision, and the first as it was."""
    copied = deepcopy(network)  # what the classes share, they share in the copy
    for module in (copied.contrastive, copied.retrieval, copied.masked_lm):
        if module is not None:
            nn.Module.to(module, dtype)  # transformers wraps `to` in a type of its own
    return copied


def write_processor(folder: Path, config: Config) -> None:
    """Save a tokenizer that spells with letters, and an image processor for the side that the model takes."""
    tokens = [token for token in LETTERS if token != "<pad>"]
    tokens.insert(config.text_config.pad_token_id, "<pad>")
    vocabulary = {token: row for row, token in enumerate(tokens)}
    longest = config.text_config.max_position_embeddings - config.text_config.pad_token_id - 1
    tokenizer = RobertaTokenizer(vocab=vocabulary, merges=[], model_max_length=longest)
    size = {"shortest_edge": config.vision_config.image_size}
    BridgeTowerProcessor(BridgeTowerImageProcessorPil(size=size, crop_size=size), tokenizer).save_pretrained(
        folder
    )


def bridgetower_around(network: Network, dtype: torch.dtype = torch.float32) -> BridgeTower:
    """Our model on the very tensors of a network, wherever they are; nothing is copied."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_processor(folder, network.config)
        checkpoint = Checkpoint("random", folder, "0" * 16)
        return BridgeTower(checkpoint, network, str(network.backbone.device), dtype)
