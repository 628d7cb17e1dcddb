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

from torch import Tensor, nn
from torch.nn import functional as F


class SameConv(nn.Conv2d):
    """A convolution with bias that pads as TensorFlow does: the odd pixel goes right and below."""

    def __init__(
        self, channels_in: int, channels_out: int, kernel: int, stride: int, groups: int = 1
    ) -> None:
        super().__init__(channels_in, channels_out, kernel, stride, groups=groups)

    def forward(self, pixels: Tensor) -> Tensor:
        """(n, channels, height, width), each side divided by the stride and rounded up."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        edges: list[int] = []
        for side in (pixels.shape[3], pixels.shape[2]):
            total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
            edges += [total // 2, total - total // 2]
        if edges == [kernel // 2] * 4:
            return F.conv2d(pixels, self.weight, self.bias, self.stride, kernel // 2, groups=self.groups)
        return F.conv2d(F.pad(pixels, edges), self.weight, self.bias, self.stride, groups=self.groups)


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
        wide = states if self.expand is None else F.relu6(self.expand(states))
        narrow: Tensor = self.project(F.relu6(self.depthwise(wide)))
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
        rows: Sequence[Sequence[int]] = shape["blocks"]
        for expand, out, repeats, stride, kernel in rows:
            for repeat in range(repeats):
                self.blocks.append(InvertedBottleneck(channels, out, expand, kernel, 1 if repeat else stride))
                channels = out
        self.last = SameConv(channels, int(shape["last"]), 1, 1)
        self.projection = nn.Linear(int(shape["last"]), int(shape["hidden"]))

    def features(self, pixels: Tensor) -> Tensor:
        """Pixels (n, 3, side, side) to the last feature map as tokens (n, patches, last)."""
        states = F.relu6(self.first(pixels))
        for block in self.blocks:
            states = block(states)
        return F.relu6(self.last(states)).flatten(2).transpose(1, 2)

    def forward(self, pixels: Tensor) -> Tensor:
        """Pixels (n, 3, side, side) to patch tokens (n, patches, hidden)."""
        return self.projection(self.features(pixels))  # type: ignore[no-any-return]
