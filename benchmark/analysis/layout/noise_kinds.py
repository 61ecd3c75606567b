"""The comparison of kinds of observed noise as a table of the manual."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from benchmark.contracts import BenchmarkError

HEAD = ("corpus", "labels by", "split", "rows", "wrong", "worst class", "best class", "asymmetry", "alpha", "ROC area")
BLOCK = re.compile(r"(<!-- kinds of noise -->\n).*?(<!-- end of kinds of noise -->)", re.S)
ABSENT = "–"


def kinds_markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """Write a row a source, in Markdown, those first whose errors are told best from
    right labels.

    Those of which that is not known come last.
    """
    lines = [HEAD, ["---"] * 3 + ["---:"] * (len(HEAD) - 3), *map(_cells, by_roc_area(rows))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def by_roc_area(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Order the rows by falling ROC area, those without one last."""
    return sorted(rows, key=lambda row: (row["roc_area"] is None, -(row["roc_area"] or 0), row["corpus"]))


def with_kinds(page: str, table: str, figure: str) -> str:
    """Give the page whose block `<!-- kinds of noise -->` holds the table and a link to
    the figure.
    """
    if not BLOCK.search(page):
        raise BenchmarkError(
            "The page has no block for the table. Give it the lines <!-- kinds of noise --> and "
            "<!-- end of kinds of noise -->."
        )
    content = f"{table}\n![Rates and ROC areas of the sources]({figure})\n"
    return BLOCK.sub(lambda found: f"{found[1]}{content}{found[2]}", page)


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        row["corpus"],
        f"`{row['source']}`: {row['made_by'] or 'unknown'}",
        row["split"],
        f"{row['rows']:,}",
        f"{100 * row['rate']:.1f} %",
        _rate_of(row["worst"], row["worst_rate"]),
        _rate_of(row["best"], row["best_rate"]),
        _share(row["asymmetry"]),
        _share(row["agreement"]),
        _share(row["roc_area"]),
    )


def _rate_of(label: str, rate: float) -> str:
    return f"{_plain(label)} {100 * rate:.1f} %"


def _plain(label: str) -> str:
    """Write a label in which no sign is one of Markdown's."""
    return re.sub(r"([\\`*_\[\]|<])", r"\\\1", label)


def _share(value: float | None) -> str:
    return ABSENT if value is None else f"{value:.2f}"
