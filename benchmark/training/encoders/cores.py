"""Work of torch on several cores: each call on one, several calls at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import torch

T = TypeVar("T")
R = TypeVar("R")


@contextmanager
def on_cores(action: Callable[[T], R], items: Sequence[T], count: int | None = None) -> Iterator[Iterator[R]]:
    """Give what an action makes of each item, in the order of the items, on so many
    cores or on all that this process may use.

    Torch computes each call with one thread, so that its bits do not depend on the
    number of cores and no thread waits for another within an operation. What was not
    begun when the block ends is not done.
    """
    threads = torch.get_num_threads()
    pool = ThreadPoolExecutor(min(count or _cores(), max(1, len(items))), initializer=partial(torch.set_num_threads, 1))
    try:
        yield pool.map(action, items)
    finally:
        pool.shutdown(cancel_futures=True)
        # A thread that sets its own number sets that of threads to come, too.
        torch.set_num_threads(threads)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
