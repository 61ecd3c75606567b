"""A paper's main tables and its ablation, in its layout: measured, and published where
a figure was found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from benchmark.analysis.layout.format import LEGEND, NONE, capitalised, rule_name, signed
from benchmark.analysis.layout.grid import WIDEST, label, mark_of
from benchmark.analysis.layout.table import Cell, Column, Row, Table
from benchmark.analysis.papers.cells import (
    Place,
    ablation_methods,
    ablation_places,
    fine_tuned,
    measured_text,
    narrowed,
    places_of,
)
from benchmark.analysis.papers.mean_gain import Gain, mean_gain
from benchmark.analysis.papers.sources import Sources
from benchmark.analysis.papers.spec import Paper, PaperTable
from benchmark.analysis.result_set import ResultSet
from benchmark.records.schema import HEADLINE_RULES

APART = (
    "A trained head over fixed features or a network from scratch, not the paper's fine-tuned models: "
    "no published figure may stand beside it."
)


def main_tables(paper: Paper, results: ResultSet, figures: pd.DataFrame) -> list[Table]:
    """Give every main table under both headline rules, published figures only beside
    fine-tuned models.
    """
    shown = narrowed(results, paper.methods)
    beside = figures if fine_tuned(results) else figures.iloc[:0]
    return [
        table
        for spec in paper.tables
        if any(place.cell for place in places_of(spec, shown))
        for rule in HEADLINE_RULES
        for table in _main(paper, spec, shown, rule, beside)
    ]


def ablation_tables(paper: Paper, results: ResultSet) -> list[Table]:
    """Give the ablation under both headline rules.

    There is none where no variant but the method itself was measured.
    """
    methods = ablation_methods(paper.ablation)
    shown = narrowed(results, methods)
    if not set(shown.frame["method"]) - {paper.method, *paper.methods}:
        return []
    variants = shown.trials.loc[~shown.trials["method"].isin(paper.methods), "cell"].unique()
    places = [place for place in ablation_places(paper, shown) if place.cell in variants]
    labels = {row.method: f"{row.label} ({row.method})" for row in paper.ablation.rows}
    tables = []
    for rule in HEADLINE_RULES:
        caption = f"{_measured_words(results, rule)} {_apart_words(results)}No published figure was found. {LEGEND}"
        for part, chosen in enumerate(_chunks(places), start=1):
            rows = tuple(_row(shown, rule, method, chosen, labels[method]) for method in methods)
            key = f"ablation-{rule}-{part}"
            title = f"Ablation of {paper.method}, {rule_name(rule)}{_part(places, part)}"
            tables.append(_table(key, title, caption, chosen, rows))
    return tables


def gain_text(gain: Gain) -> str:
    """Write a gain in points with its interval, and how many cells of the paper's it
    covers.
    """
    if not gain.against:
        return f"(0/{gain.wanted})"
    text = signed(100 * gain.difference, 2)
    if gain.low == gain.low:
        text += f" ({signed(100 * gain.low, 2)} to {signed(100 * gain.high, 2)})"
    return text if len(gain.against) == gain.wanted else f"{text} ({len(gain.against)}/{gain.wanted})"


def _main(paper: Paper, spec: PaperTable, shown: ResultSet, rule: str, figures: pd.DataFrame) -> Iterator[Table]:
    places = places_of(spec, shown)
    mine = figures[(figures["table"] == spec.key) & (figures["corpus"] != "")]
    sources = Sources()
    for part, chosen in enumerate(_chunks(places), start=1):
        rows = [_row(shown, rule, method, chosen, figures=mine, sources=sources) for method in paper.methods]
        gains = tuple(Cell(_cell_gain(paper, shown, rule, place)) for place in chosen)
        rows.append(Row(f"gain of {paper.method} over the best baseline", gains, rule=True))
        title = f"{spec.title} ({paper.title}), {rule_name(rule)}{_part(places, part)}"
        notes = " ".join(corpus.note for corpus in spec.corpora if corpus.note)
        published = f"After a slash: published. {sources}" if len(mine) else "No published cell was found. "
        words = published if fine_tuned(shown) else _apart_words(shown)
        caption = f"{_measured_words(shown, rule)} {words}{notes} {LEGEND}".replace("  ", " ")
        yield _table(f"{spec.key}-{rule}-{part}", title, caption, chosen, tuple(rows))


def _cell_gain(paper: Paper, shown: ResultSet, rule: str, place: Place) -> str:
    if place.cell is None:
        return ""
    gain = mean_gain(shown, rule, [place.cell], paper.method, paper.baselines)
    return gain_text(gain) if gain.against else NONE


def _row(
    shown: ResultSet,
    rule: str,
    method: str,
    places: Sequence[Place],
    words: str = "",
    figures: pd.DataFrame | None = None,
    sources: Sources | None = None,
) -> Row:
    labels = {str(known): label(str(known), row) for known, row in shown.methods.iterrows()}
    name = labels.get(method, method)
    cells = []
    for place in places:
        text = measured_text(shown, rule, place.cell, method)
        if figures is not None and sources is not None and len(figures):
            text += _published(figures, method, place, sources)
        cells.append(Cell(text, mark_of(shown.verdicts(rule).get(place.cell or ""), method)))
    return Row(name.replace(method, words, 1) if words else name, tuple(cells))


def _published(figures: pd.DataFrame, method: str, place: Place, sources: Sources) -> str:
    rows = figures[(figures["method"] == method) & figures["corpus"].isin([place.corpus, place.measured])]
    rows = rows[rows["noise"] == place.noise]
    return "".join(f" / {row['printed']}{sources.mark(row)}" for _, row in rows.iterrows())


def _measured_words(results: ResultSet, rule: str) -> str:
    return (
        f"Measured: test accuracy in points, mean ± standard deviation over seeds (ddof 1). Selection: "
        f"{rule_name(rule)}. {capitalised(results.name)}. Second line: the corpus that was measured. "
        "k/n where seeds are missing; blank: not measured. Bold: best of the rows; underlined: not distinguishable."
    )


def _apart_words(results: ResultSet) -> str:
    return "" if fine_tuned(results) else f"{APART} "


def _table(key: str, title: str, caption: str, places: Sequence[Place], rows: tuple[Row, ...]) -> Table:
    columns = tuple(Column(place.noise, place.corpus, place.measured or "not measured") for place in places)
    return Table(key, "headline", title, caption, "method", columns, rows, "measured on")


def _chunks(places: Sequence[Place]) -> list[list[Place]]:
    """Group whole corpora while they fit in one width."""
    chunks: list[list[Place]] = [[]]
    for corpus in dict.fromkeys(place.corpus for place in places):
        mine = [place for place in places if place.corpus == corpus]
        if chunks[-1] and len(chunks[-1]) + len(mine) > WIDEST:
            chunks.append([])
        chunks[-1] += mine
    return chunks


def _part(places: Sequence[Place], part: int) -> str:
    parts = len(_chunks(places))
    return f" (part {part} of {parts})" if parts > 1 else ""
