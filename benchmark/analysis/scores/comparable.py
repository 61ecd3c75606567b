"""Values of a metric as tests take them: by trial, and by block of cells."""

from __future__ import annotations

import pandas as pd

from benchmark.records.metric_specs import CHECKED_TEXTS, spec_of


def comparable_values(rows: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Give the rows that `ResultSet.values` gave for a metric as tests take them.

    Values whose lower ones are better change their sign, and a metric without a value
    for each test text has no correctness. That of a metric on checked labels is theirs.
    """
    spec = spec_of(metric)
    if metric.startswith(f"{CHECKED_TEXTS}_") and "checked" in rows:
        rows = rows.assign(correct=rows["checked"], test_rows=rows["checked_rows"])
    if spec is not None and not spec.higher_is_better:
        rows = rows.assign(value=-rows["value"])
    return rows if spec is None or spec.per_example else rows.assign(correct=None)


def blocks_of(scores: pd.DataFrame, cells: pd.DataFrame, metric: str) -> tuple[pd.DataFrame, list[str]]:
    """Give blocks by methods, and the corpus of each block.

    A value is not a number where a seed or cell is missing. Higher is better, whatever
    the metric.
    """
    mean = scores["mean"].where(scores["complete"]).unstack("method")
    spec = spec_of(metric)
    mean = mean if spec is None or spec.higher_is_better else -mean
    cells = cells[~cells["clean"]]
    mean = mean.reindex(cells.index)
    corpus, kind = cells["corpus"], cells["noise_kind"]
    holds = mean.notna().groupby([corpus, kind]).all()
    blocks = mean.groupby([corpus, kind]).mean().where(holds)
    corpora = [str(place[0]) for place in blocks.index]
    blocks.index = pd.Index([f"{place[0]} × {place[1]}" for place in blocks.index])
    return blocks, corpora
