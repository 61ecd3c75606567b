"""Clocks for noisy machines: alternatives in turn, medians."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence


def seconds_of(action: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def in_turn(repeats: int, actions: Mapping[str, Callable[[int], float]]) -> dict[str, list[float]]:
    """What each action gives in each of `repeats` rounds.

    It is handed the number of the round.

    The actions take turns and every second round runs backwards, so that what slows the
    machine for a while slows all.

    >>> in_turn(2, {"a": lambda turn: turn + 1.0, "b": lambda turn: 5.0})
    {'a': [1.0, 2.0], 'b': [5.0, 5.0]}
    """
    found: dict[str, list[float]] = {name: [] for name in actions}
    for turn in range(repeats):
        for name in list(actions)[:: -1 if turn % 2 else 1]:
            found[name].append(actions[name](turn))
    return found


def median_ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median over rounds of the ratio within a round.

    >>> median_ratio([2.0, 9.0, 4.0], [1.0, 3.0, 2.0])
    2.0
    """
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def median_difference(above: Sequence[float], below: Sequence[float]) -> float:
    """The median over rounds of the difference within a round."""
    return statistics.median(a - b for a, b in zip(above, below, strict=True))
