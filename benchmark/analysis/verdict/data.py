"""The verdict as plain data, for programs."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.verdict.recommendation import Recommendation, recommendations
from benchmark.analysis.verdict.sentences import command_of, sentence
from benchmark.records.metric_specs import MetricSpec

AMOUNTS = frozenset({"difference", "low", "high", "mean", "reference_mean"})
DECIMALS = 6


def verdict_data(results: ResultSet, prefix: str = "") -> dict[str, Any]:
    """Give the verdict of an encoder and recipe as what JSON holds.

    Amounts are in the unit of the metric, as tables print them, and what is no number
    is None. The names of the grid files that commands read begin with the prefix.
    """
    metric = results.metric
    return {
        "encoder": results.encoder,
        "recipe": results.recipe,
        "metric": metric.name,
        "unit": metric.unit,
        "verdict": [_recommended(results, one, prefix) for one in recommendations(results)],
    }


def _recommended(results: ResultSet, found: Recommendation, prefix: str) -> dict[str, Any]:
    metric = results.metric
    said = sentence(found, metric) if found.compared else None
    data = {"sentence": said, **scaled(dataclasses.asdict(found), metric)}
    if found.next_step is not None:
        data["next_step"]["command"] = command_of(results, found, found.next_step, prefix) or None
    return data


def scaled(given: dict[str, Any], metric: MetricSpec) -> dict[str, Any]:
    """Give nested data whose amounts are in the unit of the metric."""
    return {name: _plain(name, value, metric) for name, value in given.items()}


def _plain(name: str, value: Any, metric: MetricSpec) -> Any:
    if isinstance(value, dict):
        return scaled(value, metric)
    if isinstance(value, (list, tuple)):
        return [_plain(name, each, metric) for each in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return round(value * metric.scale if name in AMOUNTS else value, DECIMALS)
    return value
