"""`run`: run a grid, or what is left of it, and report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Unpack

import typer

from benchmark.cli import options
from benchmark.cli.output import INTERRUPTED, say, tell
from benchmark.cli.sources import records_of
from benchmark.experiment.options import RunOptions, run_options
from benchmark.running.stopping import StoppedAtOnceError, exit_code

if TYPE_CHECKING:
    from benchmark.records.schema import Record
    from benchmark.running.run import Outcome


@options.takes(*run_options())
def run(
    grid: options.GridName = "demo",
    out: options.Out = None,
    trial: Annotated[
        str | None, typer.Option(help="Run just this trial of --source, by its id; `explain` prints the command.")
    ] = None,
    source: Annotated[Path | None, typer.Option(help="Run folder or archive that --trial is looked up in.")] = None,
    no_report: Annotated[bool, typer.Option("--no-report", help="Leave the report to `report`.")] = False,
    **given: Unpack[RunOptions],
) -> None:
    """Run a grid of trials, or what is left of it, and write tables, tests, figure and
    page.

    `python -m benchmark run --grid demo`

    `python -m benchmark run --grid full --encoder frozen:minilm --corpora trec
    --methods gce,dygen --seeds 3`

    `python -m benchmark run --data mine.csv --text-column text --label-column label`
    """
    if sys.stderr is not None and sys.stderr.isatty():
        tell("Loading libraries; the first time after an installation takes longest.", error=True)
    from benchmark.cli.progress import Progress
    from benchmark.records.config import TrialConfig
    from benchmark.running.request import make_request
    from benchmark.running.run import run as run_request

    record = _recorded(trial, source) if trial is not None else None
    only = (TrialConfig.model_validate(record.config),) if record is not None else ()
    request = make_request(grid, out, given, only)
    try:
        title = " · ".join(map(str, only[0].label)) if only else request.title
        with Progress(title, request.out) as progress:
            outcome = run_request(request, progress)
    except StoppedAtOnceError as error:
        say(INTERRUPTED, error=True)
        raise typer.Exit(error.exit_code) from None
    progress.close(outcome)
    if record is not None:
        _compare(record, outcome)
    if not no_report:
        _report(outcome, request.out / "report", request.reference or request.grid.reference)
    if outcome.left:
        raise typer.Exit(exit_code(outcome.stopped_by))


def _report(outcome: Outcome, folder: Path, reference: str) -> None:
    """Show the report on what is finished, against the reference or, where that is not
    among it, the first ranked method.
    """
    finished = sorted((r for r in outcome.records if r.status == "done"), key=lambda record: not record.ranked)
    methods = list(dict.fromkeys(record.method for record in finished))
    if not methods:
        say("No trial is finished, so there is no report.")
        return
    from benchmark.cli.report import show

    show(outcome.records, folder, reference if reference in methods else methods[0])


def _compare(record: Record, outcome: Outcome) -> None:
    """Say what the trial gave here beside what its record says."""
    from benchmark.cli.rerun import beside_record

    for again in outcome.records:
        if again.trial == record.trial:
            for sentence in beside_record(record, again):
                tell(sentence)


def _recorded(trial: str, source: Path | None) -> Record:
    """Give the record of a trial."""
    from benchmark.contracts.errors import BenchmarkError
    from benchmark.records.config import TrialConfig, find_trial

    if source is None:
        raise BenchmarkError("--trial needs --source, the run folder or archive that holds the trial.")
    records = {record.trial: record for record in records_of(source)}
    return records[find_trial([TrialConfig.model_validate(record.config) for record in records.values()], trial).id]
