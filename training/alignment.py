"""Between the parts of stage 3: fusion begins as the similarity that the towers already agree on.

A cross-modal encoder from scratch spends thousands of steps before it finds that a photo and a caption can
be compared at all. Attention scores are such a comparison, so the last image layer's cross-attention is set
up to make it: the photo's CLS token asks with its contrastive embedding, the caption's CLS token answers with
its own, each head taking its share of the dimensions, and how much of the caption's CLS token comes through
is, to first order, the cosine similarity. Training goes on from there. Masked-LM does not read that layer.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import BertTokenizer

from model import forward
from training import fusion
from training.mini import Mini, tokenize

SHARPNESS = 30.0  # attention log-odds a unit of cosine
STRENGTH = 3.0  # length of the residual that one head fully open adds
CAPTIONS = 900  # sampled to fit the projections


@torch.no_grad()
def start_matching(
    mini: Mini, tokenizer: BertTokenizer, layers: Tensor, embeddings: tuple[Tensor, Tensor],
    texts: list[str], owner: NDArray[np.int64], wrong: NDArray[np.int64],
) -> float:  # fmt: skip
    """Set up the last image layer's cross-attention and the ITM head; returns the share of pairs told right.

    `layers` are the photos' cached outputs, `embeddings` of photos (n, dim) and captions (m, dim), unit L2
    norm; `owner` the photo of each caption, `wrong` (m, depth) its nearest wrong photos.
    """
    mini.eval()
    rng = np.random.default_rng(0)
    asked = rng.choice(len(texts), min(CAPTIONS, len(texts)), replace=False)
    near = wrong[asked, rng.integers(0, wrong.shape[1], len(asked))]
    far = rng.integers(0, len(layers), len(asked))
    photos, captions = np.concatenate([owner[asked], near, far]), np.tile(asked, 3)
    batches = [
        (layers[torch.from_numpy(photos[rows])], [texts[row] for row in captions[rows]])
        for rows in np.array_split(np.arange(len(photos)), max(1, len(photos) // 64))
    ]
    entering = [entering_states(mini, tokenizer, *batch) for batch in batches]
    query, cls, others = (torch.cat([each[place] for each in entering]) for place in range(3))
    own = embeddings[0][torch.from_numpy(photos)], embeddings[1][torch.from_numpy(captions)]
    direction = set_attention(mini, query, cls, others, *own)
    centre(
        mini,
        direction,
        lambda: [fusion.log_odds(mini, *parts(mini, tokenizer, *batch)) for batch in batches[::8]],
    )
    truth = torch.from_numpy(photos == owner[captions]).float()
    pooled = torch.cat([fusion.log_odds(mini, *parts(mini, tokenizer, *batch))[1] for batch in batches])
    easy = torch.from_numpy(np.concatenate([asked >= 0, np.zeros(len(asked), np.bool_), asked >= 0]))
    return fit_head(mini, pooled[easy], truth[easy])  # near misses are beyond it, and would teach it noise


def parts(
    mini: Mini, tokenizer: BertTokenizer, layers: Tensor, texts: list[str]
) -> tuple[forward.TowerStates, forward.TowerStates]:
    """Both towers' parts of fusion for photo i with caption i."""
    return fusion.photo_part(mini, layers), fusion.caption_part(mini, *tokenize(tokenizer, texts))


def entering_states(
    mini: Mini, tokenizer: BertTokenizer, layers: Tensor, texts: list[str]
) -> tuple[Tensor, Tensor, Tensor]:
    """What the last image layer's cross-attention sees: the photo's CLS, the caption's, all other tokens."""
    photos, captions = parts(mini, tokenizer, layers, texts)
    text_in, image_in = forward.fuse_below(mini.bridgetower, photos, captions)
    layer = mini.bridgetower.cross_modal_image_layers[-1]
    query = forward.bert_attention(layer.attention, image_in[:, :1], image_in, None)[:, 0]
    assert captions.mask is not None
    real = captions.mask[:, 0, 0].clone()
    real[:, 0] = False
    return query, text_in[:, 0], text_in[real]


def least_squares(inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Ridge regression with a constant: weight (out, in) and bias (out,)."""
    augmented = torch.cat([inputs, torch.ones(len(inputs), 1)], dim=1).double()
    gram = augmented.T @ augmented + 1e-3 * len(inputs) * torch.eye(augmented.shape[1])
    solution = torch.linalg.solve(gram, augmented.T @ targets.double()).float()
    return solution[:-1].T, solution[-1]


def set_attention(
    mini: Mini, query: Tensor, cls: Tensor, others: Tensor, photos: Tensor, captions: Tensor
) -> Tensor:
    """Fit the attention so that the caption's CLS token comes through as the pair is similar."""
    attention = mini.bridgetower.cross_modal_image_layers[-1].crossattention
    inner, heads = attention.self, attention.self.num_attention_heads
    size = inner.attention_head_size
    share = photos.shape[1] // heads  # dimensions of the embedding a head compares
    centred = photos - photos.mean(0)
    axes = torch.linalg.eigh(centred.T @ centred)[1].flip(1)[:, : share * heads]
    asks = centred @ axes
    answers = (captions - captions.mean(0)) @ axes
    ask_weight, ask_bias = least_squares(query, asks)
    others = others[torch.randperm(len(others))[: 4 * len(cls)]]
    both = torch.cat([cls, others])
    wanted = torch.cat(
        [torch.cat([answers, torch.ones(len(cls), 1)], 1), torch.zeros(len(others), share * heads + 1)]
    )
    answer_weight, answer_bias = least_squares(both, wanted)
    scale, is_cls = math.sqrt(size), share * heads
    direction = quiet_direction(query)
    attention.output.dense.weight.mul_(0.3)
    mini.bridgetower.cross_modal_image_layers[-1].output.dense.weight.mul_(0.2)
    for head in range(heads):
        first = head * size
        mine = torch.arange(head, share * heads, heads)  # dealt out, so that no head has all the large ones
        rows = slice(first, first + share)
        inner.query.weight[rows], inner.query.bias[rows] = (
            SHARPNESS * scale * ask_weight[mine],
            SHARPNESS * scale * ask_bias[mine],
        )
        inner.key.weight[rows], inner.key.bias[rows] = answer_weight[mine], answer_bias[mine]
        marker = first + share  # opens the head half way for a caption of a dozen tokens
        inner.query.weight[marker], inner.query.bias[marker] = 0.0, math.log(12) * scale
        inner.key.weight[marker], inner.key.bias[marker] = answer_weight[is_cls], answer_bias[is_cls]
        for unused in (inner.query, inner.key):
            unused.weight[marker + 1 : first + size].mul_(0.3)
        inner.value.weight[first], inner.value.bias[first] = answer_weight[is_cls], answer_bias[is_cls]
        attention.output.dense.weight[:, first] = STRENGTH * direction
    return direction


def quiet_direction(states: Tensor) -> Tensor:
    """A unit direction (hidden,) in which the photos themselves hardly differ: what is added there is heard.

    The very quietest directions are those that layer norm fixes; a later one is taken, without its mean.
    """
    centred = states - states.mean(0)
    calm = torch.linalg.eigh(centred.T @ centred)[1][:, 5]
    return F.normalize(calm - calm.mean(), dim=0)


def centre(mini: Mini, direction: Tensor, run: Callable[[], object]) -> None:
    """Take from the output's bias what it adds along `direction` on average: layer norm would drown in it."""
    dense = mini.bridgetower.cross_modal_image_layers[-1].crossattention.output.dense
    seen: list[Tensor] = []
    hook = dense.register_forward_hook(lambda module, given, out: seen.append(out[:, 0] @ direction))
    run()
    hook.remove()
    dense.bias.sub_(torch.cat(seen).mean() * direction)


def fit_head(mini: Mini, pooled: Tensor, truth: Tensor) -> float:
    """Logistic regression of the ITM head on pooled pairs (p, 2 x hidden); the share it tells right."""
    mean, spread = pooled.mean(0), pooled.std(0) + 1e-3
    inputs = (pooled - mean) / spread
    weight, bias = torch.zeros(inputs.shape[1], requires_grad=True), torch.zeros((), requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=100)

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = (
            F.binary_cross_entropy_with_logits(inputs @ weight + bias, truth) + 0.01 * weight.square().sum()
        )
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    with torch.enable_grad():
        optimiser.step(closure)  # type: ignore[no-untyped-call]
    fitted, constant = weight.detach() / spread, bias.detach() - (weight.detach() * mean / spread).sum()
    head: nn.Linear = mini.itm_score.fc
    head.weight[0], head.weight[1] = -fitted / 2, fitted / 2
    head.bias[0], head.bias[1] = -constant / 2, constant / 2
    return float((((inputs @ weight.detach() + bias.detach()) > 0) == truth.bool()).float().mean())
