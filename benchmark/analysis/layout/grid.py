"""The layout that most tables share: methods down, cells of the corpora across."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pandas as pd

from benchmark.analysis.layout.format import NONE, method_label, metric_text, number
from benchmark.analysis.layout.table import Cell, Column, Mark, Row, Section, Table
from benchmark.analysis.result_set import CellComparison, ResultSet
from benchmark.records.metric_specs import MetricSpec

WIDEST = 6

Score = Mapping[str, Any] | pd.Series
"""A row of `ResultSet.scores`. A dictionary is read many times faster than a series."""


def grid_tables(
    results: ResultSet,
    key: str,
    section: Section,
    title: str,
    caption: str,
    scores: pd.DataFrame,
    verdicts: dict[str, CellComparison] | None = None,
    text: Callable[[Score], str] | None = None,
    only: pd.Index[str] | None = None,
) -> list[Table]:
    """Give tables of scores, at most six columns wide, whole corpora together where
    they fit.

    `scores` is indexed by cell and method; `verdicts` say what is bold and underlined;
    `text` writes a cell; `only` keeps these methods.
    """
    chunks = list(_chunks(results.cells))
    methods = results.methods if only is None else results.methods[results.methods.index.isin(only)]
    lookup = dict(zip(scores.index, scores.to_dict("records"), strict=True))
    tables = []
    for place, cells in enumerate(chunks):
        names = list(dict.fromkeys(cells["corpus"]))
        part = f"{title}: {', '.join(names)}" + (_part(chunks, place))
        columns = tuple(
            Column(
                str(row["noise"]), str(row["corpus"]), _rates(float(row["requested_rate"]), float(row["realised_rate"]))
            )
            for _, row in cells.iterrows()
        )
        rows = _rows(cells.index, methods, lookup, verdicts or {}, text or partial(score_text, metric=results.metric))
        sub = "asked → realised"
        tables.append(Table(f"{key}-{place + 1}", section, part, caption, "method", columns, rows, sub))
    return tables


def score_text(score: Score, metric: MetricSpec) -> str:
    """Write `mean ± std` in the unit of the metric, with k/n where seeds are missing.

    What failed or had no selection says so.
    """
    if score["count"] == 0:
        if score["failed"] == score["trials"]:
            return "failed"
        return "no selection" if score["selected"] == 0 else NONE
    text = metric_text(metric, score["mean"])
    if score["count"] > 1:
        text += f" ± {metric_text(metric, score['std'])}"
    return text + missing_text(score)


def missing_text(score: Score) -> str:
    """Write ` (k/n)` where seeds are missing, with how many failed."""
    if score["complete"]:
        return ""
    failed = f", {int(score['failed'])} failed" if score["failed"] else ""
    return f" ({int(score['count'])}/{int(score['seeds'])}{failed})"


def label(name: str, method: Mapping[Any, Any] | pd.Series) -> str:
    """Name a method with its symbols, from a row of `ResultSet.methods`."""
    needs = pd.notna(method["needs"])
    return method_label(name, int(method["networks"]), needs, bool(method["oracle"]), bool(method["control"]))


def _rows(
    cells: pd.Index[str],
    methods: pd.DataFrame,
    lookup: Mapping[Any, Score],
    verdicts: dict[str, CellComparison],
    text: Callable[[Score], str],
) -> tuple[Row, ...]:
    rows: list[Row] = []
    before = None
    for name, method in methods.to_dict("index").items():
        found = [(cell, lookup.get((cell, name))) for cell in cells]
        if all(score is None for _, score in found):
            continue
        texts = tuple(
            Cell(NONE if score is None else text(score), mark_of(verdicts.get(cell), str(name)))
            for cell, score in found
        )
        rows.append(Row(label(str(name), method), texts, rule=before is not None and method["group"] != before))
        before = method["group"]
    return tuple(rows)


def mark_of(verdict: CellComparison | None, method: str) -> Mark:
    """Tell how a method's cell is set: bold where it is best, underlined where no test
    tells it from the best.
    """
    if verdict is None:
        return ""
    if method in verdict.best:
        return "best"
    return "close" if verdict.tied_with_best(method) else ""


def _rates(requested: float, realised: float) -> str:
    if math.isnan(requested) and math.isnan(realised):
        return ""
    return f"{number(requested)} → {number(realised, 3)}"


def _chunks(cells: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Group whole corpora while they fit in one width; a corpus too wide for one table
    comes in parts of equal width.
    """
    waiting: list[pd.DataFrame] = []
    for _, corpus in cells.groupby("corpus", sort=True):
        if waiting and sum(len(part) for part in waiting) + len(corpus) > WIDEST:
            yield pd.concat(waiting)
            waiting = []
        if len(corpus) <= WIDEST:
            waiting.append(corpus)
            continue
        parts = -(-len(corpus) // WIDEST)
        width = -(-len(corpus) // parts)
        for start in range(0, len(corpus), width):
            yield corpus.iloc[start : start + width]
    if waiting:
        yield pd.concat(waiting)


def _part(chunks: list[pd.DataFrame], place: int) -> str:
    """Write ` (part i of k)` where a corpus is spread over several tables."""
    mine = set(chunks[place]["corpus"])
    same = [index for index, chunk in enumerate(chunks) if set(chunk["corpus"]) == mine]
    return f" (part {same.index(place) + 1} of {len(same)})" if len(same) > 1 else ""
