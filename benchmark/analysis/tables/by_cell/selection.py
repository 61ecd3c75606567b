"""Selection rules side by side, and how far the usable ones are from the oracles."""

from __future__ import annotations

import pandas as pd

from benchmark.analysis.layout.format import NONE, metric_gain, metric_text, rule_name
from benchmark.analysis.layout.grid import label
from benchmark.analysis.layout.table import Cell, Column, Row, Table
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.tables.averages import complete_means
from benchmark.records.metric_specs import MetricSpec
from benchmark.records.schema import HEADLINE_RULES, RULES

GAPS = (("noisy_valid", "last"), ("clean_valid", "noisy_valid"), ("best_test", "noisy_valid"), ("best_test", "last"))
OWN_CELLS = "Methods need not have the same cells (k/n): read along a row."
GROUPS = {True: "usable", False: "oracle, never ranked"}


def selection_tables(results: ResultSet) -> list[Table]:
    """Give the metric under every rule and the gaps between rules, over the noisy cells
    that have all of them.
    """
    means = {rule: _noisy(results, rule) for rule in RULES if results.scores(rule)["count"].any()}
    if len(means) < 2:
        return []
    shared = {name: _shared(means, str(name)) for name in results.methods.index}
    if not any(len(cells) for cells in shared.values()):
        return []
    return [_side_by_side(results, means, shared), _gaps(results, means, shared)]


def _noisy(results: ResultSet, rule: str) -> pd.DataFrame:
    return complete_means(results, rule).loc[results.noisy_cells.index]


def _shared(means: dict[str, pd.DataFrame], method: str) -> pd.Index[str]:
    """Give the cells that a method has in full under every rule."""
    if not all(method in table for table in means.values()):
        return pd.Index([], dtype="str")
    under = pd.concat([table[method] for table in means.values()], axis=1)
    return pd.Index([str(cell) for cell in under.index[under.notna().all(axis=1)]])


def _side_by_side(results: ResultSet, means: dict[str, pd.DataFrame], shared: dict[object, pd.Index[str]]) -> Table:
    columns = [Column(rule_name(rule).removeprefix("oracle: "), GROUPS[rule in HEADLINE_RULES]) for rule in means]
    rows = []
    for name, method in results.methods.iterrows():
        cells = shared[name]
        texts = [
            metric_text(results.metric, float(table[name][cells].mean())) if len(cells) else NONE
            for table in means.values()
        ]
        rows.append(Row(label(str(name), method), tuple(map(Cell, [*texts, _count(results, cells)]))))
    caption = (
        f"{results.metric.heading}, mean over noisy cells that the method has in full under every rule. {OWN_CELLS}"
    )
    heads = (*columns, Column("cells"))
    return Table("selection", "oracle", "Selection rules side by side", caption, "method", heads, tuple(rows))


def _gaps(results: ResultSet, means: dict[str, pd.DataFrame], shared: dict[object, pd.Index[str]]) -> Table:
    pairs = [pair for pair in GAPS if pair[0] in means and pair[1] in means]
    rows = []
    for name, method in results.methods.iterrows():
        cells = shared[name]
        texts = [
            _gap(means[more][name], means[less][name], cells, results.metric) if len(cells) else NONE
            for more, less in pairs
        ]
        rows.append(Row(label(str(name), method), tuple(map(Cell, [*texts, _count(results, cells)]))))
    columns = [Column(f"{_short(more)} - {_short(less)}", GROUPS[more in HEADLINE_RULES]) for more, less in pairs]
    caption = (
        f"Difference of two rules in {results.metric.unit}, mean over the same cells (in brackets: the largest in "
        f"size). {OWN_CELLS}"
    )
    heads = (*columns, Column("cells"))
    return Table("selection-gap", "oracle", "Gap between selection rules", caption, "method", heads, tuple(rows))


def _gap(more: pd.Series, less: pd.Series, cells: pd.Index[str], metric: MetricSpec) -> str:
    gaps = more[cells] - less[cells]
    furthest = max(map(float, gaps), key=abs)
    return f"{metric_gain(metric, float(gaps.mean()))} ({metric_gain(metric, furthest)})"


def _short(rule: str) -> str:
    return rule.replace("_", " ")


def _count(results: ResultSet, cells: pd.Index[str]) -> str:
    return f"{len(cells)}/{len(results.noisy_cells)}"
