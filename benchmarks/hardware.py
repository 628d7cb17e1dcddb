"""The machine a benchmark ran on: a number without it means nothing."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import torch

BFLOAT16 = ("amx_bf16", "avx512_bf16", "bf16", "sve_bf16")


def describe() -> dict[str, str]:
    """CPU, cores, threads, memory, versions, whether the CPU has bfloat16 instructions, and a GPU."""
    machine = {
        "cpu": cpu_name(),
        "cores": f"{os.cpu_count()} logical, torch uses {torch.get_num_threads()}",
        "memory": memory(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "bfloat16": bfloat16(),
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "torch": torch.__version__,
    }
    return machine | ({"gpu": gpu()} if torch.cuda.is_available() else {})


def cpu_name() -> str:
    """The model of the CPU as it names itself."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass  # not Linux
    return platform.processor() or platform.machine()


def memory() -> str:
    """Physical memory in GiB."""
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f} GiB"
    except (AttributeError, ValueError, OSError):
        return "unknown"  # not POSIX


def gpu() -> str:
    """The first GPU's name, and where float32 is rounded to TF32."""
    products, convolutions = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    rounded = [name for name, on in (("products", products), ("convolutions", convolutions)) if on]
    return f"{torch.cuda.get_device_name()}, TF32 in {' and '.join(rounded) or 'nothing'}"


def without_tf32() -> None:
    """Let a GPU compute float32 in float32; torch lets convolutions round to TF32 unless told."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False


def bfloat16() -> str:
    """Which bfloat16 instructions there are; without any, torch converts to float32 and back."""
    if not hasattr(torch.cpu, "get_capabilities"):
        return "not known to this torch"
    capabilities = torch.cpu.get_capabilities()
    found = [name for name in BFLOAT16 if capabilities.get(name)]
    return ", ".join(found) if found else "no instructions for it: torch converts to float32 and back"
