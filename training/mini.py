"""mini's shape and its starting point: a small BridgeTower whose text tower begins as all-MiniLM-L6-v2.

BridgeTower's text layers are BERT's, so those weights fit as they are. Its positions count from
`pad_token_id + 1`, one later than BERT's, so the position table moves down by a row.
"""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoTokenizer, BertTokenizer, BridgeTowerConfig, BridgeTowerModel
from transformers.models.bridgetower.modeling_bridgetower import (
    BridgeTowerContrastiveHead,
    BridgeTowerITMHead,
    BridgeTowerMLMHead,
)

from model.stem import ConvolutionalStem, SameConv

HIDDEN, DIM, LAYERS, CROSS_LAYERS = 384, 256, 6, 2
PATCH, SIDE, MAX_TOKENS = 32, 224, 128
LITE0 = {
    "first": 32, "last": 1280, "hidden": HIDDEN,
    "blocks": [[1, 16, 1, 1, 3], [6, 24, 2, 2, 3], [6, 40, 2, 2, 5], [6, 80, 3, 2, 3], [6, 112, 3, 1, 5],
               [6, 192, 4, 2, 5], [6, 320, 1, 1, 3]],
}  # fmt: skip
SPECIALS = {"[PAD]": "[PAD]", "[UNK]": "[UNK]", "[CLS]": "[CLS]", "[SEP]": "[SEP]", "[MASK]": "<mask>"}


def mini_config(vocab_size: int, stem: bool = True) -> BridgeTowerConfig:
    """6 + 6 tower layers and 2 cross-modal layers of width 384, patches of 32 in 224 px."""
    text = {
        "vocab_size": vocab_size, "hidden_size": HIDDEN, "num_hidden_layers": LAYERS,
        "num_attention_heads": 12, "intermediate_size": 4 * HIDDEN,
        "max_position_embeddings": MAX_TOKENS + 1, "type_vocab_size": 1,
        "layer_norm_eps": 1e-12, "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3,
    }  # fmt: skip
    vision = {"hidden_size": HIDDEN, "num_hidden_layers": LAYERS, "patch_size": PATCH, "image_size": SIDE}
    beyond: dict[str, Any] = {"contrastive_hidden_size": DIM, "logit_scale_init_value": 3.0}
    if stem:
        beyond["convolutional_stem"] = LITE0
    return BridgeTowerConfig(
        hidden_size=HIDDEN, num_attention_heads=12, num_hidden_layers=CROSS_LAYERS, tie_word_embeddings=True,
        text_config=text, vision_config=vision, **beyond,
    )  # fmt: skip


class Mini(nn.Module):
    """One backbone with all three heads, its parameters named as the four public classes name them."""

    def __init__(self, config: BridgeTowerConfig) -> None:
        super().__init__()
        self.config = config
        self.bridgetower = BridgeTowerModel(config)
        self.stem = ConvolutionalStem(LITE0)
        self.itc_text_head = BridgeTowerContrastiveHead(HIDDEN, DIM)
        self.itc_image_head = BridgeTowerContrastiveHead(HIDDEN, DIM)
        self.itc_cross_modal_head = BridgeTowerContrastiveHead(2 * HIDDEN, DIM)
        self.itm_score = BridgeTowerITMHead(2 * HIDDEN)
        words = self.bridgetower.text_model.embeddings.word_embeddings.weight
        self.mlm_score = BridgeTowerMLMHead(config, weight=words)
        self.logit_scale = nn.Parameter(torch.tensor(3.0))


def choose_vocabulary(captions: list[str], teacher: Path, size: int) -> dict[str, int]:
    """The wordpieces worth keeping, as token to its id in the teacher's vocabulary, special tokens first.

    All that the captions use, every single character, and the most frequent of the rest (BERT's
    vocabulary is ordered by frequency), so that a word nobody trained on is still spelled, not lost.
    """
    tokenizer = AutoTokenizer.from_pretrained(teacher)
    ids: dict[str, int] = tokenizer.get_vocab()
    used = Counter(token for ids_ in tokenizer(captions)["input_ids"] for token in ids_)
    ordered = sorted(ids, key=lambda token: ids[token])
    plain = [token for token in ordered if token not in SPECIALS and not token.startswith("[unused")]
    ascii_only = [token for token in plain if token.isascii()]
    needed = [
        token
        for token in plain
        if ids[token] in used or (len(token.removeprefix("##")) == 1 and token.isascii())
    ]
    chosen = set(needed)
    for token in ascii_only:
        if len(chosen) >= size - len(SPECIALS):
            break
        chosen.add(token)
    kept = [*SPECIALS, *(token for token in ordered if token in chosen)]
    return {SPECIALS.get(token, token): ids[token] for token in kept}


def make_tokenizer(vocabulary: dict[str, int]) -> BertTokenizer:
    """A lower-casing wordpiece tokenizer over the kept vocabulary, whose blank is `<mask>`."""
    rows = {token: row for row, token in enumerate(vocabulary)}
    return BertTokenizer(vocab=rows, mask_token="<mask>", model_max_length=MAX_TOKENS)


@torch.no_grad()
def start_from_caption_teacher(mini: Mini, vocabulary: dict[str, int], bert: Any) -> None:
    """Copy all-MiniLM-L6-v2 into the text tower, and its last layers into the cross-modal text layers."""
    text = mini.bridgetower.text_model
    source = bert.embeddings
    text.embeddings.word_embeddings.weight.copy_(source.word_embeddings.weight[list(vocabulary.values())])
    text.embeddings.position_embeddings.weight[1:].copy_(source.position_embeddings.weight[:MAX_TOKENS])
    text.embeddings.position_embeddings.weight[0].zero_()
    text.embeddings.token_type_embeddings.weight.copy_(source.token_type_embeddings.weight[:1])
    text.embeddings.LayerNorm.load_state_dict(source.LayerNorm.state_dict())
    for mine, theirs in zip(text.encoder.layer, bert.encoder.layer, strict=True):
        mine.load_state_dict(theirs.state_dict())
    for mine, theirs in zip(
        mini.bridgetower.cross_modal_text_layers, bert.encoder.layer[-CROSS_LAYERS:], strict=True
    ):
        mine.load_state_dict(theirs.state_dict(), strict=False)  # cross-attention has no counterpart
        mine.crossattention.load_state_dict(theirs.attention.state_dict())  # type: ignore[union-attr]
    for projection in (
        mini.bridgetower.cross_modal_text_transform,
        mini.bridgetower.cross_modal_image_transform,
    ):
        nn.init.eye_(projection.weight)  # both towers have the width of the cross-modal space


@torch.no_grad()
def start_from_photo_teacher(mini: Mini, teacher: Any) -> None:
    """Fold EfficientNet-Lite0's batch normalisation into the stem's convolutions, which then stand still."""
    fold(mini.stem.first, teacher._conv_stem, teacher._bn0)
    blocks: Any = mini.stem.blocks
    for mine, theirs in zip(blocks, teacher._blocks, strict=True):
        if mine.expand is not None:
            fold(mine.expand, theirs._expand_conv, theirs._bn0)
        fold(mine.depthwise, theirs._depthwise_conv, theirs._bn1)
        fold(mine.project, theirs._project_conv, theirs._bn2)
    fold(mini.stem.last, teacher._conv_head, teacher._bn1)


def fold(mine: SameConv, convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    """One convolution that does what a convolution and its normalisation did."""
    assert norm.running_mean is not None and norm.running_var is not None and mine.bias is not None
    factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    mine.weight.copy_(convolution.weight * factor[:, None, None, None])
    mine.bias.copy_(norm.bias - norm.running_mean * factor)


@torch.no_grad()
def start_vision_tower(mini: Mini, mean: Tensor, axes: Tensor, scale: Tensor) -> None:
    """The projection begins as the features' principal axes, positions as a two-dimensional sine grid.

    Neither is then left to 6,000 photos to find out. `mean` (1280,), `axes` (1280, 384), `scale` ().
    """
    mini.stem.projection.weight.copy_(axes.T / scale)
    mini.stem.projection.bias.copy_(-(mean @ axes) / scale)
    grid = SIDE // PATCH
    table = mini.bridgetower.vision_model.visual.embeddings.position_embedding.weight
    rows, columns = torch.meshgrid(torch.arange(grid), torch.arange(grid), indexing="ij")
    frequencies = torch.exp(-math.log(100.0) * torch.arange(HIDDEN // 4) / (HIDDEN // 4))
    angles = [axis.flatten()[:, None] * frequencies for axis in (rows, columns)]
    waves = torch.cat([wave for angle in angles for wave in (angle.sin(), angle.cos())], dim=1)  # (49, 384)
    table[1:].copy_(0.3 * waves)


def tokenize(tokenizer: BertTokenizer, captions: list[str]) -> tuple[Tensor, Tensor]:
    """Captions to padded int64 token ids and attention mask, both (n, tokens)."""
    tokens = tokenizer(captions, padding=True, truncation=True, return_tensors="pt")
    return tokens["input_ids"], tokens["attention_mask"]
