"""The end of stage 3: where fusion has not learned to match, matching begins as the towers' similarity.

A cross-modal encoder from scratch spends thousands of steps before it finds that a photo and a caption can be
compared at all. The last image layer is therefore set up to compare them: its cross-attention fetches the
caption's embedding to the photo's CLS token, and its feed-forward network multiplies the two, since
gelu(x) + gelu(-x) is close to 0.8 x^2 for small x, and (a + b)^2 - (a - b)^2 = 4 a b. The sum over
dimensions is the cosine similarity; the pooler's first number passes it to the ITM head. Training can go on
from there. Masked-LM does not read that layer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from transformers import BertTokenizer

from model import forward
from model.attention import bert_attention
from training import fusion
from training.mini import HIDDEN, Mini, tokenize

PAIRS = 1500  # true pairs sampled to fit the projections, and as many random ones
DIMS = 128  # principal axes of the embeddings that are compared
FETCHED = 12.0  # length that a caption's embedding of length 1 gets in the photo's state
SMALL = 5.0  # embeddings enter the products times this, so that gelu is near its parabola
HEARD = 0.6  # length of the answer, a unit of the feed-forward network's sum
SURE = 10.0  # attention log-odds of the caption's CLS token against another


@torch.no_grad()
def start_matching(
    mini: Mini, tokenizer: BertTokenizer, layers: Tensor, embeddings: tuple[Tensor, Tensor],
    texts: list[str], owner: NDArray[np.int64],
) -> float:  # fmt: skip
    """Set up the last image layer and the ITM head; returns the share of true and random pairs told right.

    `layers` are the photos' cached outputs, `embeddings` of photos (n, dim) and captions (m, dim), unit L2
    norm; `owner` the photo of each caption.
    """
    mini.eval()
    rng = np.random.default_rng(0)
    asked = rng.choice(len(texts), min(PAIRS, len(texts)), replace=False)
    photos = np.concatenate([owner[asked], rng.integers(0, len(layers), len(asked))])
    captions = np.tile(asked, 2)
    batches = [
        (layers[torch.from_numpy(photos[rows])], [texts[row] for row in captions[rows]])
        for rows in np.array_split(np.arange(len(photos)), max(1, len(photos) // 64))
    ]
    entering = [entering_states(mini, tokenizer, *batch) for batch in batches]
    query, cls, others = (torch.cat([each[place] for each in entering]) for place in range(3))
    asks, answers = principal(embeddings, torch.from_numpy(photos), torch.from_numpy(captions))
    directions = quiet_directions(query)
    state = set_attention(mini, query, cls, others, answers, directions[:, 1:])
    set_product(mini, state, asks, answers, directions[:, 0])
    pooled = torch.cat([fusion.log_odds(mini, *parts(mini, tokenizer, *batch))[1] for batch in batches])
    return fit_head(mini, pooled[:, HIDDEN], torch.from_numpy(photos == owner[captions]).float())


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
    layer: Any = mini.bridgetower.cross_modal_image_layers[-1]
    query = bert_attention(layer.attention, image_in[:, :1], image_in, None)[:, 0]
    assert captions.mask is not None
    real = captions.mask[:, 0, 0].clone()
    real[:, 0] = False
    return query, text_in[:, 0], text_in[real]


def principal(embeddings: tuple[Tensor, Tensor], photos: Tensor, captions: Tensor) -> tuple[Tensor, Tensor]:
    """Both embeddings of each pair, centred, on the photos' principal axes: (pairs, 128) each."""
    centred = [each - each.mean(0) for each in embeddings]
    axes = torch.linalg.eigh(centred[0].T @ centred[0])[1][:, -DIMS:]
    return centred[0][photos] @ axes, centred[1][captions] @ axes


def least_squares(inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Ridge regression with a constant: weight (out, in) and bias (out,)."""
    augmented = torch.cat([inputs, torch.ones(len(inputs), 1)], dim=1).double()
    gram = augmented.T @ augmented + 1e-3 * len(inputs) * torch.eye(augmented.shape[1])
    solution = torch.linalg.solve(gram, augmented.T @ targets.double()).float()
    return solution[:-1].T, solution[-1]


def quiet_directions(states: Tensor) -> Tensor:
    """Orthonormal directions (hidden, 129) in which photos hardly differ, so that what is added is heard.

    The very quietest are those that layer norm fixes: they are left out, and the mean with them.
    """
    centred = states - states.mean(0)
    calm = torch.linalg.eigh(centred.T @ centred)[1][:, 4 : 5 + DIMS]
    directions: Tensor = torch.linalg.qr(calm - calm.mean(0))[0]
    return directions


def set_attention(
    mini: Mini, query: Tensor, cls: Tensor, others: Tensor, answers: Tensor, directions: Tensor
) -> Tensor:
    """Cross-attention that adds the caption's embedding to the photo's CLS; that state (pairs, hidden)."""
    layer: Any = mini.bridgetower.cross_modal_image_layers[-1]
    attention = layer.crossattention
    inner, size = attention.self, attention.self.attention_head_size
    others = others[torch.randperm(len(others))[: 4 * len(cls)]]
    marks = torch.cat([torch.ones(len(cls), 1), torch.zeros(len(others), 1)])
    marker, constant = least_squares(torch.cat([cls, others]), marks)
    fetch, offset = least_squares(cls, answers)
    # What is not set up starts at random where something else already is zero: two zeroes would never learn.
    for part in (inner.query, inner.key, inner.value, attention.output.dense):
        part.bias.zero_()
    inner.query.weight.zero_()
    attention.output.dense.weight.zero_()
    for first in range(0, inner.num_attention_heads * size, size):
        inner.query.bias[first] = SURE * size**0.5
        inner.key.weight[first], inner.key.bias[first] = marker[0], constant[0]
    inner.value.weight[:DIMS], inner.value.bias[:DIMS] = fetch, offset
    attention.output.dense.weight[:, :DIMS] = FETCHED * directions
    added = (cls @ fetch.T + offset) @ (FETCHED * directions).T
    state: Tensor = attention.output.LayerNorm(query + added)
    return state


def set_product(mini: Mini, state: Tensor, asks: Tensor, answers: Tensor, direction: Tensor) -> None:
    """A feed-forward network that multiplies both embeddings, and a pooler that reads the sum."""
    layer: Any = mini.bridgetower.cross_modal_image_layers[-1]
    (ask, ask_bias), (answer, answer_bias) = least_squares(state, asks), least_squares(state, answers)
    into, out = layer.intermediate.dense, layer.output.dense
    out.weight.zero_()
    for part in (into, out):
        part.bias.zero_()
    for place, (side, sign) in enumerate(((1, 1), (1, -1), (-1, 1), (-1, -1))):
        rows = slice(place * DIMS, (place + 1) * DIMS)
        into.weight[rows] = sign * SMALL * (ask + side * answer)
        into.bias[rows] = sign * SMALL * (ask_bias + side * answer_bias)
        out.weight[:, rows] = side * HEARD * direction[:, None]
    pooler: Any = mini.bridgetower.cross_modal_image_pooler.dense
    pooler.weight[0], pooler.bias[0] = 0.1 * direction, 0.0


def fit_head(mini: Mini, answer: Tensor, truth: Tensor) -> float:
    """Logistic regression of the ITM head on the pooler's first number (pairs,); the share it tells right."""
    line = torch.tensor([1.0, 0.0], requires_grad=True)
    optimiser = torch.optim.LBFGS([line], max_iter=100)

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = F.binary_cross_entropy_with_logits(line[0] * answer + line[1], truth)
        loss.backward()
        return loss

    with torch.enable_grad():
        optimiser.step(closure)
    slope, constant = line.detach()
    head: Any = mini.itm_score.fc
    head.weight.zero_()
    head.weight[0, HIDDEN], head.weight[1, HIDDEN] = -slope / 2, slope / 2
    head.bias[0], head.bias[1] = -constant / 2, constant / 2
    return float(((slope * answer + constant > 0) == truth.bool()).float().mean())
