"""Where the model runs and in which precision."""

from __future__ import annotations

import torch
from torch import Tensor

from model.errors import DeviceUnavailable

NAMES = ("auto", "cuda", "mps", "cpu")
PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def choose_device(wanted: str = "auto") -> str:
    """CUDA first, then MPS, then the CPU; or the one asked for, such as `cuda:1`.

    Raises:
        DeviceUnavailable: it is not on this machine, or not a device's name.
    """
    if wanted == "auto":
        if torch.cuda.is_available():
            return "cuda"
        return "mps" if torch.backends.mps.is_available() else "cpu"
    kind = wanted.split(":")[0]
    if kind not in NAMES:
        raise DeviceUnavailable(f"device {wanted!r} is not known: expected one of {', '.join(NAMES)}")
    if kind == "cuda" and not torch.cuda.is_available():
        raise DeviceUnavailable("device 'cuda': torch finds no NVIDIA GPU here; use --device auto")
    if kind == "mps" and not torch.backends.mps.is_available():
        raise DeviceUnavailable("device 'mps': torch finds no Apple GPU here; use --device auto")
    return wanted


def send(tensor: Tensor, device: str, dtype: torch.dtype | None = None) -> Tensor:
    """A tensor of the CPU on the device, in the precision asked for or its own.

    To CUDA it goes by way of pinned memory: the copy queues up with the device's work, and the CPU goes on.
    """
    if not device.startswith("cuda"):
        return tensor.to(device, dtype)
    pinned = torch.empty(tensor.shape, dtype=dtype or tensor.dtype, pin_memory=True)
    return pinned.copy_(tensor).to(device, non_blocking=True)


def choose_dtype(device: str, precision: str = "auto") -> torch.dtype:
    """The one asked for; else bfloat16 on CUDA where the card has it, float16 on other accelerators.

    On the CPU it is float32, which is exact everywhere. CPUs that multiply bfloat16 are about twice as fast
    with it, and others slower.

    Raises:
        DeviceUnavailable: no such precision is known.
    """
    if precision != "auto":
        if precision not in PRECISIONS:
            known = ", ".join(("auto", *PRECISIONS))
            raise DeviceUnavailable(f"precision {precision!r} is not known: expected one of {known}")
        return PRECISIONS[precision]
    if device.startswith("cuda"):
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.float16 if device == "mps" else torch.float32
