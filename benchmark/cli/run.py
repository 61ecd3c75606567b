"""`run`: run a grid, or what is left of it, and report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.cli import options
from benchmark.cli.output import say
from benchmark.cli.sources import records_of
from benchmark.running.stopping import StoppedAtOnceError, exit_code

if TYPE_CHECKING:
    from benchmark.records.config import TrialConfig
    from benchmark.running.run import Outcome

EXECUTORS = (
    "ray: several trials at a time, the default for more than one. serial: one after another. inline: likewise, in "
    "this very process, for debuggers, profilers and methods that print."
)


def run(
    grid: options.GridName = "demo",
    methods: options.Methods = None,
    corpora: options.Corpora = None,
    noises: options.Noises = None,
    encoder: options.EncoderName = None,
    seeds: options.Seeds = None,
    settings: options.Settings = None,
    limit_examples: options.LimitExamples = None,
    epochs: options.Epochs = None,
    data: options.Data = None,
    text_column: options.TextColumns = None,
    label_column: options.LabelColumn = None,
    clean_column: options.CleanColumn = None,
    valid_data: options.ValidData = None,
    test_data: options.TestData = None,
    max_tokens: options.MaxTokens = None,
    out: options.Out = None,
    plugin: options.Plugins = None,
    archive: options.Archives = None,
    reference: Annotated[str | None, typer.Option(help="Method that the others are tested against.")] = None,
    executor: Annotated[str | None, typer.Option(help=EXECUTORS)] = None,
    workers: Annotated[int | None, typer.Option(help="Trials at a time.", rich_help_panel=options.RESOURCES)] = None,
    threads_per_trial: options.Threads = 1,
    gpus_per_trial: Annotated[
        float, typer.Option(help="GPUs of one trial; 0.25 puts four on one.", rich_help_panel=options.RESOURCES)
    ] = 0.0,
    address: Annotated[
        str | None, typer.Option(help="Address of a Ray cluster to join.", rich_help_panel=options.RESOURCES)
    ] = None,
    max_hours: Annotated[
        float | None, typer.Option(help="Stop in good order after so many hours.", rich_help_panel=options.RESOURCES)
    ] = None,
    trial_hours: Annotated[
        float | None,
        typer.Option(
            help="Time limit of one trial, without what it waits for another's training.",
            rich_help_panel=options.RESOURCES,
        ),
    ] = None,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first failed trial.")] = False,
    rerun_changed: Annotated[
        bool, typer.Option("--rerun-changed", help="Run again what other code of the same version made.")
    ] = False,
    skip_unavailable: Annotated[
        bool, typer.Option("--skip-unavailable", help="Go on without what is not at hand.")
    ] = False,
    curves: Annotated[
        bool, typer.Option("--curves", help="Score test texts and training labels at every point.")
    ] = False,
    allow_unidentifiable: options.AllowUnidentifiable = False,
    trial: Annotated[
        str | None, typer.Option(help="Run just this trial of --source, by its id; `explain` prints the command.")
    ] = None,
    source: Annotated[Path | None, typer.Option(help="Run folder or archive that --trial is looked up in.")] = None,
    no_report: Annotated[bool, typer.Option("--no-report", help="Leave the report to `report`.")] = False,
) -> None:
    """Run a grid of trials, or what is left of it, and write tables, tests, figure and page.

    `python -m benchmark run --grid demo`

    `python -m benchmark run --grid full --encoder frozen:minilm --corpora trec --methods gce,dygen --seeds 3`

    `python -m benchmark run --data mine.csv --text-column text --label-column label`
    """
    from benchmark.cli.progress import Progress
    from benchmark.running.executors import Resources
    from benchmark.running.run import Request
    from benchmark.running.run import run as run_request

    found, plugins = options.read_grid(grid, plugin)
    own = options.own_data(data, text_column, label_column, clean_column, valid_data, test_data, max_tokens)
    wanted = options.with_own(corpora, own)
    only = (_recorded(trial, source),) if trial is not None else ()
    folder = options.out_folder(out, grid, own)
    choices = options.choices(
        methods, wanted, noises, encoder, seeds, settings, limit_examples, epochs, threads_per_trial
    )
    request = Request(
        grid=found,
        out=folder,
        choices=choices,
        plugins=plugins,
        trials=only,
        archives=tuple(archive or ()),
        executor=executor,
        resources=Resources(workers, threads_per_trial, gpus_per_trial, address),
        max_hours=max_hours,
        trial_hours=trial_hours,
        fail_fast=fail_fast,
        rerun_changed=rerun_changed,
        skip_unavailable=skip_unavailable,
        curves=curves,
        allow_unidentifiable=allow_unidentifiable,
        reference=reference,
    )
    try:
        with Progress(" · ".join(map(str, only[0].label)) if only else options.title(found, own, choices)) as progress:
            outcome = run_request(request, progress)
    except StoppedAtOnceError as error:
        say("Interrupted. Finished trials are safe; the same command goes on with the rest.", error=True)
        raise typer.Exit(error.exit_code) from None
    progress.close(outcome, folder)
    if not no_report:
        _report(outcome, folder / "report", reference or found.reference)
    if outcome.left:
        raise typer.Exit(exit_code(outcome.stopped_by))


def _report(outcome: Outcome, folder: Path, reference: str) -> None:
    """The report on what is finished, against the reference or, where that is not among it, the first ranked method."""
    finished = sorted((r for r in outcome.records if r.status == "done"), key=lambda record: not record.ranked)
    methods = list(dict.fromkeys(record.method for record in finished))
    if not methods:
        say("No trial is finished, so there is no report.")
        return
    from benchmark.cli.report import show

    show(outcome.records, folder, reference if reference in methods else methods[0])


def _recorded(trial: str, source: Path | None) -> TrialConfig:
    """The configuration of a recorded trial; one that the code and data at hand no longer make is an error."""
    from benchmark.contracts.errors import BenchmarkError
    from benchmark.experiment.grid import as_now
    from benchmark.records.config import TrialConfig, differences, find_trial

    if source is None:
        raise BenchmarkError("--trial needs --source, the run folder or archive that holds the trial.")
    found = find_trial([TrialConfig.model_validate(record.config) for record in records_of(source)], trial)
    now = as_now(found)
    if now.id != found.id:
        changes = "; ".join(differences(found.model_dump(mode="json"), now.model_dump(mode="json")))
        raise BenchmarkError(
            f"Trial {found.id} cannot be run again as it was: {changes}. Bring back the same data, weights and "
            "plugins, or run it as a new trial by naming its method, corpus, noise and encoder."
        )
    return found
