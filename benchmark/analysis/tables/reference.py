"""Every method against the reference, cell by cell: who beats it under both headline
rules.
"""

from __future__ import annotations

import dataclasses
import math
from functools import partial

import pandas as pd

from benchmark.analysis.layout.format import NONE, gain_words, metric_gain, rule_name
from benchmark.analysis.layout.grid import grid_tables
from benchmark.analysis.layout.table import Cell, Column, Row, Table
from benchmark.analysis.result_set import ResultSet
from benchmark.records.metric_specs import MetricSpec
from benchmark.records.schema import HEADLINE_RULES

SURE = "*"


def reference_tables(results: ResultSet) -> list[Table]:
    """Give who is better or worse than the reference under both rules, then the
    differences, a table a rule.
    """
    found = {rule: results.against_reference(rule) for rule in HEADLINE_RULES}
    tested = any(one.tested for cells in found.values() for methods in cells.values() for one in methods.values())
    if not tested:
        return []
    tables = [_under_both(results)]
    for rule, cells in found.items():
        rows = [
            {"cell": cell} | dataclasses.asdict(one) | {"sure": one.tested and one.distinguishable}
            for cell, methods in cells.items()
            for one in methods.values()
        ]
        scores = pd.DataFrame.from_records(rows).set_index(["cell", "method"])
        title = f"Difference to {results.reference}, {rule_name(rule)}"
        caption = (
            f"Paired difference to {results.reference} in {results.metric.unit}. {SURE}: beyond luck within the cell "
            f"(paired test at 5 %, Holm over the methods).{gain_words(results.metric)}"
        )
        text, only = partial(_text, metric=results.metric), pd.Index(results.ranked)
        tables += grid_tables(results, f"reference-{rule}", "differences", title, caption, scores, None, text, only)
    return tables


def decided(results: ResultSet, cell: str) -> tuple[list[str], list[str]]:
    """Give the methods that a test finds better, and worse, than the reference in a
    cell under both headline rules.
    """
    better: list[set[str]] = []
    worse: list[set[str]] = []
    for rule in HEADLINE_RULES:
        ones = results.against_reference(rule).get(cell, {}).values()
        sure = [one for one in ones if one.tested and one.distinguishable]
        better.append({one.method for one in sure if one.difference > 0})
        worse.append({one.method for one in sure if one.difference < 0})
    return sorted(set.intersection(*better)), sorted(set.intersection(*worse))


def _under_both(results: ResultSet) -> Table:
    rows = []
    for cell, place in results.cells.iterrows():
        better, worse = decided(results, str(cell))
        texts = (", ".join(better) or NONE, ", ".join(worse) or NONE)
        rows.append(Row(f"{place['corpus']} {place['noise']}", tuple(map(Cell, texts))))
    caption = (
        f"Ranked methods that a paired test (5 %, Holm over methods) tells from {results.reference} under both rules. "
        "In neither column: not decided."
    )
    title = f"Who beats {results.reference} under both rules"
    columns = (Column("better"), Column("worse"))
    return Table("against-reference", "headline", title, caption, "cell", columns, tuple(rows))


def _text(score: pd.Series, metric: MetricSpec) -> str:
    if math.isnan(score["difference"]):
        return NONE
    return metric_gain(metric, score["difference"]) + (SURE if score["sure"] else "")
