"""The arithmetic of a transformer's passes, and which processors have it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.contracts.errors import BenchmarkError

if TYPE_CHECKING:
    import torch

CPU_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})
"""A processor with one of these multiplies bfloat16 itself and does not imitate it."""

CPU_INFO = Path("/proc/cpuinfo")


def autocast(precision: str, device: torch.device) -> AbstractContextManager[None]:
    """Give the block in which products have the precision and all sums that need it
    stay in float32.
    """
    import torch

    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16")


def cpu_has_bfloat16() -> bool:
    """Say whether this machine's processor has instructions for bfloat16.

    A system that does not list the instructions counts as one without them.
    """
    try:
        lines = CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(CPU_FLAGS & set(line.split()) for line in lines if line.startswith("flags"))


def has_bfloat16(device: str) -> bool:
    """Say whether a device has instructions for bfloat16."""
    if device.startswith("cuda"):
        import torch

        return torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
    return cpu_has_bfloat16()


def check_precision(precision: str, device: str) -> None:
    """Raise a BenchmarkError where a device would only imitate the precision."""
    if precision == "float32" or has_bfloat16(device):
        return
    where = "GPU" if device.startswith("cuda") else f"CPU (needed: {' or '.join(sorted(CPU_FLAGS))})"
    raise BenchmarkError(
        f"--precision {precision} is not for this {where}. Leave it out to train in float32, or run where the "
        "instructions are there; `doctor` says what a machine has."
    )
