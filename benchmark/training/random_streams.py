"""Torch random streams of their own: dropout and initial weights that no other draw can
move.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


class TorchStream:
    """A random stream that stands in for torch's global one inside `with stream():` and
    nowhere else.

    Layers such as dropout draw from the global stream and take no generator. The swap
    gives each network its own.
    """

    def __init__(self, seed: int, device: torch.device) -> None:
        self._device = device
        outer = self._read()
        torch.manual_seed(seed)
        self._state = self._read()
        self._write(outer)

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Draw from this stream inside the block.

        The global one is put back after it.
        """
        outer = self._read()
        self._write(self._state)
        try:
            yield
        finally:
            self._state = self._read()
            self._write(outer)

    def _read(self) -> tuple[Tensor, Tensor | None]:
        cuda = torch.cuda.get_rng_state(self._device) if self._device.type == "cuda" else None
        return torch.get_rng_state(), cuda

    def _write(self, state: tuple[Tensor, Tensor | None]) -> None:
        torch.set_rng_state(state[0])
        if state[1] is not None:
            torch.cuda.set_rng_state(state[1], self._device)
