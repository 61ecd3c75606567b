"""Single networks against ensembles, like with like."""

from __future__ import annotations

import pandas as pd

from benchmark.analysis.layout.format import NONE, metric_gain, metric_text, number, rule_name
from benchmark.analysis.layout.grid import label
from benchmark.analysis.layout.table import Cell, Column, Row, Table
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.statistics.across import average_ranks
from benchmark.analysis.tables.averages import complete_means
from benchmark.records.schema import HEADLINE_RULES

COLUMNS = ("single", "averaged", "gain", "rank among as many", "rank of single")


def ensemble_tables(results: ResultSet) -> list[Table]:
    """Give a network's score, the average's, and ranks among equals, a table a rule.

    There is none where all methods train one network.
    """
    if results.methods["networks"].max() <= 1 or results.without_clean_test:
        return []
    return [_table(results, rule) for rule in HEADLINE_RULES]


def _table(results: ResultSet, rule: str) -> Table:
    metric = results.metric
    noisy = results.noisy_cells.index
    averaged = complete_means(results, rule).loc[noisy]
    single = complete_means(results, rule, results.single_column).loc[noisy]
    both = averaged.notna() & single.notna()
    like, alone = _ranks_by_size(results, averaged), _ranks(results, single, list(results.ranked))
    rows = []
    for name, method in results.methods.iterrows():
        cells = both.index[both[name]] if name in both else both.index[:0]
        means = [float(table[name][cells].mean()) if len(cells) else float("nan") for table in (single, averaged)]
        better = means[1] - means[0] if metric.higher_is_better else means[0] - means[1]
        texts = [metric_text(metric, means[0]), metric_text(metric, means[1]), metric_gain(metric, better)]
        texts += [like.get(str(name), NONE), alone.get(str(name), NONE), f"{len(cells)}/{len(averaged)}"]
        rows.append(Row(label(str(name), method), tuple(map(Cell, texts))))
    caption = (
        f"{metric.heading} over the noisy cells that the method has in full. Ranks: mean over cells, 1 is best, "
        "among ranked methods with every cell."
    )
    columns = tuple(map(Column, (*COLUMNS, "cells")))
    title = f"Single networks against ensembles, {rule_name(rule)}"
    return Table(f"ensembles-{rule}", "single", title, caption, "method", columns, tuple(rows))


def _ranks_by_size(results: ResultSet, averaged: pd.DataFrame) -> dict[str, str]:
    found: dict[str, str] = {}
    for _, same in results.methods.loc[list(results.ranked)].groupby("networks"):
        found |= _ranks(results, averaged, [str(name) for name in same.index])
    return found


def _ranks(results: ResultSet, table: pd.DataFrame, methods: list[str]) -> dict[str, str]:
    full = [name for name in methods if name in table and bool(table[name].notna().all())]
    if len(full) < 2 or table.empty:
        return {}
    scores = table[full] if results.metric.higher_is_better else -table[full]
    return {name: f"{number(rank)} of {len(full)}" for name, rank in average_ranks(scores).items()}
