"""Every method's difference to the best of its cell: how large, and how sure."""

from __future__ import annotations

import dataclasses
from functools import partial

import pandas as pd

from benchmark.analysis.layout.format import gain_with_range, gain_words, rule_name
from benchmark.analysis.layout.grid import grid_tables
from benchmark.analysis.layout.table import Table
from benchmark.analysis.result_set import ResultSet
from benchmark.records.metric_specs import MetricSpec
from benchmark.records.schema import HEADLINE_RULES

COLUMNS = ["method", "against", "seeds", "difference", "low", "high", "p", "p_holm", "cohens_d", "example_variance"]
PLACE = ["encoder", "recipe", "corpus", "noise", "cell", "rule"]


def difference_tables(results: ResultSet) -> list[Table]:
    """Give the difference to the best in points with its 95 % interval, a table a rule.

    There is none where nothing was compared.
    """
    tables = []
    for rule in HEADLINE_RULES:
        found = comparisons(results, rule).set_index(["cell", "method"])
        if found.empty:
            continue
        caption = (
            f"Paired difference to the cell's best in {results.metric.unit}, with its 95 % interval before Holm; p "
            f"values and Cohen's d: comparisons.csv.{gain_words(results.metric)}"
        )
        best = _best(results, rule)
        scores = pd.concat([found, best]) if len(best) else found
        title = f"Difference to the best, {rule_name(rule)}"
        only, text = pd.Index(results.ranked), partial(_text, metric=results.metric)
        tables += grid_tables(
            results, f"difference-{rule}", "differences", title, caption, scores, results.verdicts(rule), text, only
        )
    return tables


def comparisons(results: ResultSet, rule: str, metric: str | None = None) -> pd.DataFrame:
    """Give all comparisons within cells as a frame, a row for each cell and method,
    with differences as shares.
    """
    rows = [
        {"cell": cell} | dataclasses.asdict(comparison)
        for cell, verdict in results.verdicts(rule, metric).items()
        for comparison in verdict.comparisons.values()
    ]
    frame = pd.DataFrame.from_records(rows, columns=["cell", *COLUMNS])
    frame = frame.astype({name: "float64" for name in COLUMNS[3:]})
    frame = frame.merge(results.cells[["corpus", "noise"]], left_on="cell", right_index=True, how="left")
    frame = frame.assign(encoder=results.encoder, recipe=results.recipe, rule=rule)
    return frame[PLACE + COLUMNS].sort_values([*PLACE, "method"], kind="stable").reset_index(drop=True)


def _best(results: ResultSet, rule: str) -> pd.DataFrame:
    """Give the methods that the others are compared with, which have no row of their
    own.
    """
    rows = [(cell, verdict.best[0], 0.0) for cell, verdict in results.verdicts(rule).items()]
    frame = pd.DataFrame.from_records(rows, columns=["cell", "method", "difference"])
    return frame.assign(seeds=0).set_index(["cell", "method"])


def _text(score: pd.Series, metric: MetricSpec) -> str:
    if score["seeds"] == 0:
        return "best"
    return gain_with_range(metric, score["difference"], score["low"], score["high"])
