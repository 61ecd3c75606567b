"""Tables as LaTeX with array, booktabs and adjustbox."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from benchmark.analysis.layout.table import Cell, Table

PREAMBLE = "% \\usepackage{array,booktabs,adjustbox}\n"
FLOATS_HELD = 12
"""Tables between two \\clearpage: LaTeX stops at 18 floats, in old releases, that wait
for a page.
"""
ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
    "[": "{[}",
    "]": "{]}",
    "±": r"$\pm$",
    "×": r"$\times$",
    "†": r"$^\dagger$",
    "‡": r"$^\ddagger$",
    "§": r"\S{}",
    "–": "--",
    "→": r"$\rightarrow$",
    "…": r"\ldots{}",
    "·": r"$\cdot$",
}
SPECIAL = re.compile("|".join(map(re.escape, ESCAPES)))
WRAPPED = r">{\raggedright\arraybackslash}p{0.45\linewidth}"
MARKS = {"": "{}", "best": r"\textbf{{{}}}", "close": r"\underline{{{}}}"}


def latex_tables(tables: Sequence[Table], legend: Sequence[str] = ()) -> str:
    """Write tables one after another, to be put into a document whole or in part.

    Comments before them name the packages that they need and hold the legend, ready to
    be copied.
    """
    comments = "".join(f"% {escape(sentence)}\n" for sentence in legend)
    return PREAMBLE + comments + "\n".join(_in_pages(tables))


def latex(table: Table) -> str:
    """Write a floating table with caption and label, shrunk to the line where it is
    wider.

    PREAMBLE names the packages that it needs.
    """
    kinds = "".join(WRAPPED if wordy else "r" for wordy in table.wordy)
    lines = [r"\begin{table}[tp]", r"\centering\small"]
    lines.append(rf"\caption{{{escape(table.title)}. {escape(table.caption)}}}\smallskip")
    lines.append(rf"\label{{tab:{re.sub(r'[^a-z0-9]+', '-', table.key.lower())}}}")
    lines.append(r"\begin{adjustbox}{max width=\linewidth}")
    lines += [rf"\begin{{tabular}}{{l{kinds}}}", r"\toprule", *_heads(table), r"\midrule"]
    for row in table.rows:
        if row.rule:
            lines.append(r"\midrule")
        lines.append(_line([escape(row.label), *map(_cell, row.cells)]))
    lines += [r"\bottomrule", r"\end{tabular}", r"\end{adjustbox}", r"\end{table}"]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Write text so that LaTeX prints it as it is.

    >>> escape("50 % of a_b & {c}")
    '50 \\\\% of a\\\\_b \\\\& \\\\{c\\\\}'
    """
    return SPECIAL.sub(lambda found: ESCAPES[found[0]], " ".join(text.split()))


def _in_pages(tables: Sequence[Table]) -> Iterator[str]:
    for place, table in enumerate(tables, start=1):
        yield latex(table)
        if place % FLOATS_HELD == 0:
            yield "\\clearpage\n"


def _heads(table: Table) -> list[str]:
    lines = []
    if table.groups:
        spans = [rf"\multicolumn{{{width}}}{{c}}{{{escape(name)}}}" for name, width in table.groups]
        lines.append(_line(["", *spans]))
        first = 2
        rules = []
        for _, width in table.groups:
            rules.append(rf"\cmidrule(lr){{{first}-{first + width - 1}}}")
            first += width
        lines.append(" ".join(rules))
    lines.append(_line([escape(text) for text in [table.stub, *(c.name for c in table.columns)]]))
    if table.has_subs:
        lines.append(_line([escape(text) for text in [table.sub_stub, *(c.sub for c in table.columns)]]))
    return lines


def _cell(cell: Cell) -> str:
    return MARKS[cell.mark].format(escape(cell.text))


def _line(texts: list[str]) -> str:
    return " & ".join(texts) + r" \\"
