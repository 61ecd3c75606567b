"""Batches made ahead of their step, in one thread."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from benchmark.contracts import LabelArray
from benchmark.training.cuda import UNDISTURBED

Made = TypeVar("Made")

AHEAD = 2
"""Batches that wait for their step."""

SECONDS_BETWEEN_LOOKS = 0.05
"""Between two looks of the thread whether it is still wanted."""


@contextmanager
def batches_ahead(
    make: Callable[[LabelArray], Made], rows: Sequence[LabelArray], in_thread: bool
) -> Iterator[Iterator[Made]]:
    """Give what `make` makes of each batch's rows, in their order.

    With `in_thread` a thread makes it ahead and ends with the block. What `make` raises
    there is raised here, where that batch would have come.
    """
    if not in_thread:
        yield map(make, rows)
        return
    made: queue.Queue[tuple[Made | None, BaseException | None]] = queue.Queue(AHEAD)
    unwanted = threading.Event()
    thread = threading.Thread(target=_make_all, args=(make, rows, made, unwanted), name="batches", daemon=True)
    thread.start()
    try:
        yield _taken(made, len(rows))
    finally:
        unwanted.set()
        thread.join()


def _make_all(
    make: Callable[[LabelArray], Made],
    rows: Sequence[LabelArray],
    made: queue.Queue[tuple[Made | None, BaseException | None]],
    unwanted: threading.Event,
) -> None:
    for chosen in rows:
        error: BaseException | None = None
        batch: Made | None = None
        try:
            with UNDISTURBED:
                batch = make(chosen)
        except BaseException as raised:  # it is raised in the thread that trains
            error = raised
        while not unwanted.is_set():
            with contextlib.suppress(queue.Full):
                made.put((batch, error), timeout=SECONDS_BETWEEN_LOOKS)
                break
        if unwanted.is_set() or error is not None:
            return


def _taken(made: queue.Queue[tuple[Made | None, BaseException | None]], count: int) -> Iterator[Made]:
    for _ in range(count):
        batch, error = made.get()
        if error is not None:
            raise error
        assert batch is not None
        yield batch
