"""How an audit says how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

Progress = Callable[[float], None]
"""Is told the share of a step that is done, from 0 to 1."""

VALUES_AT_ONCE = 4_000_000
"""Numbers that an array of some rows by all classes may hold."""


def silent(share: float) -> None:
    """Say nothing."""


def chunks(rows: int, values_a_row: int, progress: Progress = silent) -> Iterator[slice]:
    """Yield slices of rows, each of at most `VALUES_AT_ONCE` numbers, in order.

    >>> [part.stop for part in chunks(10, 1_000_000)]
    [4, 8, 10]
    """
    size = max(1, VALUES_AT_ONCE // max(values_a_row, 1))
    for start in range(0, rows, size):
        yield slice(start, min(start + size, rows))
        progress(min(start + size, rows) / rows)


def part_of(progress: Progress, first: float, last: float) -> Progress:
    """Give the progress of a step that is one part of another, from its share `first`
    to `last`.
    """

    def told(share: float) -> None:
        progress(first + share * (last - first))

    return told
