"""Figures of a report: each builder takes a setting and gives figures; a new figure is
a new file and a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmark.analysis.figures.accuracy_by_rate import accuracy_by_rate
from benchmark.analysis.figures.cost_by_accuracy import cost_by_accuracy
from benchmark.analysis.figures.critical_difference import critical_difference
from benchmark.analysis.figures.curves import learning_curves
from benchmark.analysis.figures.drawing import Drawing
from benchmark.analysis.figures.seed_spread import seed_spread
from benchmark.analysis.figures.transition_matrices import transition_matrices
from benchmark.analysis.result_set import ResultSet

__all__ = ["BUILDERS", "Drawing", "all_figures"]

BUILDERS: tuple[Callable[[ResultSet], Iterator[Drawing]], ...] = (
    accuracy_by_rate,
    critical_difference,
    cost_by_accuracy,
    learning_curves,
    transition_matrices,
    seed_spread,
)


def all_figures(results: ResultSet) -> Iterator[Drawing]:
    """Yield every figure of a setting, one at a time, in the order of the report."""
    for build in BUILDERS:
        yield from build(results)
