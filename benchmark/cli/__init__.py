"""The command line: one file a verb, and one place where errors become messages."""

from __future__ import annotations

import sys

import typer

from benchmark.cli import (
    archive,
    check,
    compare,
    data,
    doctor,
    explain,
    listing,
    merge,
    noise,
    plan,
    rates,
    report,
    run,
    speed,
)
from benchmark.contracts.errors import BenchmarkError

app = typer.Typer(
    name="benchmark",
    help="Compare methods for learning with noisy labels in text classification.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="markdown",
)

app.command("run")(run.run)
app.command("plan")(plan.plan)
app.command("report")(report.report)
app.command("compare")(compare.compare)
app.command("archive")(archive.archive)
app.command("merge")(merge.merge)
app.command("list")(listing.listing)
app.command("explain")(explain.explain)
app.command("check")(check.check)
app.command("rates")(rates.rates)
app.command("speed")(speed.speed)
app.command("doctor")(doctor.doctor)
app.add_typer(data.app, name="data")
app.add_typer(noise.app, name="noise")


def main() -> None:
    """Run the command line; a mistake of the user's is a message and exit code 2, never a traceback."""
    try:
        app()
    except BenchmarkError as error:
        from rich.console import Console
        from rich.markup import escape

        Console(stderr=True, soft_wrap=True).print(f"[bold red]Error[/]  {escape(str(error))}", highlight=False)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted. Finished trials are safe; the same command goes on with the rest.\n")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
