"""The metric averaged over cells: by corpus, by noise kind, by noise rate."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from benchmark.analysis.computed_once import computed_once
from benchmark.analysis.layout.format import metric_text, number, plural, rule_name
from benchmark.analysis.layout.grid import label
from benchmark.analysis.layout.table import Cell, Column, Mark, Row, Table
from benchmark.analysis.result_set import ResultSet
from benchmark.records.schema import HEADLINE_RULES

MOST_COLUMNS = 9
TITLES = {"corpus": "by corpus", "noise_kind": "by noise kind", "rate": "by noise rate"}


def average_tables(results: ResultSet) -> list[Table]:
    """Give means over the noisy cells of each group, a table a grouping and rule.

    There is none where a group is a single cell.
    """
    if results.without_clean_test:
        return []
    tables = []
    for grouping in TITLES:
        groups = _groups(results, grouping)
        if groups.nunique() == len(groups):
            continue
        for rule in HEADLINE_RULES:
            tables += _tables(results, rule, grouping, groups)
    return tables


@computed_once
def complete_means(results: ResultSet, rule: str, metric: str | None = None) -> pd.DataFrame:
    """Give means over seeds, cells by methods, and not a number where a seed is
    missing.
    """
    scores = results.scores(rule, metric)
    return scores["mean"].where(scores["complete"]).unstack("method").reindex(results.cells.index)


def _groups(results: ResultSet, grouping: str) -> pd.Series:
    """Give the group of every noisy cell, in reading order.

    Cells that have none are left out.
    """
    cells = results.noisy_cells
    if grouping == "rate":
        rates = cells["noise_rate"].dropna()
        return rates.map(lambda rate: f"rate {number(rate)}").sort_values(kind="stable")
    return cells[grouping].astype(str)


def _tables(results: ResultSet, rule: str, grouping: str, groups: pd.Series) -> list[Table]:
    means = complete_means(results, rule).loc[groups.index]
    averages = means.groupby(groups, sort=False).mean()
    counts = means.notna().groupby(groups, sort=False).sum()
    sizes = {str(name): int(size) for name, size in groups.value_counts().items()}
    names = [str(name) for name in averages.index]
    caption = (
        f"{results.metric.heading}, mean over the noisy cells of the group. (k/n): every seed in k of n cells alone, "
        "so no mean. Bold: best ranked method; no test."
    )
    tables = []
    for part, start in enumerate(range(0, len(names), MOST_COLUMNS), start=1):
        chosen = names[start : start + MOST_COLUMNS]
        columns = tuple(Column(name, sub=plural(sizes[name], "cell")) for name in chosen)
        rows = _rows(results, averages.loc[chosen], counts.loc[chosen], sizes)
        title = f"{results.metric.title} {TITLES[grouping]}, {rule_name(rule)}"
        title += f" (part {part})" if len(names) > MOST_COLUMNS else ""
        key = f"average-{grouping.replace('_', '-')}-{rule}-{part}"
        tables.append(Table(key, "across", title, caption, "method", columns, rows, "mean over"))
    return tables


def _rows(
    results: ResultSet, averages: pd.DataFrame, counts: pd.DataFrame, sizes: Mapping[str, int]
) -> tuple[Row, ...]:
    size = pd.Series({name: sizes[str(name)] for name in counts.index})
    whole = averages.where(counts.eq(size, axis=0))
    better = 1.0 if results.metric.higher_is_better else -1.0
    best = (better * whole[[name for name in whole.columns if name in results.ranked]]).max(axis=1).to_dict()
    values, known = whole.to_dict(), counts.to_dict()
    rows = []
    for name, method in results.methods.iterrows():
        cells = []
        for group in whole.index:
            value = values[name][group] if name in values else float("nan")
            count = int(known[name][group]) if name in known else 0
            mark: Mark = "best" if name in results.ranked and better * value >= best[group] - 1e-12 else ""
            cells.append(
                Cell(f"({count}/{sizes[str(group)]})" if value != value else metric_text(results.metric, value), mark)
            )
        rows.append(Row(label(str(name), method), tuple(cells)))
    return tuple(rows)
