"""The range of each metric that a record may hold."""

from __future__ import annotations

import functools
from typing import Annotated

from pydantic import AfterValidator

from benchmark.records.metric_specs import FINITE, PREDICTION_METRICS, TRAINING_METRICS

SLACK = 1e-6
"""Sums in single precision may pass one by this much."""


@functools.cache
def range_of(metric: str) -> tuple[float, float]:
    """Give the least and the greatest value that a metric of this name may have.

    >>> range_of("rate_error")
    (-1.0, 1.0)
    """
    if spec := TRAINING_METRICS.get(metric.removeprefix("train_")) or TRAINING_METRICS.get(metric):
        return spec.least, spec.greatest
    bare = metric.removesuffix("_single")
    for name, prediction in PREDICTION_METRICS.items():
        if bare == name or bare.endswith(f"_{name}"):
            return 0.0, prediction.greatest
    return -FINITE, FINITE


def refuse_out_of_range(metrics: dict[str, float]) -> dict[str, float]:
    """Give the metrics back; one outside its range, NaN too, is a ValueError."""
    for name, value in metrics.items():
        least, greatest = range_of(name)
        if not least <= value <= greatest + SLACK:
            raise ValueError(f"{name} is {value:g}, outside {least:g} to {greatest:g}")
    return metrics


Metrics = Annotated[dict[str, float], AfterValidator(refuse_out_of_range)]
"""Metrics by name, each within its range."""
