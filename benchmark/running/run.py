"""A run from its grid to its records: what is wanted and not done is run and kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ParamSpec, Protocol

from benchmark.contracts import UnknownNameError, method_from, refuse_unranked
from benchmark.experiment.expansion import as_recorded, expand
from benchmark.experiment.identifiability import check_identifiable
from benchmark.experiment.plan import Row, make_plan, schedule_order
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.code.plugins import load_plugins
from benchmark.records.config import TrialConfig
from benchmark.records.machine import gpus
from benchmark.records.run_folder import RunFolder
from benchmark.records.schema import Record
from benchmark.running.arrivals import Arrivals
from benchmark.running.availability import available_trials, finished_records, with_weights
from benchmark.running.executors import Driver, Resources, executor
from benchmark.running.record_keeper import Keeper
from benchmark.running.request import Request
from benchmark.running.stopping import StoppedEarlyError, Stopper
from benchmark.training.precision import check_precision
from benchmark.training.recipes import DEFAULT_PRECISION
from benchmark.trial.fitting import check_fit

if TYPE_CHECKING:
    from benchmark.running.executors import Execute
    from benchmark.running.training_rounds import TrainingRounds
    from benchmark.trial.run import TrialTask


Told = ParamSpec("Told")


class ProgressListener(Protocol):
    """Who is told how a run goes."""

    def warn(self, text: str) -> None:
        """Something the user should know."""

    def preparing(self, what: str) -> None:
        """An artefact is being made."""

    def encoded(self, texts: int, every: int, share: float) -> None:
        """So many texts of it went through the encoder, with that share of the work."""

    def started(self, total: int, done: int) -> None:
        """Trials begin: how many are wanted and how many of them are done already."""

    def finished(self, record: Record) -> None:
        """A trial ended."""


@dataclass
class Outcome:
    """How a run ended.

    `records` are those of the wanted trials that are at hand. `left` counts wanted
    trials without a done record. `skipped` counts trials whose corpus or encoder is not
    at hand, which do not count as left.
    """

    records: list[Record]
    ran: int
    left: int
    failed: list[Record] = field(default_factory=list)
    stopped_by: str | None = None
    skipped: int = 0


def run(request: Request, listener: ProgressListener) -> Outcome:
    """Run what is wanted and not done.

    Nothing finished is run again, and nothing written is lost.
    """
    load_plugins(request.plugins)
    configs = [as_recorded(trial) for trial in request.trials] or expand(request.grid, request.choices, listener.warn)
    resources = _checked(request, configs)
    for remark in request.remarks:
        listener.warn(remark)
    check_identifiable(configs, request.allow_unidentifiable or bool(request.trials), listener.warn)
    folder = RunFolder(request.out)
    with folder.locked():
        records = finished_records(folder, request.archives, listener.warn, quarantine=True)
        wanted = _available(configs, records, request, listener)
        rows = make_plan(wanted, records)
        _say_changed(rows, request.rerun_changed, listener)
        todo = schedule_order([row.config for row in rows if row.to_run(request.rerun_changed)], records)
        check_fit(todo, ArtefactCache(folder.artefacts))
        stopper = Stopper(request.max_hours, listener.warn)
        ran = 0
        listener.started(len(wanted), len(wanted) - len(todo))
        if todo:
            with stopper.listening():
                ran = _execute(request, resources, folder, todo, records, stopper, listener)
    found = [records[config.id] for config in wanted if config.id in records]
    failed = [record for record in found if record.status == "failed"]
    left = len(wanted) - sum(record.status == "done" for record in found)
    return Outcome(found, ran, left, failed, stopper.reason, len(configs) - len(wanted))


def _checked(request: Request, configs: Sequence[TrialConfig]) -> Resources:
    """Give the resources, once all that can be wrong with a request is ruled out."""
    request.check()
    chosen = {config.method for config in configs}
    if request.reference is not None and request.reference not in chosen:
        raise UnknownNameError("reference method", request.reference, chosen, "It must be among the methods that run.")
    if request.reference is not None:
        reference = method_from(request.reference)
        refuse_unranked(request.reference, reference.oracle, reference.control)
    if request.resources.address is None:
        # What the machines of a cluster have is found where a trial runs.
        for precision in sorted({config.recipe.get("precision", DEFAULT_PRECISION) for config in configs}):
            check_precision(precision, _device(request.resources))
    threads = max(config.threads for config in configs)
    return dataclasses.replace(request.resources, threads_per_trial=threads).checked()


def _available(
    configs: Sequence[TrialConfig], records: dict[str, Record], request: Request, listener: ProgressListener
) -> list[TrialConfig]:
    """Give the wanted trials that are finished or have everything at hand.

    Their ids are those of the weights as they then are.
    """
    rows = make_plan(configs, records)
    unfinished = [row.config for row in rows if row.to_run(request.rerun_changed)]
    kept = {config.id for config in available_trials(unfinished, request.skip_unavailable, listener.warn)}
    gone = {config.id for config in unfinished} - kept
    return with_weights([config for config in configs if config.id not in gone]) if unfinished else list(configs)


def _execute(
    request: Request,
    resources: Resources,
    folder: RunFolder,
    todo: list[TrialConfig],
    records: dict[str, Record],
    stopper: Stopper,
    listener: ProgressListener,
) -> int:
    """Prepare and run the trials and keep their records; gives how many ran."""
    from benchmark.running.training_rounds import TrainingRounds

    there = [record for trial, record in records.items() if folder.record_path(trial).exists()]
    arrivals = Arrivals(records, Keeper(folder, there, listener.warn), stopper, listener, request.fail_fast)
    chosen = request.executor or ("ray" if len(todo) > 1 or resources.address is not None else "serial")
    artefacts = ArtefactCache(folder.artefacts)
    artefacts.sweep()
    rounds = TrainingRounds((), artefacts, arrivals.take)
    try:
        while todo and arrivals.write_error is None:
            with executor(chosen, resources, stopper.should_stop) as execute:
                tasks = _tasks(request, resources, folder, todo, listener, stopper)
                rounds = TrainingRounds(tasks, artefacts, arrivals.take)
                _run_rounds(rounds, execute, Driver(rounds.take, rounds.trained, stopper.should_stop))
            todo = arrivals.once_more(todo)
    except StoppedEarlyError:
        return arrivals.count
    finally:
        rounds.close()
    arrivals.finish()
    return arrivals.count


def _run_rounds(rounds: TrainingRounds, execute: Execute, driver: Driver) -> None:
    for tasks in rounds:
        if driver.should_stop():
            return
        if tasks:
            execute(tasks, driver)


def _unless_stopped(stopper: Stopper, listener: Callable[Told, None]) -> Callable[Told, None]:
    def tell(*args: Told.args, **kwargs: Told.kwargs) -> None:
        if stopper.should_stop():
            raise StoppedEarlyError
        listener(*args, **kwargs)

    return tell


def _tasks(
    request: Request,
    resources: Resources,
    folder: RunFolder,
    todo: list[TrialConfig],
    listener: ProgressListener,
    stopper: Stopper,
) -> list[TrialTask]:
    """Make what the trials share, and give what the executor is handed."""
    from benchmark.trial.prepare import prepare
    from benchmark.trial.run import TrialTask

    device = _device(resources)
    artefacts = ArtefactCache(folder.artefacts.resolve())
    on_message, on_texts = _unless_stopped(stopper, listener.preparing), _unless_stopped(stopper, listener.encoded)
    prepare(todo, artefacts, _device_here(resources), on_message, listener.warn, on_texts)
    # Only now is it certain how many texts the noise leaves.
    check_fit(todo, artefacts)
    limit = None if request.trial_hours is None else request.trial_hours * 3600
    return [
        TrialTask(
            config=config,
            artefacts=artefacts.root,
            plugins=request.plugins,
            device=device,
            time_limit_s=limit,
            curves=request.curves,
        )
        for config in todo
    ]


def _device(resources: Resources) -> str:
    """Where trials train."""
    return "cuda" if resources.gpus_per_trial > 0 else "cpu"


def _device_here(resources: Resources) -> str:
    """Where the driver prepares: it may have no GPU where its cluster has some."""
    return "cuda" if resources.gpus_per_trial > 0 and gpus() > 0 else "cpu"


def _say_changed(rows: Sequence[Row], rerun: bool, listener: ProgressListener) -> None:
    changed = sum(row.state == "changed" for row in rows)
    if changed and not rerun:
        listener.warn(
            f"{changed} finished trial(s) were made by other code of the same method version; "
            "--rerun-changed runs them again."
        )
