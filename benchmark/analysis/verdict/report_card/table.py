"""The report card of an archive as a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.analysis.layout.format import NONE, capitalised, plural, signed
from benchmark.analysis.layout.table import Cell, Column, Row, Table
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.verdict.report_card.cells import CellScores, Half, halves, noisy_cells
from benchmark.analysis.verdict.report_card.choosers import CHECKED, DRAWS, by_checked, by_labels, gain_of, verdicts
from benchmark.contracts.arrays import FloatArray
from benchmark.records.schema import HEADLINE_RULES

KINDS = ("injected", "observed")
WORSE = 0.005
MOST_ALWAYS = 6
ALWAYS = "always "
BY_NOISY = "highest mean by noisy validation labels"


def checked_way(size: int) -> str:
    """Give the name of choosing by so many checked labels."""
    return f"highest mean by {size} checked labels"


FIRST = (
    "best in hindsight",
    "highest mean by clean test labels",
    "the verdict, by cell",
    "the verdict, by corpus and kind of noise",
    *map(checked_way, reversed(CHECKED)),
    BY_NOISY,
)
CAPTION = (
    "Points over {reference} on the seeds that did not choose, mean over cells, all halves of the seeds and, for "
    "checked labels, {draws} draws of random test rows, which do not score. Worse: how often, over both rules, what "
    "was chosen is worse than {reference} by more than half a point. The verdict reads both rules, and every other "
    "way chooses and is scored under the same one. Always: the {always} methods with the highest means over both "
    "kinds. In hindsight: by all seeds. At most half of a test set is checked. {cells}."
)

Gains = Mapping[tuple[str, str], Sequence[FloatArray]]
"""By kind of noise and way to choose: gains (rules,), one a cell, half and draw."""

Gathered = dict[tuple[str, str], list[FloatArray]]


@dataclass(frozen=True, slots=True)
class ReportCard:
    """How ways to choose a method fared in an archive.

    `cells` counts the noisy cells of each kind.
    """

    reference: str
    cells: Mapping[str, int]
    choosing: int
    scoring: int
    gains: Gains


def report_card(results: ResultSet) -> ReportCard | None:
    """Choose on some seeds and score on the others; None with one seed or method."""
    cells = noisy_cells(results)
    by_seeds: dict[tuple[int, ...], list[CellScores]] = defaultdict(list)
    for cell in cells:
        by_seeds[cell.seeds].append(cell)
    gains: Gathered = defaultdict(list)
    half = None
    for seeds, mine in by_seeds.items():
        for half in halves(seeds):
            _score(results, mine, half, gains)
    if half is None:
        return None
    counts = {kind: sum(_kind(cell) == kind for cell in cells) for kind in KINDS}
    return ReportCard(results.reference, counts, len(half.choosing), len(half.scoring), gains)


def _score(
    results: ResultSet, cells: Sequence[CellScores], half: Half, gains: dict[tuple[str, str], list[FloatArray]]
) -> None:
    chosen = verdicts(results, half)
    for cell in cells:
        kind = _kind(cell)
        for name, by_cell in chosen.items():
            gains[kind, name].append(gain_of(cell, by_cell.get(cell.cell, results.reference), half))
        for name, gain in by_labels(cell, half).items():
            gains[kind, name].append(gain)
        for size, gain in by_checked(cell, half):
            gains[kind, checked_way(size)].append(gain)
        for method in cell.methods[1:]:
            gains[kind, f"{ALWAYS}{method}"].append(gain_of(cell, method, half))


def _kind(cell: CellScores) -> str:
    return KINDS[cell.observed]


def card_table(card: ReportCard, title: str, key: str) -> Table:
    """Lay a report card out: ways to choose down, kinds of noise across."""
    kinds = [kind for kind in KINDS if card.cells[kind]]
    columns = tuple(Column(name, kind) for kind in kinds for name in (*HEADLINE_RULES, "worse"))
    ways = [*(name for name in FIRST if any((kind, name) in card.gains for kind in kinds)), *_always(card, kinds)]
    rows = tuple(
        Row(way, tuple(cell for kind in kinds for cell in _cells(card.gains.get((kind, way), ())))) for way in ways
    )
    counted = " and ".join(f"{plural(card.cells[kind], f'{kind} cell')}" for kind in kinds)
    caption = CAPTION.format(reference=card.reference, draws=DRAWS, always=MOST_ALWAYS, cells=capitalised(counted))
    seeds = f"chosen on {plural(card.choosing, 'seed')}, scored on {card.scoring}"
    return Table(key, "headline", f"{title}: {seeds}", caption, "way to choose", columns, rows)


def _always(card: ReportCard, kinds: Sequence[str]) -> list[str]:
    """Give the methods with the highest means over both kinds, each kind counting
    once.
    """
    names = {name for _, name in card.gains if name.startswith(ALWAYS)}
    whole = [name for name in names if all(_complete(card, kind, name) for kind in kinds)]
    means = {name: float(np.mean([np.mean(card.gains[kind, name]) for kind in kinds])) for name in whole}
    return sorted(means, key=lambda name: (-means[name], name))[:MOST_ALWAYS]


def _complete(card: ReportCard, kind: str, name: str) -> bool:
    """Tell whether a method has every cell of a kind."""
    return len(card.gains.get((kind, name), ())) == len(card.gains[kind, "best in hindsight"])


def _cells(gains: Sequence[FloatArray]) -> list[Cell]:
    if not gains:
        return [Cell(NONE)] * (len(HEADLINE_RULES) + 1)
    all_gains = np.array(gains)
    worse = 100 * float((all_gains < -WORSE).mean())
    return [*(Cell(signed(100 * float(mean))) for mean in all_gains.mean(axis=0)), Cell(f"{worse:.0f} %")]
