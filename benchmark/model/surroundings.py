"""Torch as a trial has it, in a process that is the caller's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from benchmark.trial.process import enter_clean


@contextmanager
def as_a_run_encodes() -> Iterator[None]:
    """Torch's default dtype and gradients as a run finds them; afterwards as the caller
    had them.
    """
    before = torch.get_default_dtype(), torch.is_grad_enabled()
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)
    try:
        yield
    finally:
        torch.set_default_dtype(before[0])
        torch.set_grad_enabled(before[1])


@contextmanager
def as_in_a_trial(threads: int) -> Iterator[None]:
    """Torch as a trial has it; afterwards threads and determinism as the caller had
    them.
    """
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    with as_a_run_encodes():
        enter_clean(threads)
        try:
            yield
        finally:
            torch.set_num_threads(before[0])
            torch.use_deterministic_algorithms(before[1])
