"""What a whole process shares, which a method has no business to read or change."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np


def surroundings() -> dict[str, Any]:
    """State that every trial of a process meets, by the name that the user reads."""
    import torch

    return {
        "torch's global random stream": torch.get_rng_state().numpy().tobytes(),
        "numpy's global random stream": _plain(np.random.get_state()),  # noqa: NPY002 - the very thing to watch
        "Python's global random stream": random.getstate(),
        "torch's default type": torch.get_default_dtype(),
        "torch's gradient mode": torch.is_grad_enabled(),
        "torch's thread count": torch.get_num_threads(),
    }


def changed(before: dict[str, Any]) -> list[str]:
    """Names of what is no longer as it was."""
    now = surroundings()
    return [name for name, value in before.items() if now[name] != value]


@contextmanager
def restored() -> Iterator[None]:
    """Everything in `surroundings` is put back after the block, whatever happens in
    it.
    """
    import torch

    torch_stream, numpy_stream, python_stream = (
        torch.get_rng_state(),
        np.random.get_state(),  # noqa: NPY002 - kept, not drawn from
        random.getstate(),
    )
    dtype, gradients, threads = torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_rng_state(torch_stream)
        np.random.set_state(numpy_stream)  # noqa: NPY002 - put back as it was
        random.setstate(python_stream)
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(gradients)
        torch.set_num_threads(threads)


def seed_global_streams(seed: int) -> None:
    """Set every global random stream, to see whether a method reads one."""
    import torch

    torch.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the very thing to watch
    random.seed(seed)


def _plain(state: Any) -> tuple[Any, ...]:
    return tuple(part.tobytes() if isinstance(part, np.ndarray) else part for part in state)
