"""`compare`: one page on two methods."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.cli.output import say_json
from benchmark.cli.sources import records_of

if TYPE_CHECKING:
    from benchmark.analysis.compare.page import PairPage

DEFAULT = Path("results/runs/demo")


def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="A method, as it is called in the records.")],
    second: Annotated[str, typer.Argument(metavar="B", help="The method that A is compared with.")],
    out: Annotated[Path | None, typer.Option(help=f"Run folder to read (default: {DEFAULT}).")] = None,
    archive: Annotated[
        list[Path] | None, typer.Option(help="Archive to read in place of a run folder. May be repeated.")
    ] = None,
    rope: Annotated[
        float | None,
        typer.Option(
            help="Difference within which two methods are practically equal, in the unit of the metric (default: 1 "
            "point, 0.01 nats)."
        ),
    ] = None,
    metric: Annotated[
        str, typer.Option(help="What methods are compared by: accuracy, macro_f1, ece or nll.")
    ] = "accuracy",
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON, and no table.")] = False,
) -> None:
    """Compare two methods on one page: tests, intervals, Bayes, what could have been
    found, costs and needs.

    `python -m benchmark compare dygen gce --archive
    results/measured/demo/records.parquet`
    """
    from benchmark.analysis.compare.page import compare_pair
    from benchmark.contracts.errors import BenchmarkError
    from benchmark.contracts.parameters.bounds import check_real
    from benchmark.records.metric_specs import metric_named

    spec = metric_named(metric)
    if rope is not None:
        check_real("--rope", rope, 0, 100)
    share = None if rope is None else rope / spec.scale
    sources = [*([out] if out is not None else []), *(archive or [])] or [DEFAULT]
    records = records_of(*sources)
    if not records:
        raise BenchmarkError(f"'{sources[0]}' holds no record yet. Run a grid first: python -m benchmark run.")
    known = {record.method for record in records}
    page = compare_pair(records, _as_recorded(first, known), _as_recorded(second, known), share, metric)
    if as_json:
        say_json({"settings": [part.verdict for part in page.parts if part.verdict]})
    else:
        _show(page)


def _as_recorded(name: str, known: set[str]) -> str:
    """Give the name as records have it: `gce[q=0.7]` is `gce` where 0.7 is the
    default.
    """
    from benchmark.contracts import method_from
    from benchmark.contracts.errors import BenchmarkError

    if name in known:
        return name
    try:
        return str(method_from(name))
    except BenchmarkError:
        return name


def _show(page: PairPage) -> None:
    from benchmark.cli.terminal import make_console, show_table, show_text

    console = make_console(wide=True)
    show_text(console, page.title, "bold")
    for part in page.parts:
        if part.opening:
            opening = part.opening if len(page.parts) == 1 else f"{part.name}: {part.opening}"
            show_text(console, opening, "bold", mark="• ")
    for sentence in page.introduction:
        show_text(console, sentence, mark="• ")
    for part in page.parts:
        show_text(console, f"\n{part.name[:1].upper()}{part.name[1:]}", "bold")
        for sentence in part.sentences:
            show_text(console, sentence, mark="• ")
        for table in part.tables:
            console.print()
            show_table(console, table)
        show_text(console, f"\n{part.tables[0].caption}", "dim")
    for sentence in page.apart:
        show_text(console, sentence, mark="• ")
