"""`report`: records to tables, tests, figure and page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from benchmark.records import Record


def report(
    source: Annotated[Path, typer.Argument(help="A run folder or an archive.")],
    out: Annotated[Path | None, typer.Option(help="Folder to write to (default: SOURCE/report).")] = None,
    reference: Annotated[str, typer.Option(help="Method that the others are tested against.")] = "cross_entropy",
) -> None:
    """Write CSV, Parquet, Markdown, LaTeX, the figures and the HTML page of a run folder or archive."""
    from benchmark.api import load_records
    from benchmark.contracts.errors import BenchmarkError

    records = load_records(source)
    if not records:
        raise BenchmarkError(f"'{source}' holds no record yet. Run a grid first: python -m benchmark run --grid demo.")
    default = source / "report" if source.is_dir() else source.with_suffix("") / "report"
    show(records, out or default, reference)


def show(records: Sequence[Record], folder: Path, reference: str) -> None:
    """Write the report, print its main tables and its summary."""
    from rich.console import Console

    from benchmark.analysis.report import write_report
    from benchmark.cli.terminal import show_table

    made = write_report(records, folder, reference)
    console = Console()
    for table in made.main:
        show_table(console, table)
        console.print()
    if made.main:
        console.print("Best in green (or behind a star); underlined: not distinguishable from it.", highlight=False)
    for line in made.summary.splitlines():
        console.print(f"• {line}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"Tables, figures and page: {folder}/report.html", markup=False, highlight=False, soft_wrap=True)
