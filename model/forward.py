"""BridgeTower's forward pass taken apart: what depends on the photo, on the caption, and on the pair.

Hugging Face's forward runs everything for every pair. Here each tower runs once per photo or caption,
only fusion runs per pair, and what nobody reads is left out: embedding reads the CLS token of the last
vision layer alone, the poolers read the CLS tokens of the last cross-modal layer alone, and a photo's
self-attention in the first cross-modal layer does not depend on the caption. The results are the same.

Source: transformers 5.23, `models/bridgetower/modeling_bridgetower.py`, `BridgeTowerModel.forward`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model.attention import attend, bert_attention
from model.products import bert_mlp, linear, product
from model.tower_states import TowerStates as TowerStates

Backbone = Any  # transformers' BridgeTowerModel, whose submodules carry no types
IMAGE_TOKEN_TYPE, TEXT_TOKEN_TYPE = 1, 0
QUICK = 1.702  # the factor in CLIP's quick GELU


def vision_layer(block: Any, states: Tensor, cls_only: bool = False) -> Tensor:
    """One pre-norm vision layer, (n, tokens, hidden); with `cls_only`, its CLS token, (n, 1, hidden)."""
    attention: nn.MultiheadAttention = block.attn
    weight, bias = attention.in_proj_weight, attention.in_proj_bias
    normed = block.ln_1(states)
    if cls_only:
        hidden = attention.embed_dim
        query = product(normed[:, :1], weight[:hidden], bias[:hidden])
        key, value = product(normed, weight[hidden:], bias[hidden:]).chunk(2, dim=-1)
        states = states[:, :1]
    else:
        query, key, value = product(normed, weight, bias).chunk(3, dim=-1)
    states = states + linear(attention.out_proj, attend(query, key, value, attention.num_heads, None, 0.0))
    return states + vision_mlp(block.mlp, block.ln_2(states))


def vision_mlp(mlp: Any, states: Tensor) -> Tensor:
    """The MLP of a vision layer, (n, tokens, hidden)."""
    if states.is_cuda and not torch.is_grad_enabled():
        return scaled_mlp(mlp, states)
    hidden = linear(mlp["c_fc"], states)
    activated = mlp["gelu"](hidden) if torch.is_grad_enabled() else quick_gelu(hidden)
    return linear(mlp["c_proj"], activated)


def quick_gelu(hidden: Tensor) -> Tensor:
    """`hidden * sigmoid(1.702 * hidden)`, to the bit as the layer does it, in one new tensor, not three."""
    return (QUICK * hidden).sigmoid_().mul_(hidden)


def scaled_mlp(mlp: Any, states: Tensor) -> Tensor:
    """`vision_mlp` with one pass over the hidden states between its products, where `quick_gelu` takes three.

    A GPU is so quick at the products that those passes through memory count. x sigmoid(ax) is silu(ax) / a,
    and both factors are free inside the products.
    """
    up, down = mlp["c_fc"], mlp["c_proj"]
    hidden = torch.addmm(QUICK * up.bias, states.flatten(0, 1), up.weight.t(), alpha=QUICK)
    hidden = torch.addmm(down.bias, F.silu(hidden, inplace=True), down.weight.t(), alpha=1 / QUICK)
    return hidden.view(states.shape)


def text_layer(layer: Any, states: Tensor, mask: Tensor, cls_only: bool = False) -> Tensor:
    """One text layer, (n, tokens, hidden); with `cls_only`, its CLS token alone, (n, 1, hidden)."""
    hidden = states[:, :1] if cls_only else states
    return bert_mlp(layer, bert_attention(layer.attention, hidden, states, mask))


def split_index(backbone: Backbone) -> int:
    """How many layers of each tower run below the first cross-modal layer."""
    return len(backbone.text_model.encoder.layer) - int(backbone.config.num_hidden_layers) + 1


def token_type(backbone: Backbone, index: int) -> Tensor:
    """The embedding (hidden,) that tells image tokens from text tokens."""
    return backbone.token_type_embeddings.weight[index]  # type: ignore[no-any-return]


def transform(modules: Any, layer: int) -> nn.Module:
    """The projection into the cross-modal space: one Linear for all layers, or a list of them."""
    return modules[layer] if isinstance(modules, nn.ModuleList) else modules


def patch_tokens(backbone: Backbone, pixels: Tensor, stem: nn.Module | None = None) -> Tensor:
    """Pixels (n, 3, side, side) to the vision tower's first states (n, 1 + patches, hidden).

    With a convolutional stem these are what Hugging Face's forwards take as `image_embeds`.
    """
    visual = backbone.vision_model.visual
    pixels = pixels.to(visual.embeddings.patch_embedding.weight.dtype)
    if stem is not None:
        return first_states(backbone, stem(pixels))
    return visual.ln_pre(visual.embeddings(pixels))  # type: ignore[no-any-return]


def first_states(backbone: Backbone, patches: Tensor) -> Tensor:
    """Patch tokens (n, patches, hidden) with the CLS token and positions: (n, 1 + patches, hidden)."""
    visual = backbone.vision_model.visual
    cls = visual.embeddings.class_embedding.expand(len(patches), 1, -1)
    return visual.ln_pre(torch.cat([cls, patches], dim=1) + visual.embeddings.position_embedding.weight)  # type: ignore[no-any-return]


def photo_cls(backbone: Backbone, states: Tensor) -> Tensor:
    """First states to the projected and typed CLS token (n, hidden) that the contrastive head reads."""
    visual = backbone.vision_model.visual
    blocks = visual.transformer.resblocks
    for block in blocks[:-1]:
        states = vision_layer(block, states)
    cls = visual.ln_post(vision_layer(blocks[-1], states, cls_only=True)[:, 0])
    return transform(backbone.cross_modal_image_transform, 0)(cls) + token_type(backbone, IMAGE_TOKEN_TYPE)  # type: ignore[no-any-return]


def caption_cls(backbone: Backbone, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
    """Token ids (n, tokens) to the text tower's last CLS token (n, hidden)."""
    states, mask = backbone.text_model.embeddings(input_ids=input_ids), key_mask(attention_mask)
    layers = backbone.text_model.encoder.layer
    for layer in layers[:-1]:
        states = text_layer(layer, states, mask)
    return text_layer(layers[-1], states, mask, cls_only=True)[:, 0]


def key_mask(attention_mask: Tensor) -> Tensor:
    """(n, tokens) of 0 and 1 to bool (n, 1, 1, tokens)."""
    return attention_mask.bool()[:, None, None, :]


def photo_layers(backbone: Backbone, states: Tensor) -> list[Tensor]:
    """First states through the vision tower: the outputs that fusion reads, each (n, 1 + patches, hidden)."""
    visual, split = backbone.vision_model.visual, split_index(backbone)
    layers = []
    for depth, block in enumerate(visual.transformer.resblocks, start=1):
        states = vision_layer(block, states)
        if depth >= split:
            layers.append(visual.ln_post(states))
    return layers


def bridge_photos(backbone: Backbone, layers: list[Tensor]) -> TowerStates:
    """The vision tower's outputs as the photo's part of fusion."""
    projections, typed = backbone.cross_modal_image_transform, token_type(backbone, IMAGE_TOKEN_TYPE)
    bridged = [linear(transform(projections, depth), states) + typed for depth, states in enumerate(layers)]
    bridged[0] = backbone.cross_modal_image_layernorm(bridged[0])
    attended = bert_attention(backbone.cross_modal_image_layers[0].attention, bridged[0], bridged[0], None)
    return TowerStates(torch.stack(bridged), attended)


def photo_states(backbone: Backbone, states: Tensor) -> TowerStates:
    """First states (n, 1 + patches, hidden) through the vision tower to the photo's part of fusion."""
    return bridge_photos(backbone, photo_layers(backbone, states))


def caption_layers(backbone: Backbone, input_ids: Tensor, attention_mask: Tensor) -> list[Tensor]:
    """Token ids (n, tokens) through the text tower: what fusion reads, each (n, tokens, hidden)."""
    states, mask = backbone.text_model.embeddings(input_ids=input_ids), key_mask(attention_mask)
    layers, split = [], split_index(backbone)
    for depth, layer in enumerate(backbone.text_model.encoder.layer, start=1):
        states = text_layer(layer, states, mask)
        if depth >= split:
            layers.append(states)
    return layers


def bridge_captions(backbone: Backbone, layers: list[Tensor], attention_mask: Tensor) -> TowerStates:
    """The text tower's outputs as the caption's part of fusion."""
    projections, typed = backbone.cross_modal_text_transform, token_type(backbone, TEXT_TOKEN_TYPE)
    bridged = [linear(transform(projections, depth), states) + typed for depth, states in enumerate(layers)]
    bridged[0] = backbone.cross_modal_text_layernorm(bridged[0])
    mask = key_mask(attention_mask)
    attended = bert_attention(backbone.cross_modal_text_layers[0].attention, bridged[0], bridged[0], mask)
    return TowerStates(torch.stack(bridged), attended, mask)


def caption_states(backbone: Backbone, input_ids: Tensor, attention_mask: Tensor) -> TowerStates:
    """Token ids (n, tokens) through the text tower to the caption's part of fusion."""
    return bridge_captions(backbone, caption_layers(backbone, input_ids, attention_mask), attention_mask)


def cross_layer(
    layer: Any, hidden: Tensor, context: Tensor, masks: tuple[Tensor | None, Tensor | None], cls_only: bool
) -> Tensor:
    """One cross-modal layer of one stream; `masks` are those of its own tokens and of the context's."""
    attended = bert_attention(layer.attention, hidden[:, :1] if cls_only else hidden, hidden, masks[0])
    return bert_mlp(layer, bert_attention(layer.crossattention, attended, context, masks[1]))


def fuse_below(backbone: Backbone, photos: TowerStates, captions: TowerStates) -> tuple[Tensor, Tensor]:
    """Pair photo i with caption i, or all with one caption: text and image states entering the last layer."""
    text_layers, image_layers = backbone.cross_modal_text_layers, backbone.cross_modal_image_layers
    text_mask, image_mask = captions.mask, photos.mask
    text_in, image_in = captions.bridged[0], photos.bridged[0]
    for depth in range(1, len(text_layers)):
        if depth == 1:
            text = first_layer(text_layers[0], captions.attended, image_in, image_mask, False)
            image = first_layer(image_layers[0], photos.attended, text_in, text_mask, False)
        else:
            text = cross_layer(text_layers[depth - 1], text_in, image_in, (text_mask, image_mask), False)
            image = cross_layer(image_layers[depth - 1], image_in, text_in, (image_mask, text_mask), False)
        text_in = backbone.cross_modal_text_link_tower[depth - 1](captions.bridged[depth], text, None)
        image_in = backbone.cross_modal_image_link_tower[depth - 1](photos.bridged[depth], image, None)
    return text_in, image_in


def fuse(
    backbone: Backbone, photos: TowerStates, captions: TowerStates, cls_only: bool
) -> tuple[Tensor, Tensor]:
    """Pair photo i with caption i, or all with one caption: the cross-modal encoder's last states by stream.

    With `cls_only` both are (n, 1, hidden), all that the poolers read; else the text states are
    (n, tokens, hidden) for the masked-LM head and the image states stay at their CLS token.
    """
    text_last, image_last = backbone.cross_modal_text_layers[-1], backbone.cross_modal_image_layers[-1]
    text_mask, image_mask = captions.mask, photos.mask
    text_in, image_in = fuse_below(backbone, photos, captions)
    if len(backbone.cross_modal_text_layers) == 1:
        text = first_layer(text_last, captions.attended, image_in, image_mask, cls_only)
        return text, first_layer(image_last, photos.attended, text_in, text_mask, True)
    text = cross_layer(text_last, text_in, image_in, (text_mask, image_mask), cls_only)
    return text, cross_layer(image_last, image_in, text_in, (image_mask, text_mask), True)


def first_layer(
    layer: Any, attended: Tensor, context: Tensor, context_mask: Tensor | None, cls_only: bool
) -> Tensor:
    """The first cross-modal layer, whose self-attention came with the tower's states."""
    attended = attended[:, :1] if cls_only else attended
    return bert_mlp(layer, bert_attention(layer.crossattention, attended, context, context_mask))


def pooled_pair(backbone: Backbone, photos: TowerStates, captions: TowerStates) -> Tensor:
    """Pair photo i with caption i: what the ITM head reads, (n, 2 x hidden), the text's half first."""
    text, image = fuse(backbone, photos, captions, cls_only=True)
    pooled = [backbone.cross_modal_text_pooler(text), backbone.cross_modal_image_pooler(image)]
    return torch.cat(pooled, dim=-1)
