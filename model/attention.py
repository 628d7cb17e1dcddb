"""Attention between many tokens and a few: the same numbers from fewer multiplications.

A photo has hundreds of tokens and a caption about ten. Keys and values of the photo's tokens are one d x d
projection each for every token; but the score of a query q with the key of token x is q (K x) = (q K) x, and
what is mixed of values is mix(V x) = V mix(x). So the few tokens' queries are taken through the key matrix,
and their mixtures through the value matrix, and the photo's tokens are read as they are. The other way
round, where a photo's tokens attend to the caption's, the query and output matrices are taken through the
few tokens' keys and values. The bias of a key adds the same to all of a query's scores and falls out of
their softmax; the weights of a mixture sum to 1, so the bias of a value is added once.

Source of the modules' form: transformers 5.23, `models/bridgetower/modeling_bridgetower.py`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from model.products import linear

WORTH_IT = 0.7  # of the multiplications of a projection: the smaller ones are slower each


def attend(
    query: Tensor, key: Tensor, value: Tensor, heads: int, mask: Tensor | None, dropout: float
) -> Tensor:
    """Scaled dot-product attention; (n, q, hidden) and (n, k, hidden) to (n, q, hidden)."""
    query, key, value = (part.unflatten(-1, (heads, -1)).transpose(1, 2) for part in (query, key, value))
    mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=dropout)
    return mixed.transpose(1, 2).flatten(2)


def bert_attention(module: Any, hidden: Tensor, context: Tensor, mask: Tensor | None) -> Tensor:
    """A post-norm attention block of text tower or cross-modal encoder: `hidden` attends to `context`.

    `hidden` is (n, q, hidden) or, shared by all, (1, q, hidden); `context` likewise. `mask` (n or 1, 1, 1, k)
    is bool, true at tokens that are read, or what is added to their scores.
    """
    inner, output = module.self, module.output
    if not inner.training:
        few, many = hidden.shape[1], context.shape[1]
        if folding_pays(few, many, inner):
            return finish(output, linear(output.dense, few_to_many(inner, hidden, context, mask)), hidden)
        if folding_pays(many, few, inner):
            return finish(output, many_to_few(module, hidden, context, mask), hidden)
    dropout = float(inner.dropout.p) if inner.training else 0.0
    query = linear(inner.query, hidden)
    key, value = (linear(part, context) for part in (inner.key, inner.value))
    n = max(len(hidden), len(context))
    query, key, value = (part.expand(n, -1, -1) for part in (query, key, value))
    mixed = attend(query, key, value, inner.num_attention_heads, mask, dropout)
    return finish(output, output.dropout(linear(output.dense, mixed)), hidden)


def finish(output: Any, projected: Tensor, hidden: Tensor) -> Tensor:
    """What follows the output projection: the residual and its norm."""
    return output.LayerNorm(projected + hidden)  # type: ignore[no-any-return]


def folding_pays(few: int, many: int, inner: Any) -> bool:
    """Whether taking a projection through the few tokens is less work than applying it to the many.

    In multiplications of width x width: `many` against `few` and one for every head, few and many tokens.
    """
    width = inner.num_attention_heads * inner.attention_head_size
    folded = few + many * few * inner.num_attention_heads / width
    return bool(folded < WORTH_IT * many)


def through(few: Tensor, matrices: Tensor) -> Tensor:
    """(n, heads, few, a) through one matrix a head, (heads, a, b): (n, heads, few, b)."""
    n, heads, tokens, _ = few.shape
    folded = torch.bmm(few.transpose(0, 1).reshape(heads, n * tokens, -1), matrices)
    return folded.unflatten(1, (n, tokens)).transpose(0, 1)  # type: ignore[no-any-return]


def masked(scores: Tensor, mask: Tensor | None) -> Tensor:
    """Scores with a mask that broadcasts over them: bool, true at what is read, or added to them."""
    if mask is None:
        return scores
    return scores.masked_fill(~mask, -torch.inf) if mask.dtype == torch.bool else scores + mask


def by_head(states: Tensor, heads: int) -> Tensor:
    """(n, tokens, hidden) to (n, heads, tokens, hidden / heads)."""
    return states.unflatten(-1, (heads, -1)).transpose(1, 2)  # type: ignore[no-any-return]


def few_to_many(inner: Any, few: Tensor, many: Tensor, mask: Tensor | None) -> Tensor:
    """A few queries, (n or 1, q, hidden), over many tokens, (n or 1, k, hidden): values (n, q, hidden)."""
    heads, q, n = inner.num_attention_heads, few.shape[1], max(len(few), len(many))
    many = many.expand(n, -1, -1)
    keys, values = (part.weight.unflatten(0, (heads, -1)) for part in (inner.key, inner.value))
    queries = through(by_head(linear(inner.query, few), heads), keys * inner.scaling).flatten(1, 2)
    scores = torch.bmm(queries.expand(n, -1, -1), many.mT)  # (n, heads x q, k)
    scores = masked(scores, None if mask is None else mask[:, 0])
    mixed = torch.bmm(scores.softmax(-1), many).unflatten(1, (heads, q))
    return through(mixed, values.transpose(1, 2)).transpose(1, 2).flatten(2) + inner.value.bias  # type: ignore[no-any-return]


def many_to_few(module: Any, many: Tensor, few: Tensor, mask: Tensor | None) -> Tensor:
    """Many queries, (n, q, hidden), over a few tokens, (n or 1, k, hidden): projected out, (n, q, hidden)."""
    inner, dense = module.self, module.output.dense
    heads, k = inner.num_attention_heads, few.shape[1]
    keys, values = (by_head(linear(part, few), heads) for part in (inner.key, inner.value))
    keys = keys * inner.scaling
    bias = keys @ inner.query.bias.unflatten(0, (heads, -1))[:, :, None]  # (n or 1, heads, k, 1)
    bias = masked(bias, None if mask is None else mask.mT)
    queries = through(keys, inner.query.weight.unflatten(0, (heads, -1))).flatten(1, 2)
    outputs = through(values, dense.weight.unflatten(1, (heads, -1)).permute(1, 2, 0)).flatten(1, 2)
    if len(few) == 1:  # a caption that all photos share: one matrix for all of them
        queries, outputs = queries[0], outputs[0]
    scores = torch.matmul(many, queries.mT) + bias.flatten(1)[:, None]  # (n, q, heads x k)
    weights = scores.unflatten(-1, (heads, k)).softmax(-1).flatten(2)
    return torch.matmul(weights, outputs) + dense.bias  # type: ignore[no-any-return]
