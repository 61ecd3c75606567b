"""Priors of variances between seeds, as large archives have them, for small sets.

They lie in priors.json beside this file, which measured_priors.py writes.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path

from benchmark.analysis.statistics.prior import SMALL_SET_DEGREES, Prior

FILE = Path(__file__).with_suffix(".json")


def packaged_prior(encoder: str, recipe: str, rule: str, metric: str) -> Prior | None:
    """Give the prior that was measured under an encoder, recipe and rule, if any."""
    found = _written().get(key_of(encoder, recipe, rule, metric))
    if found is None:
        return None
    return Prior(SMALL_SET_DEGREES, float(found["variance"]), source=str(found["archive"]))


@functools.cache
def _written() -> dict[str, dict[str, str | float]]:
    if not FILE.is_file():
        return {}
    content: dict[str, dict[str, str | float]] = json.loads(FILE.read_text(encoding="utf-8"))
    return content


def key_of(*parts: str) -> str:
    """Give the key of a prior: encoder, recipe, rule and metric."""
    return " | ".join(parts)
