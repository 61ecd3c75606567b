"""`python -m benchmark.analysis.verdict.report_card ARCHIVE…` writes the report card.

It goes to results/measured/verdict/table.md, or to the folder named by `--out`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmark.analysis.comparability import comparable_groups
from benchmark.analysis.expectations import MEASURED, REFERENCE
from benchmark.analysis.files import slug, write_bytes
from benchmark.analysis.formats.markdown import fill, markdown
from benchmark.analysis.frame import tidy
from benchmark.analysis.settings import result_sets
from benchmark.analysis.verdict.report_card.table import card_table, report_card
from benchmark.records.archive.reading import read_archive

HEAD = (
    "# What a way to choose a method is worth\n\n"
    "For each archive a method is chosen on some seeds and scored on the others. Nothing here was used to make the "
    "rule of the verdict, which is the one in `docs/statistics.md`."
)


def sections(archive: Path) -> Iterator[str]:
    """Yield the report card of each encoder and recipe of an archive as Markdown."""
    for results in result_sets(comparable_groups(tidy(read_archive(archive))), REFERENCE):
        title = f"{archive.parent.name}, {results.name}"
        if REFERENCE in results.methods.index and (card := report_card(results)) is not None:
            yield markdown(card_table(card, title, slug(title)))


def write_report_card(archives: Sequence[Path], folder: Path) -> Path:
    """Write the report cards of some archives into a folder, below each other."""
    texts = [section for archive in archives for section in sections(archive)]
    head, words = HEAD.split("\n\n")
    return write_bytes(folder / "table.md", "\n".join([f"{head}\n\n{fill(words)}\n", *texts]).encode())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmark.analysis.verdict.report_card")
    parser.add_argument("archives", nargs="*", type=Path)
    parser.add_argument("--out", type=Path, default=MEASURED / "verdict")
    given = parser.parse_args()
    write_report_card(given.archives or sorted(MEASURED.glob("*/records.parquet")), given.out)
