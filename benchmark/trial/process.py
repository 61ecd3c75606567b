"""The process in which trials take turns: it is cleaned before and after each."""

from __future__ import annotations

import gc
from functools import cache

from benchmark.records.machine import peak_memory_mib, return_freed_memory


def peaks(device: str) -> tuple[float, float | None]:
    """Give the peak memory of this process and of its GPU since the trial began, in
    MiB.

    The latter is None without a GPU.
    """
    import torch

    on_gpu = device.startswith("cuda")
    return peak_memory_mib(), torch.cuda.max_memory_allocated() / 2**20 if on_gpu else None


def enter_clean(threads: int) -> None:
    """Clear a reused worker, which must not show one trial what another left."""
    import torch

    from benchmark.training.cuda import compute_deterministically

    torch.set_num_threads(threads)
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)
    compute_deterministically()
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()


@cache
def keep_what_is_imported() -> None:
    """Let no later collection walk through what the first trial has imported, which
    costs more than a short trial.

    It happens once in a process. To count what is kept would walk through it, too.
    """
    gc.freeze()


def leave_clean() -> None:
    """Free what a trial has left, so that the next one's peak memory is its own."""
    import torch

    gc.collect()
    keep_what_is_imported()
    return_freed_memory()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
