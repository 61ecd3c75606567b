"""Figures drawn in processes of their own while the caller makes the tables."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from benchmark.analysis.figures import BUILDERS, Drawing, all_figures
from benchmark.analysis.result_set import ResultSet
from benchmark.records.schema import HEADLINE_RULES

Figures = tuple[Drawing, ...]

_settings: Sequence[ResultSet] = ()


@contextmanager
def figures_beside(settings: Sequence[ResultSet], processes: int) -> Iterator[Callable[[], list[Figures]]]:
    """Draw the figures of some settings in so many processes.

    Parameters
    ----------
    settings
        The settings. Processes see them as they are now, by a fork of this one.
    processes
        The number of processes. With one, and on systems where a fork is unsafe, all
        is drawn in this process.

    Yields
    ------
    Callable[[], list[Figures]]
        Waits for the figures and gives those of each setting, in the order of
        `all_figures`. Their bytes do not depend on the number of processes.
    """
    if processes < 2 or sys.platform != "linux":
        yield lambda: [tuple(all_figures(results)) for results in settings]
        return
    for results in settings:
        _compute_shared(results)
    places = [(setting, builder) for setting in range(len(settings)) for builder in range(len(BUILDERS))]
    # The settings reach a forked process as they lie in memory, whatever their size.
    pool = ProcessPoolExecutor(min(processes, len(places)), get_context("fork"), _take, (settings,))
    try:
        # The last builders draw the most panels, so that they begin first.
        drawn = {place: pool.submit(_built, *place) for place in reversed(places)}
        yield lambda: [
            tuple(itertools.chain.from_iterable(drawn[setting, builder].result() for builder in range(len(BUILDERS))))
            for setting in range(len(settings))
        ]
    finally:
        pool.shutdown(cancel_futures=True)


def _compute_shared(results: ResultSet) -> None:
    """Compute what several tables and figures read, so that a fork has it already."""
    results.details_in([])
    for rule in HEADLINE_RULES:
        results.across(rule)


def _take(settings: Sequence[ResultSet]) -> None:
    global _settings
    _settings = settings


def _built(setting: int, builder: int) -> list[Drawing]:
    return list(BUILDERS[builder](_settings[setting]))
