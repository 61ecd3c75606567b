"""How many threads torch computes with, where that decides the last bits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

ENCODING_THREADS = 2
"""Small batches of features are computed with a fixed number of threads, since their
last bits depend on it; large ones go to all cores, one thread each.
"""


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Run torch with a fixed number of threads inside the block."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
