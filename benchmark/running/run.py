"""A run from its grid to its records: what is wanted and not done is run and kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ParamSpec, Protocol

from benchmark.contracts import UnknownNameError, method_from, refuse_unranked
from benchmark.experiment.plan import Row, schedule_order
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.config import TrialConfig
from benchmark.records.machine import gpus
from benchmark.records.run_folder import RunFolder
from benchmark.records.schema import Record
from benchmark.running.arrivals import Arrivals
from benchmark.running.availability import finished_records
from benchmark.running.executors import Driver, Resources, executor
from benchmark.running.gpu_share import with_gpu_share
from benchmark.running.record_keeper import Keeper
from benchmark.running.request import Request
from benchmark.running.stopping import StoppedEarlyError, Stopper
from benchmark.running.wanted import plan_available, trials_to_run, wanted_trials
from benchmark.training.precision import check_precision
from benchmark.training.recipes import DEFAULT_PRECISION
from benchmark.trial.fitting import check_fit

if TYPE_CHECKING:
    from benchmark.running.task_queue import TaskQueue
    from benchmark.trial.task import TrialTask


Told = ParamSpec("Told")


class ProgressListener(Protocol):
    """Who is told how a run goes."""

    def warn(self, text: str) -> None:
        """Tell the user something that they should know."""

    def preparing(self, what: str) -> None:
        """Take note that an artefact is being made."""

    def encoded(self, texts: int, every: int, share: float) -> None:
        """Take note that so many of its texts went through the encoder, with that share
        of the work.
        """

    def started(self, total: int, done: int) -> None:
        """Take note that trials begin: how many are wanted, and how many of them are
        done already.
        """

    def finished(self, record: Record) -> None:
        """Take note that a trial ended."""


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
    configs = wanted_trials(request, listener.warn)
    resources = _checked(request, configs)
    folder = RunFolder(request.out)
    with folder.locked():
        records = finished_records(folder, request.archives, listener.warn, quarantine=True)
        rows = plan_available(configs, records, request, listener.warn)
        todo = schedule_order(trials_to_run(rows, folder, request.rerun_changed), records)
        _say_changed(rows, request.rerun_changed, listener)
        resources = with_gpu_share(request.resources, resources, todo, records, listener.warn)
        stopper = Stopper(request.max_hours, listener.warn)
        ran = 0
        listener.started(len(rows), len(rows) - len(todo))
        if todo:
            with stopper.listening():
                ran = _execute(request, resources, folder, todo, records, stopper, listener)
    found = [records[row.config.id] for row in rows if row.config.id in records]
    failed = [record for record in found if record.status == "failed"]
    left = len(rows) - sum(record.status == "done" for record in found)
    return Outcome(found, ran, left, failed, stopper.reason, len(configs) - len(rows))


def _checked(request: Request, configs: Sequence[TrialConfig]) -> Resources:
    """Give the resources, once all that can be wrong with a request is ruled out."""
    chosen = {config.method for config in configs}
    if request.reference is not None and request.reference not in chosen:
        raise UnknownNameError("reference method", request.reference, chosen, "It must be among the methods that run.")
    if request.reference is not None:
        reference = method_from(request.reference)
        refuse_unranked(request.reference, reference.oracle, reference.control)
    threads = max(config.threads for config in configs)
    resources = dataclasses.replace(request.resources, threads_per_trial=threads).checked()
    if request.resources.address is None:
        # What the machines of a cluster have is found where a trial runs.
        for precision in sorted({config.recipe.get("precision", DEFAULT_PRECISION) for config in configs}):
            check_precision(precision, _device(resources))
    return resources


def _execute(
    request: Request,
    resources: Resources,
    folder: RunFolder,
    todo: list[TrialConfig],
    records: dict[str, Record],
    stopper: Stopper,
    listener: ProgressListener,
) -> int:
    """Prepare and run the trials, keep their records, and give how many ran."""
    from benchmark.running.task_queue import TaskQueue

    there = [record for trial, record in records.items() if folder.record_path(trial).exists()]
    arrivals = Arrivals(records, Keeper(folder, there, listener.warn), stopper, listener, request.fail_fast)
    chosen = request.executor or ("ray" if len(todo) > 1 or resources.address is not None else "serial")
    artefacts = ArtefactCache(folder.artefacts)
    artefacts.sweep()
    queue: TaskQueue | None = None
    try:
        while todo and arrivals.write_error is None:
            with executor(chosen, resources, stopper.should_stop) as execute:
                tasks = _tasks(request, resources, folder, todo, listener, stopper)
                queue = TaskQueue(tasks, artefacts, arrivals.take)
                execute(Driver(queue.next, queue.take, queue.trained, stopper.should_stop))
            todo = arrivals.once_more(todo)
    except StoppedEarlyError:
        return arrivals.count
    finally:
        if queue is not None:
            queue.close()
    arrivals.finish()
    return arrivals.count


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
    from benchmark.trial.task import TrialTask

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
    """Name the device on which trials train."""
    return "cuda" if resources.gpus_per_trial > 0 else "cpu"


def _device_here(resources: Resources) -> str:
    """Name the device on which the driver prepares, which may have no GPU where its
    cluster has some.
    """
    return "cuda" if resources.gpus_per_trial > 0 and gpus() > 0 else "cpu"


def _say_changed(rows: Sequence[Row], rerun: bool, listener: ProgressListener) -> None:
    changed = sum(row.state == "changed" for row in rows)
    if changed and not rerun:
        listener.warn(
            f"{changed} finished trial(s) were made by other code of the same method version; "
            "--rerun-changed runs them again."
        )
