"""What methods cost on some cells."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.tables.costs import cost_ratios


@dataclass(frozen=True, slots=True)
class Prices:
    """Medians over the finished trials of some cells, by method.

    `ratios` are seconds as multiples of the reference's under the same seed and on the
    same device, and `seconds` are those of a trial. Methods without them are absent.
    """

    ratios: Mapping[str, float]
    seconds: Mapping[str, float]


def prices_in(results: ResultSet, cells: Collection[str]) -> Prices:
    """Give the prices of all methods on some cells."""
    trials = results.trials
    trials = trials[trials["cell"].isin(cells) & (trials["status"] == "done") & trials["wall_s"].notna()]
    ratios = cost_ratios(trials, results.reference).items()
    seconds = trials.groupby("method")["wall_s"].median().items()
    return Prices(
        {str(method): float(ratio) for method, ratio in ratios if math.isfinite(ratio)},
        {str(method): float(median) for method, median in seconds},
    )
