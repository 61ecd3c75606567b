"""Published results on the same weak labels beside the nearest method here."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from benchmark.analysis.layout.format import rule_name
from benchmark.analysis.layout.table import Cell, Column, Row, Table
from benchmark.analysis.papers.cells import cell_of, fine_tuned, measured_text
from benchmark.analysis.papers.published import published
from benchmark.analysis.papers.sources import Sources
from benchmark.analysis.papers.spec import Anchors, Paper
from benchmark.analysis.result_set import ResultSet
from benchmark.records.schema import HEADLINE_RULES

WEAK = "observed(weak)"
"""The cells to read ours from; methods that are given clean labels are in them too."""


def anchor_tables(paper: Paper, settings: Sequence[ResultSet]) -> list[Table]:
    """Give a table for each file and fine-tuned setting.

    Without any such setting the measured columns stay blank.
    """
    tuned: list[ResultSet | None] = [results for results in settings if fine_tuned(results)]
    return [_table(paper, anchors, results) for results in tuned or [None] for anchors in paper.anchors]


def ours(anchors: Anchors, figure: pd.Series) -> str:
    """Give the nearest method here to a published row, or the empty text where there is
    none.
    """
    fits = [
        pair.ours
        for pair in anchors.pairs
        if pair.published == figure["method"] and pair.protocol in ("", figure["protocol"])
    ]
    return fits[0] if fits else ""


def anchor_figures(paper: Paper, anchors: Anchors) -> pd.DataFrame:
    """Give the published rows on corpora of the paper that are at hand by the same
    name.
    """
    corpora = [name for table in paper.tables for corpus in table.corpora for name in corpus.measured]
    figures = published(anchors.file)
    return figures[figures["corpus"].isin(corpora)]


def _table(paper: Paper, anchors: Anchors, results: ResultSet | None) -> Table:
    sources = Sources()
    rows: list[Row] = []
    before = None
    for _, figure in anchor_figures(paper, anchors).iterrows():
        method = ours(anchors, figure)
        texts = [
            str(figure["printed"]) + sources.mark(figure),
            str(figure["selection"]),
            str(figure["protocol"]),
            method,
        ]
        texts += [_measured(results, rule, method, figure) for rule in HEADLINE_RULES]
        name = f"{figure['corpus']}: {figure['method']}"
        rows.append(Row(name, tuple(map(Cell, texts)), rule=before is not None and figure["corpus"] != before))
        before = figure["corpus"]
    columns = ["published", "selected on", "protocol", "nearest here", *map(rule_name, HEADLINE_RULES)]
    where = results.name if results is not None else "no fine-tuned run yet"
    caption = (
        f"Published figures in percent; ours: test accuracy in points under weak labels, {where}. Rows without a "
        "nearest method have nothing here to compare with. Most published figures were selected on clean validation "
        f"labels, which no method here may see. {sources}"
    )
    key = f"anchors-{anchors.file}"
    return Table(
        key, "headline", f"{anchors.title}, {where}", caption, "published as", tuple(map(Column, columns)), tuple(rows)
    )


def _measured(results: ResultSet | None, rule: str, method: str, figure: pd.Series) -> str:
    if results is None or not method:
        return ""
    return measured_text(results, rule, cell_of(results, str(figure["corpus"]), WEAK), method)
