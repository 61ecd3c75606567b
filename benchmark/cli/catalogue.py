"""The catalogue of methods, noises and corpora as Markdown, for the first page and the
docs.

`python -m benchmark.cli.catalogue` writes the tables of README.md and docs/catalogue.md
anew.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmark.cli.describing import Row, described, marks, rows_of

ROOT = Path(__file__).resolve().parents[2]
JOINED = {
    "reference": "references and controls",
    "control": "references and controls",
    "generative": "generative, label correction",
    "label correction": "generative, label correction",
    "robust loss": "robust and corrected losses",
    "transition matrix": "robust and corrected losses",
    "class imbalance": "classes: imbalance, open set",
    "open set": "classes: imbalance, open set",
}
"""Small families that share a row."""

WIDEST_CELL = 76
NO_BREAK = "\N{NO-BREAK SPACE}"

LEGEND = "×2: two networks. †: test texts or label names are read. ‡: oracle, §: control; neither is ever ranked."


def families_of(what: str) -> dict[str, list[str]]:
    """Write the names of all methods or noises with their marks, by family.

    Small families share one.
    """
    return {family: [*map(_name, rows)] for family, rows in _by_family(rows_of(what)).items()}


def family_table(what: str) -> str:
    """Write the names of all methods or noises in Markdown, one row a family, or more
    where one would be wide.
    """
    return _table(
        ("family", what), [row for family, names in families_of(what).items() for row in _lines(family, names)]
    )


def full_table(what: str, rows: Sequence[Row] | None = None) -> str:
    """Write all methods or noises in Markdown, one row each."""
    rows = rows_of(what) if rows is None else rows
    return _table(("name", "idea"), [(f"`{_name(row)}`", _escaped(row["about"])) for row in rows])


def corpus_table() -> str:
    """Write all corpora in Markdown, one row each, with the noise rates of their
    training labels.
    """
    from benchmark.corpora import corpus_names, is_own, load_card

    rows = []
    for name in corpus_names():
        if is_own(name):
            continue
        card = load_card(name)
        sizes = [
            f"{card.counts[split].rows:,}" if split in card.counts else "–" for split in ("train", "valid", "test")
        ]
        noise = [
            f"{source}: {100 * observed.measured['train'].rate:.1f} %" if "train" in observed.measured else source
            for source, observed in card.observed.items()
        ]
        rows.append((name, str(len(card.label_names)), " / ".join(sizes), ", ".join(noise)))
    return _table(("corpus", "classes", "train / valid / test", "observed noise"), rows)


def corpora_by_noise() -> str:
    """Write the names of all corpora in Markdown, by who made their noisy labels."""
    from benchmark.corpora import corpus_names, is_own, load_card

    names: dict[str, list[str]] = {}
    for name in corpus_names():
        if is_own(name):
            continue
        makers: set[str] = {seen.made_by for seen in load_card(name).observed.values()}
        for maker in sorted(makers) or ["(clean alone)"]:
            names.setdefault(maker, []).append(name)
    rows = [row for maker in sorted(names) for row in _lines(maker, names[maker])]
    return _table(("noisy labels by", "corpora"), rows)


def _lines(group: str, names: Sequence[str]) -> list[tuple[str, str]]:
    """Give the rows of a group, whose name stands in the first; a name keeps its
    marks.
    """
    unbroken = ", ".join(name.replace(" ", NO_BREAK) for name in names)
    lines = [line.replace(NO_BREAK, " ") for line in textwrap.wrap(unbroken, WIDEST_CELL)]
    return [(group if number == 0 else "", line) for number, line in enumerate(lines)]


def page() -> str:
    """Write the catalogue of the docs: every family with its members, and all that each
    declares.
    """
    parts = [
        "# Catalogue",
        "This page is made by `make catalogue` from what methods, noises and cards declare.\n"
        "`python -m benchmark explain NAME` prints the same entry, with what was measured for a method.",
        f"## Methods\n\n{LEGEND}",
        *_entries("methods"),
        "## Noises",
        *_entries("noises"),
        "## Corpora",
        corpus_table(),
        "`python -m benchmark data show NAME` prints a corpus as a data statement.",
    ]
    return "\n\n".join(parts) + "\n"


def with_tables(text: str) -> str:
    """Give a page whose block `<!-- catalogue -->` holds the short tables as they are
    now.
    """
    tables = "\n\n".join((family_table("methods"), family_table("noises"), corpora_by_noise()))
    block = r"(<!-- catalogue -->\n).*?(<!-- end of catalogue -->)"
    return re.sub(block, lambda found: f"{found[1]}{tables}\n{found[2]}", text, flags=re.S)


def write(root: Path) -> None:
    """Write the tables of README.md and the catalogue of the docs."""
    readme = root / "README.md"
    readme.write_text(with_tables(readme.read_text(encoding="utf-8")), encoding="utf-8")
    (root / "docs" / "catalogue.md").write_text(page(), encoding="utf-8")


def _by_family(rows: Iterable[Row], joined: bool = True) -> dict[str, list[Row]]:
    """Group rows by family, the families in alphabetical order, those without one
    last.
    """
    families: dict[str, list[Row]] = {}
    for row in rows:
        family = row["family"] or "other"
        families.setdefault(JOINED.get(family, family) if joined else family, []).append(row)
    return {family: families[family] for family in sorted(families, key=lambda name: (name == "other", name))}


def _entries(what: str) -> list[str]:
    parts = []
    for family, rows in _by_family(rows_of(what), joined=False).items():
        parts += [f"### {family[:1].upper()}{family[1:]}", full_table(what, rows)]
        for row in rows:
            lines = "\n".join(line.rstrip() for line in described(row))
            parts.append(f"#### {row['name']}\n\n```text\n{lines}\n```")
    return parts


def _name(row: Row) -> str:
    networks = f" ×{row['networks']}" if row.get("networks", 1) > 1 else ""
    return f"{row['name']}{networks}{marks(row)}"


def _escaped(text: str) -> str:
    """Write text in which no sign is one of Markdown's or HTML's."""
    return re.sub(r"([\\`*_\[\]|])", r"\\\1", text).replace("&", "&amp;").replace("<", "&lt;")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |".replace("|  |", "| |") for cells in lines)


if __name__ == "__main__":
    write(ROOT)
