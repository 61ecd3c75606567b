"""What this machine has and what a process has used of it."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load_average() -> float | None:
    """Processes that ran or waited over the last minute; None where the system does not
    say.
    """
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):
        return None


def gpus() -> int:
    """GPUs at hand; imports torch."""
    import torch

    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def gpu_name() -> str | None:
    """The name of the first GPU at hand; None without one. It imports torch."""
    import torch

    return torch.cuda.get_device_name() if gpus() else None


def gpu_memory_mib() -> float | None:
    """Memory of the smallest GPU at hand, in MiB; None without one. It imports
    torch.
    """
    import torch

    sizes = [torch.cuda.get_device_properties(number).total_memory for number in range(gpus())]
    return min(sizes) / 2**20 if sizes else None


@contextlib.contextmanager
def collector_paused() -> Iterator[None]:
    """Let no garbage be looked for while many objects without cycles are made.

    The objects that were made are never looked through later. They go when nothing
    refers to them any more, as all objects without cycles do.

    >>> with collector_paused():
    ...     gc.isenabled()
    False
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            # Each full collection would otherwise go through all that was made: with ten
            # thousand records that is most of what the next second of work takes.
            gc.freeze()
            gc.enable()


def reset_peak_memory() -> None:
    """Forget the process's peak memory so far, where the system can (Linux)."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def return_freed_memory() -> None:
    """Give the system back what was freed, where the C library can (glibc).

    It would else count as this process's for as long as it lives.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def peak_memory_mib() -> float:
    """Peak resident memory since the last reset, in MiB.

    Since the process began where it cannot be reset.
    """
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    unit = 2**20 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
