"""The machine a benchmark ran on: a number without it means nothing."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import torch

BFLOAT16 = ("amx_bf16", "avx512_bf16", "bf16", "sve_bf16")


def describe() -> dict[str, str]:
    """CPU, cores, threads, memory, versions, and whether the CPU has bfloat16 instructions."""
    return {
        "cpu": cpu_name(),
        "cores": f"{os.cpu_count()} logical, torch uses {torch.get_num_threads()}",
        "memory": memory(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "bfloat16": bfloat16(),
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "torch": torch.__version__,
    }


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


def bfloat16() -> str:
    """Which bfloat16 instructions there are; without any, torch converts to float32 and back."""
    capabilities = torch.cpu.get_capabilities()
    found = [name for name in BFLOAT16 if capabilities.get(name)]
    return ", ".join(found) if found else "no instructions for it: torch converts to float32 and back"
