"""Tables as Markdown, aligned so that they also read as plain text."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from benchmark.analysis.layout.table import Cell, Table

SPECIAL = re.compile(r"([\\`*|$~#])|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])|\](?=[(\[])")
WIDEST = 160
"""Letters of the widest line."""
NARROWEST = 24
"""Letters that a column of words has at least."""
MARKS = {"": "{}", "best": "**{}**", "close": "<u>{}</u>"}


def markdown_tables(tables: Sequence[Table]) -> str:
    """Write tables one after the other.

    A caption that neighbours share stands once, under the last of them.
    """
    texts = []
    for place, table in enumerate(tables):
        last = place + 1 == len(tables) or tables[place + 1].caption != table.caption
        texts.append(markdown(table, caption=last))
    return "\n".join(texts)


def markdown(table: Table, caption: bool = True) -> str:
    """Write the table with its title and caption.

    Several groups of columns are written into the columns' names.

    No line is wider than `WIDEST`: words go on in rows below, and what is still too
    wide comes in parts.
    """
    lines = _lines(table)
    flush = [True, *table.wordy]
    texts = []
    for columns in _parts(lines, flush):
        part = [[line[place] for place in columns] for line in lines]
        texts.append(_grid(part, [flush[place] for place in columns]))
    below = f"\n{fill(escape(table.caption))}\n" if caption else ""
    return f"### {escape(table.title)}\n\n" + "\n".join(texts) + below


def _lines(table: Table) -> list[list[str]]:
    """Give the head, the second head where there is one, and the rows."""
    several = len({name for name, _ in table.groups}) > 1
    heads = [f"{c.group} {c.name}" if several else c.name for c in table.columns]
    lines = [[escape(text) for text in [table.stub, *heads]]]
    if table.has_subs:
        lines.append([escape(text) for text in [table.sub_stub, *(c.sub for c in table.columns)]])
    return lines + [[escape(row.label), *map(_cell, row.cells)] for row in table.rows]


def _parts(lines: list[list[str]], flush: list[bool]) -> Iterator[list[int]]:
    """Yield the places of columns that fit beside the first one, at least one a part.

    Words count as they wrap.
    """
    widths = _widths(lines)
    columns = [0]
    for place in range(1, len(widths)):
        width = min(widths[place], NARROWEST) if flush[place] else widths[place]
        if len(columns) > 1 and _total([*(_least(widths, flush, j) for j in columns), width]) > WIDEST:
            yield columns
            columns = [0]
        columns.append(place)
    yield columns


def _least(widths: list[int], flush: list[bool], place: int) -> int:
    return min(widths[place], NARROWEST) if flush[place] and place else widths[place]


def _grid(lines: list[list[str]], flush: list[bool]) -> str:
    wrapped = _wrap(lines, flush)
    widths = _widths(wrapped)
    written = [_line(line, widths, flush) for line in wrapped]
    rules = ["-" * w if left else "-" * (w - 1) + ":" for w, left in zip(widths, flush, strict=True)]
    written.insert(1, f"| {' | '.join(rules)} |")
    return "\n".join(written) + "\n"


def _wrap(lines: list[list[str]], flush: list[bool]) -> list[list[str]]:
    """Write the same lines with words that are too wide for their share of the room in
    rows of their own.
    """
    widths = _widths(lines)
    words = [place for place in range(1, len(widths)) if flush[place]]
    if not words or _total(widths) <= WIDEST:
        return lines
    room = WIDEST - _total([width for place, width in enumerate(widths) if place not in words])
    share = max(NARROWEST, room // len(words) - len(" | "))
    found = []
    for line in lines:
        pieces = [_pieces(text, share) if place in words else [text] for place, text in enumerate(line)]
        deepest = max(map(len, pieces))
        found += [[texts[depth] if depth < len(texts) else "" for texts in pieces] for depth in range(deepest)]
    return found


def _pieces(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [text]


def _widths(lines: list[list[str]]) -> list[int]:
    return [max(3, *(len(line[j]) for line in lines)) for j in range(len(lines[0]))]


def _total(widths: list[int]) -> int:
    """Count the letters of a line whose cells have these widths."""
    return sum(widths) + len(" | ") * (len(widths) - 1) + len("|  |")


def fill(text: str, bullet: str = "") -> str:
    """Write the text in lines of at most `WIDEST` letters, the first behind a bullet
    and the others below it.
    """
    indent = " " * len(bullet)
    return textwrap.fill(
        text, WIDEST, initial_indent=bullet, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def escape(text: str) -> str:
    """Write text so that Markdown shows it as it is: no markup, no HTML, one line.

    >>> escape("gce[q=0.4] <b> a|b _x_ cross_entropy")
    'gce[q=0.4] &lt;b&gt; a\\\\|b \\\\_x\\\\_ cross_entropy'
    """
    one_line = " ".join(text.split())
    escaped = one_line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return SPECIAL.sub(lambda found: "\\" + found[0], escaped)


def _cell(cell: Cell) -> str:
    return MARKS[cell.mark].format(escape(cell.text))


def _line(texts: list[str], widths: list[int], left: list[bool]) -> str:
    places = zip(texts, widths, left, strict=True)
    padded = [text.ljust(width) if flush else text.rjust(width) for text, width, flush in places]
    return "| " + " | ".join(padded) + " |"
