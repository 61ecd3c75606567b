"""Tables as Markdown, aligned so that they also read as plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from benchmark.analysis.layout.table import Cell, Table

SPECIAL = re.compile(r"([\\`*|$~#])|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])|\](?=[(\[])")
MARKS = {"": "{}", "best": "**{}**", "close": "<u>{}</u>"}


def markdown_tables(tables: Sequence[Table]) -> str:
    """Tables one after the other; a caption that neighbours share stands once, under the last of them."""
    texts = []
    for place, table in enumerate(tables):
        last = place + 1 == len(tables) or tables[place + 1].caption != table.caption
        texts.append(markdown(table, caption=last))
    return "\n".join(texts)


def markdown(table: Table, caption: bool = True) -> str:
    """The table with its title and caption; several groups of columns are written into the columns' names."""
    several = len({name for name, _ in table.groups}) > 1
    heads = [f"{c.group} {c.name}" if several else c.name for c in table.columns]
    lines = [[escape(text) for text in [table.stub, *heads]]]
    if table.has_subs:
        lines.append([escape(text) for text in [table.sub_stub, *(c.sub for c in table.columns)]])
    lines += [[escape(row.label), *map(_cell, row.cells)] for row in table.rows]
    widths = [max(3, *(len(line[j]) for line in lines)) for j in range(len(heads) + 1)]
    left = [True, *table.wordy]
    written = [_line(line, widths, left) for line in lines]
    rules = ["-" * w if flush else "-" * (w - 1) + ":" for w, flush in zip(widths, left, strict=True)]
    written.insert(1, f"| {' | '.join(rules)} |")
    below = f"\n{escape(table.caption)}\n" if caption else ""
    return f"### {escape(table.title)}\n\n" + "\n".join(written) + f"\n{below}"


def escape(text: str) -> str:
    """Text that Markdown shows as it is: no markup, no HTML, one line.

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
