"""`report`: records to tables, tests, figure and page; or to a paper's tables."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.cli.sources import each_record_of
from benchmark.records.metric_specs import DEFAULT_METRIC, metric_named

if TYPE_CHECKING:
    from benchmark.records.schema import Record

MEASURED = Path("results/measured")


def report(
    source: Annotated[Path | None, typer.Argument(help="A run folder or an archive.")] = None,
    archives: Annotated[
        list[Path] | None, typer.Option("--archive", help="A further archive to read. May be repeated.")
    ] = None,
    paper: Annotated[
        str | None,
        typer.Option(
            help="A paper's tables instead, measured beside published: dygen. Default: its measured archives."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write to (default: SOURCE/report, or SOURCE/report-METRIC by another metric)."),
    ] = None,
    reference: Annotated[str, typer.Option(help="Method that the others are tested against.")] = "cross_entropy",
    metric: Annotated[
        str, typer.Option(help="What methods are compared by: accuracy, macro_f1, ece or nll.")
    ] = DEFAULT_METRIC,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON, and no table.")] = False,
) -> None:
    """Say which method to use, and write CSV, Parquet, Markdown, LaTeX, the figures and
    the HTML page of a run folder or archive.
    """
    from benchmark.contracts.errors import BenchmarkError
    from benchmark.records.machine import cores

    if paper and metric != DEFAULT_METRIC:
        raise BenchmarkError(f"A paper's tables are of accuracy. Leave out --paper or --metric {metric}.")
    if paper and as_json:
        raise BenchmarkError("A paper's tables have no verdict. Leave out --paper or --json.")
    sources = [*([source] if source else []), *(archives or [])]
    if not sources and paper:
        sources = measured_for(paper)
    if not sources:
        raise BenchmarkError("Name a run folder or an archive: python -m benchmark report results/runs/demo.")
    records = each_record_of(*sources)
    first = next(records, None)
    if first is None:
        raise BenchmarkError(
            f"'{sources[0]}' holds no record yet. Run a grid first: python -m benchmark run --grid demo."
        )
    every = itertools.chain([first], records)
    if paper:
        show_paper(paper, every, out or (_below(sources[0]) if source else Path("results/runs") / f"paper-{paper}"))
    else:
        show(every, out or _below(sources[0], metric), reference, cores(), metric, as_json)


def measured_for(paper: str) -> list[Path]:
    """Give the archives of this checkout that were run for a paper's tables."""
    from benchmark.analysis.papers import load_paper

    paths = [MEASURED / name / "records.parquet" for name in load_paper(paper).archives]
    return [path for path in paths if path.exists()]


def _below(source: Path, metric: str = DEFAULT_METRIC) -> Path:
    """Give the folder of the reports on a source; those by other metrics lie apart."""
    name = "report" if metric == DEFAULT_METRIC else f"report-{metric_named(metric).key}"
    return (source if source.is_dir() else source.with_suffix("")) / name


def show(
    records: Iterable[Record],
    folder: Path,
    reference: str,
    processes: int = 1,
    metric: str = DEFAULT_METRIC,
    as_json: bool = False,
) -> None:
    """Write the report; print the verdict, the main tables and the summary, or the
    verdict alone as JSON.

    Figures are drawn in so many `processes`: forks of this one, in which nothing else
    may be at work.
    """
    from benchmark.analysis.report import write_report
    from benchmark.cli.output import say_json
    from benchmark.cli.terminal import make_console, show_table, show_text

    made = write_report(records, folder, reference, processes, metric)
    if as_json:
        say_json({"folder": str(folder), "settings": made.verdict})
        return
    console = make_console(wide=True)
    for line in made.opening.splitlines():
        show_text(console, line, "bold", mark="• ")
    console.print()
    for table in made.main:
        show_table(console, table)
        console.print()
    if made.main:
        show_text(console, "Best in green (or behind a star); underlined: not distinguishable from it.")
    for line in made.summary.splitlines():
        show_text(console, line, mark="• ")
    show_text(console, f"Tables, figures and page: {folder}/report.html")


def show_paper(name: str, records: Iterable[Record], folder: Path) -> None:
    """Write a paper's tables, print the headline check."""
    from benchmark.analysis.papers import write_paper
    from benchmark.cli.terminal import make_console, show_table, show_text

    made = write_paper(name, records, folder)
    console = make_console(wide=True)
    for table in made.headline:
        show_table(console, table)
        console.print()
    for line in made.sentences:
        show_text(console, line, mark="• ")
    show_text(console, f"All tables: {folder}/paper-{name}.md")
