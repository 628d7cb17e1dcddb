"""Products of states with a layer's weights, in the way this CPU is quickest at.

torch multiplies float32 by MKL or OpenBLAS. Where a CPU has AVX512, oneDNN is a tenth to a fifth quicker at
the sizes of a BridgeTower and applies bias and GELU in the same pass over memory, as torch's own compiler has
it do. The results differ by rounding. Everywhere else, and where gradients are wanted, it is torch's own.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from transformers.activations import GELUActivation


def linear(module: Any, states: Tensor) -> Tensor:
    """States (..., in) through an `nn.Linear`: (..., out)."""
    return product(states, module.weight, module.bias)


def product(states: Tensor, weight: Tensor, bias: Tensor | None, gelu: bool = False) -> Tensor:
    """`states @ weight.T + bias`, (..., in) to (..., out); with `gelu` that function of it."""
    if by_onednn(states):
        activation, algorithm = ("gelu", "none") if gelu else ("none", "")
        return torch.ops.mkldnn._linear_pointwise(states, weight, bias, activation, [], algorithm)  # type: ignore[no-any-return]
    multiplied = F.linear(states, weight, bias)
    return F.gelu(multiplied) if gelu else multiplied


def bert_mlp(layer: Any, states: Tensor) -> Tensor:
    """The MLP of a text or cross-modal layer with its residual and norm, (n, tokens, hidden)."""
    up, output = layer.intermediate, layer.output
    if output.training or not isinstance(up.intermediate_act_fn, GELUActivation):
        return layer.feed_forward_chunk(states)  # type: ignore[no-any-return]
    wide = product(states, up.dense.weight, up.dense.bias, gelu=True)
    return output.LayerNorm(linear(output.dense, wide) + states)  # type: ignore[no-any-return]


def by_onednn(states: Tensor) -> bool:
    """Whether oneDNN multiplies these, in a precision that the CPU itself multiplies."""
    return in_one_pass(states) and _has_avx512() and hasattr(torch.ops.mkldnn, "_linear_pointwise")


def in_one_pass(states: Tensor) -> bool:
    """Whether oneDNN can multiply or convolve these and apply what follows in one pass over memory.

    Within autocast it is torch that chooses the precision, so that states and weights may differ in theirs.
    """
    return (
        states.device.type == "cpu"
        and (states.dtype == torch.float32 or (states.dtype == torch.bfloat16 and _multiplies_bfloat16()))
        and torch.backends.mkldnn.is_available()
        and not torch.is_grad_enabled()
        and not torch.is_autocast_enabled("cpu")
    )


@cache
def _has_avx512() -> bool:
    return torch.backends.cpu.get_cpu_capability().startswith("AVX512")


@cache
def _multiplies_bfloat16() -> bool:
    """Whether oneDNN has bfloat16 products for this CPU."""
    supported = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", None)
    return supported is not None and bool(supported())
