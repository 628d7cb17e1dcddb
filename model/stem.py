"""A convolutional stem in front of a BridgeTower: pretrained features in place of raw patches.

A checkpoint has one when its config.json says so under `convolutional_stem`; its weights lie beside the
others under `stem.`. What it gives goes where Hugging Face's forwards take `image_embeds`, so the
checkpoint stays an ordinary one for `from_pretrained`. Batch normalisation is folded into the weights.

Source for the shape: EfficientNet-Lite0 (Tan and Le 2019; the Lite variant has no squeeze-and-excitation
and clips at 6), with TensorFlow's `SAME` padding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model.products import in_one_pass, linear

AT_ONCE = 4  # photos whose feature maps stay within a CPU's caches


class SameConv(nn.Conv2d):
    """A convolution with bias that pads as TensorFlow does: the odd pixel goes right and below."""

    def __init__(
        self, channels_in: int, channels_out: int, kernel: int, stride: int, groups: int = 1
    ) -> None:
        super().__init__(channels_in, channels_out, kernel, stride, groups=groups)

    def forward(self, pixels: Tensor, clip: bool = False) -> Tensor:
        """(n, channels, height, width), each side divided by the stride and rounded up; clipped to 0..6.

        An odd number of pixels of padding is the same as one pixel more on both sides with a row of zeros
        before the kernel, and that needs no padded copy of the input.
        """
        kernel, stride = self.kernel_size[0], self.stride[0]
        padding, before = [], []
        for side in pixels.shape[2:]:
            total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
            before.append(total % 2)
            padding.append(total // 2 + total % 2)
        weight = F.pad(self.weight, (before[1], 0, before[0], 0)) if any(before) else self.weight
        if clip and fuses(pixels):
            return torch.ops.mkldnn._convolution_pointwise(  # type: ignore[no-any-return]
                pixels, weight, self.bias, padding, list(self.stride), [1, 1], self.groups,
                "hardtanh", [0.0, 6.0], "",
            )  # fmt: skip
        states = F.conv2d(pixels, weight, self.bias, self.stride, padding, groups=self.groups)
        return F.relu6(states) if clip else states


def fuses(states: Tensor) -> bool:
    """Whether oneDNN convolves and clips these in one pass over memory."""
    return in_one_pass(states) and hasattr(torch.ops.mkldnn, "_convolution_pointwise")


class InvertedBottleneck(nn.Module):
    """Expand, convolve each channel alone, project; added to its input where the shapes agree."""

    def __init__(self, channels_in: int, channels_out: int, expand: int, kernel: int, stride: int) -> None:
        super().__init__()
        wide = channels_in * expand
        self.expand = SameConv(channels_in, wide, 1, 1) if expand > 1 else None
        self.depthwise = SameConv(wide, wide, kernel, stride, groups=wide)
        self.project = SameConv(wide, channels_out, 1, 1)
        self.residual = stride == 1 and channels_in == channels_out

    def forward(self, states: Tensor) -> Tensor:
        """(n, channels_in, h, w) to (n, channels_out, h / stride, w / stride)."""
        wide = states if self.expand is None else self.expand(states, clip=True)
        narrow: Tensor = self.project(self.depthwise(wide, clip=True))
        return states + narrow if self.residual else narrow


class ConvolutionalStem(nn.Module):
    """Pixels to patch tokens. `shape` is the config's entry: first, blocks, last and hidden.

    A row of `blocks` is expansion, channels, repeats, stride, kernel.
    """

    def __init__(self, shape: Mapping[str, Any]) -> None:
        super().__init__()
        channels = int(shape["first"])
        self.first = SameConv(3, channels, 3, 2)
        self.blocks = nn.ModuleList()
        self.last_stride, self.small = 0, 0
        rows: Sequence[Sequence[int]] = shape["blocks"]
        for expand, out, repeats, stride, kernel in rows:
            if stride > 1:
                self.small = self.last_stride  # from here on maps are small beside the weights
                self.last_stride = len(self.blocks)  # the block that makes patches of what it sees
            for repeat in range(repeats):
                self.blocks.append(InvertedBottleneck(channels, out, expand, kernel, 1 if repeat else stride))
                channels = out
        self.last = SameConv(channels, int(shape["last"]), 1, 1)
        self.projection = nn.Linear(int(shape["last"]), int(shape["hidden"]))

    def features(self, pixels: Tensor) -> Tensor:
        """Pixels (n, 3, side, side) to the last feature map as tokens (n, patches, last)."""
        if fuses(pixels) and len(pixels) > AT_ONCE:
            states = torch.cat([self._large_maps(few) for few in pixels.split(AT_ONCE)])
        else:
            states = self._large_maps(pixels)
        return self.late(self._small_maps(states))

    def early(self, pixels: Tensor) -> Tensor:
        """Pixels to what enters the blocks that see patches: (n, channels, 2 x rows, 2 x columns)."""
        return self._small_maps(self._large_maps(pixels))

    def _large_maps(self, pixels: Tensor) -> Tensor:
        """The blocks whose feature maps are what takes memory, photo by photo."""
        states: Tensor = self.first(pixels, clip=True)
        for block in self.blocks[: self.small]:
            states = block(states)
        return states

    def _small_maps(self, states: Tensor) -> Tensor:
        """The blocks between those and `late`, which are quicker the more photos share their weights."""
        for block in self.blocks[self.small : self.last_stride]:
            states = block(states)
        return states

    def late(self, states: Tensor) -> Tensor:
        """The blocks that see patches, from `early`'s output to tokens (n, patches, last)."""
        for block in self.blocks[self.last_stride :]:
            states = block(states)
        tokens: Tensor = self.last(states, clip=True)
        return tokens.flatten(2).transpose(1, 2)

    def forward(self, pixels: Tensor) -> Tensor:
        """Pixels (n, 3, side, side) to patch tokens (n, patches, hidden)."""
        return linear(self.projection, self.features(pixels))
