"""The range of each metric that a record may hold."""

from __future__ import annotations

import functools
import sys
from typing import Annotated

from pydantic import AfterValidator

SLACK = 1e-6
"""Sums in single precision may pass one by this much."""

FINITE = sys.float_info.max

SHARES = ("accuracy", "macro_f1", "ece", "memorised", "suspicion")
AMOUNTS = ("nll", "matrix_error")
ERRORS = ("rate_error",)


@functools.cache
def range_of(metric: str) -> tuple[float, float]:
    """Give the least and the greatest value that a metric of this name may have.

    >>> range_of("rate_error")
    (-1.0, 1.0)
    """
    if any(part in metric for part in SHARES):
        return 0.0, 1.0
    if any(part in metric for part in AMOUNTS):
        return 0.0, FINITE
    if any(part in metric for part in ERRORS):
        return -1.0, 1.0
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
