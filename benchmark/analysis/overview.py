"""`table.md`, the report on two screens, and the files of tables that it links."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from benchmark.analysis.files import slug
from benchmark.analysis.formats.markdown import escape, fill, markdown_tables
from benchmark.analysis.layout.table import Row, Table
from benchmark.analysis.part import SECTIONS, Part

MOST_LINES = 150
MOST_CELLS = 32
"""Rows of who is best where that stay while other tables are shortened."""
FEWER = (1000, 24, 18, 14, 12, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)
"""How many rows a table keeps, tried in turn until the whole fits."""
BY_CELL = ("main-",)
LEADING = ("leading-",)
BY_CORPUS = ("average-corpus-",)
ALWAYS = ("across-", "cost", "failures", "missing")
FOLDER = "tables"


def overview(parts: Sequence[Part], apart: Sequence[str]) -> str:
    """Write the verdict, the summary, who wins where, accuracy, tests across cells,
    cost, failures and the legend, in few lines.

    Every row is shown where `MOST_LINES` has room for it. Otherwise the accuracies by
    cell give way to those by corpus, and each table keeps the methods that come first
    in the order of its part.
    """
    text = ""
    tries = [
        (BY_CELL, FEWER[0], 0),
        *((BY_CORPUS, most, MOST_CELLS) for most in FEWER),
        *((BY_CORPUS, 1, most) for most in FEWER),
    ]
    for accuracies, rows, cells in tries:
        text = _written(parts, apart, accuracies, rows, cells)
        if len(text.splitlines()) <= MOST_LINES:
            return text
    return _cut(text)


def section_files(parts: Sequence[Part]) -> dict[str, str]:
    """Write the tables of each section as Markdown, by the path that `table.md`
    links.
    """
    files: dict[str, str] = {}
    for key, title in SECTIONS.items():
        texts = []
        for part in parts:
            if tables := [table for table in part.tables if table.section == key]:
                texts += [f"## {escape(part.name)}\n", markdown_tables(tables), _bullets(part.legend)]
        if texts:
            files[_path(key)] = "\n".join([f"# {title}\n", *texts])
    return files


def terminal_tables(part: Part, most_rows: int) -> list[Table]:
    """Give the accuracies of the first methods that a terminal shows: by cell where
    those are few, else by corpus.
    """
    by_cell = part.named(*BY_CELL)
    chosen = by_cell if len(by_cell) <= 2 else part.named(*BY_CORPUS) or by_cell[:2]
    return [_shortened(table, part.order, most_rows, note=False) for table in (*part.named(*LEADING), *chosen)]


def _written(parts: Sequence[Part], apart: Sequence[str], accuracies: tuple[str, ...], rows: int, cells: int) -> str:
    texts = []
    for part in parts:
        texts.append(f"## {escape(part.name)}\n\n{_bullets([*part.opening, *part.summary])}")
        won = [_shortened(table, part.order, max(rows, cells)) for table in part.named("winners")]
        others = [_shortened(table, part.order, rows) for table in _chosen(part, accuracies)]
        texts.append(markdown_tables([*won, *others]))
    if apart:
        texts.append(f"## Kept apart\n\n{_bullets(apart)}")
    texts.append(f"## More tables\n\n{fill(_links(parts))}\n")
    legends = list(dict.fromkeys(sentence for part in parts for sentence in part.legend))
    texts.append(f"## How to read this\n\n{_bullets(legends)}")
    return "\n".join(texts)


def _chosen(part: Part, accuracies: tuple[str, ...]) -> list[Table]:
    """Choose macro-F1 where it leads, accuracy, by cell where there are no means by
    corpus, and what is always shown.
    """
    return [*part.named(*LEADING), *(part.named(*accuracies) or part.named(*BY_CELL)), *part.named(*ALWAYS)]


def _shortened(table: Table, order: Sequence[str], most: int, note: bool = True) -> Table:
    """Keep the rows of the first methods, or the first rows of a table of something
    else.

    The caption of a `note`, or else the title, says how many it left out.
    """
    if len(table.rows) <= most:
        return table
    ranked = sorted(table.rows, key=lambda row: order.index(row.label) if row.label in order else len(order))
    kept: list[Row] = [row for row in table.rows if any(row is one for one in ranked[:most])]
    left = len(table.rows) - len(kept)
    if note:
        return replace(table, rows=tuple(kept), caption=f"{left} more rows: {_path(table.section)}. {table.caption}")
    return replace(table, rows=tuple(kept), title=f"{table.title}, {len(kept)} of {len(table.rows)} rows")


def _links(parts: Sequence[Part]) -> str:
    some = [key for key in SECTIONS if any(table.section == key for part in parts for table in part.tables)]
    links = " · ".join(f"[{SECTIONS[key]}]({_path(key)})" for key in some)
    return f"The report writes them beside this file: {links}. One page holds all with the figures: `report.html`."


def _path(section: str) -> str:
    return f"{FOLDER}/{slug(SECTIONS[section])}.md"


def _bullets(sentences: Sequence[str]) -> str:
    return "\n".join(fill(escape(sentence), "- ") for sentence in sentences) + "\n"


def _cut(text: str) -> str:
    """Keep the beginning, where even summaries take too many lines, as with dozens of
    encoders.
    """
    lines: Iterator[str] = iter(text.splitlines())
    kept = [next(lines) for _ in range(MOST_LINES - 2)]
    return "\n".join([*kept, "", "The rest is in `summary.txt`, `tables/` and `report.html`."]) + "\n"
