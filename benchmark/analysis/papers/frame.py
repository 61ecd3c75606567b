"""A paper's tables as one long frame: measured and published in columns of their
own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from benchmark.analysis.papers.cells import (
    Place,
    ablation_methods,
    ablation_places,
    fine_tuned,
    narrowed,
    places_of,
    score_of,
    seeds_of,
)
from benchmark.analysis.papers.claims import EACH, ONE, checks
from benchmark.analysis.papers.spec import Paper
from benchmark.analysis.result_set import ResultSet
from benchmark.records.schema import HEADLINE_RULES

COLUMNS = [
    *("table", "corpus", "measured_corpus", "noise", "method", "selection", "encoder", "recipe"),
    *("measured", "low", "high", "deviation", "count", "wanted"),
    *("published", "published_deviation", "source", "secondary"),
]


def paper_frame(paper: Paper, settings: Sequence[ResultSet], figures: pd.DataFrame) -> pd.DataFrame:
    """Give a row for each cell, method and rule, then one for each mean gain, in
    points.

    What was not found or not measured is blank.

    `count` of `wanted` are seeds of a cell, cells of a mean gain.
    """
    rows = [row for results in settings for row in _rows(paper, results, figures)]
    return pd.DataFrame.from_records(rows, columns=COLUMNS)


def _rows(paper: Paper, results: ResultSet, figures: pd.DataFrame) -> Iterator[dict[str, Any]]:
    places = [(spec.key, place) for spec in paper.tables for place in places_of(spec, results)]
    shown = narrowed(results, paper.methods)
    variants = narrowed(results, ablation_methods(paper.ablation))
    for rule in HEADLINE_RULES:
        common = {"selection": rule, "encoder": results.encoder, "recipe": results.recipe}
        for key, place in places:
            for method in paper.methods:
                found = _published(figures, fine_tuned(results), key, method, place.corpus, place.noise)
                yield {"table": key, "method": method} | common | _measured(shown, rule, method, place) | found
        for place in ablation_places(paper, variants):
            for method in ablation_methods(paper.ablation):
                yield {"table": "ablation", "method": method} | common | _measured(variants, rule, method, place)
    for check in checks(results, paper):
        gain = check.gain
        stands = fine_tuned(results) and check.against in (EACH, ONE)
        yield {
            "table": f"{check.table.key}: gain {check.against}",
            "method": paper.method,
            "selection": check.rule,
            "encoder": results.encoder,
            "recipe": results.recipe,
            "measured": 100 * gain.difference,
            "low": 100 * gain.low,
            "high": 100 * gain.high,
            "count": len(gain.against),
            "wanted": gain.wanted,
        } | _published(figures, stands, check.table.key, paper.method, "", "")


def _measured(shown: ResultSet, rule: str, method: str, place: Place) -> dict[str, Any]:
    where = {"corpus": place.corpus, "measured_corpus": place.measured, "noise": place.noise}
    if place.cell is None:
        return where
    seeds = seeds_of(shown, place.cell)
    score = score_of(shown, rule, place.cell, method)
    if score is None:
        return where | {"count": 0, "wanted": seeds}
    numbers = {"measured": 100 * score["mean"], "deviation": 100 * score["std"]}
    return where | numbers | {"count": int(score["count"]), "wanted": seeds}


def _published(figures: pd.DataFrame, stands: bool, table: str, method: str, corpus: str, noise: str) -> dict[str, Any]:
    place = (figures["table"] == table) & (figures["corpus"] == corpus) & (figures["noise"] == noise)
    rows = figures[place & (figures["method"] == method)]
    if not stands or rows.empty:
        return {}
    row = rows.iloc[0]
    return {
        "published": row["value"],
        "published_deviation": row["deviation"],
        "source": row["source"],
        "secondary": row["secondary"],
    }
