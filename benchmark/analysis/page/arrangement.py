"""Which tables and figures the page shows, in which order, and what it folds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.analysis.figures import Drawing
from benchmark.analysis.layout.table import Table

if TYPE_CHECKING:
    from benchmark.analysis.part import Part

TOLD_ELSEWHERE = ("winners", "needs")
"""Tables whose contents the page shows otherwise: who is best is bold in the cells, and
what a method needs stands with its explanation.
"""
LEADING = "leading-"
CELLS = "headline"
ACROSS = "across"
DRAWN = "cost-by-"
"""The figures that the picture of the first screen stands in for."""


@dataclass(frozen=True, slots=True)
class Section:
    """Some tables under a title, folded or not."""

    key: str
    title: str
    folded: bool
    tables: tuple[Table, ...]


def sections(part: Part) -> list[Section]:
    """Give the cells first, then what holds across corpora, then all else folded."""
    shown = [table for table in part.tables if not _key(part, table).startswith(TOLD_ELSEWHERE)]
    by_section: dict[str, list[Table]] = {}
    for table in without_repeats(shown, part.front.means):
        key = "macro_f1" if _key(part, table).startswith(LEADING) else table.section
        by_section.setdefault(key, []).append(table)
    several = part.front.corpora > 1
    titles = part.titles | {CELLS: f"{part.metric} by cell", ACROSS: "Across corpora" if several else "Across cells"}
    return [
        Section(key, title, not (key == CELLS or (key == ACROSS and several)), tuple(by_section[key]))
        for key, title in sorted(titles.items(), key=lambda item: (item[0] != CELLS, item[0] != ACROSS))
        if key in by_section
    ]


def figures(part: Part) -> list[tuple[str, list[Drawing]]]:
    """Give the figures of one kind together, without those that the first screen's
    picture stands in for.
    """
    drawn = (f"{part.prefix}{DRAWN}",) if part.front.picture else ()
    kept = [figure for figure in part.figures if not figure.key.startswith(drawn or ("\n",))]
    return [(name, [one for one in kept if one.group == name]) for name in dict.fromkeys(one.group for one in kept)]


def without_repeats(tables: Iterable[Table], before: Sequence[Table] = ()) -> list[Table]:
    """Give the tables without those whose numbers all stand in earlier ones, by the
    same rows.
    """
    seen = {column for table in before for column in _columns(table)}
    kept = []
    for table in tables:
        columns = _columns(table)
        if not columns or not columns <= seen:
            kept.append(table)
        seen |= columns
    return kept


def _columns(table: Table) -> set[tuple[tuple[str, str], ...]]:
    """Give the columns that hold numbers, each as its labelled texts."""
    columns = (tuple((row.label, row.cells[place].text) for row in table.rows) for place in range(len(table.columns)))
    return {column for column in columns if any(any(map(str.isdigit, text)) for _, text in column)}


def _key(part: Part, table: Table) -> str:
    return table.key.removeprefix(part.prefix)
