"""A run from its grid to its report: what is wanted, minus what is done, prepared, executed, recorded."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from benchmark.artefacts import Artefacts
from benchmark.contracts import BenchmarkError, noise_from
from benchmark.corpora import availability, load_card
from benchmark.executors import Driver, Resources, execute
from benchmark.grid import Choices, Grid, expand
from benchmark.plan import Row, longest_first, make_plan
from benchmark.plugins import Plugin, load_plugin
from benchmark.prepare import prepare
from benchmark.records import Record
from benchmark.store import RunFolder
from benchmark.trial import TrialTask
from benchmark.trials import TrialConfig
from methods.engine.encoders.names import LISTED, encoder_from


@dataclass(frozen=True)
class Request:
    """What `run` was asked for. Hours bound the whole run and one trial; `archives` hold finished trials.

    `trials`, if any, stand in for the grid. Without `executor`, Ray runs what is more than one trial.
    """

    grid: Grid
    out: Path
    choices: Choices = field(default_factory=Choices)
    plugins: tuple[Plugin, ...] = ()
    archives: tuple[Path, ...] = ()
    executor: str | None = None
    trials: tuple[TrialConfig, ...] = ()
    resources: Resources = field(default_factory=Resources)
    max_hours: float | None = None
    trial_hours: float | None = None
    fail_fast: bool = False
    rerun_changed: bool = False
    skip_unavailable: bool = False
    curves: bool = False


class Listener(Protocol):
    """Who is told how a run goes."""

    def warn(self, text: str) -> None:
        """Something the user should know."""

    def preparing(self, what: str) -> None:
        """An artefact is being made."""

    def started(self, total: int, done: int) -> None:
        """Trials begin: how many are wanted and how many of them are done already."""

    def finished(self, record: Record) -> None:
        """A trial ended."""


@dataclass
class Outcome:
    """How a run ended. `records`: the wanted trials' records at hand; `left`: wanted trials without a done record."""

    records: list[Record]
    ran: int
    left: int
    failed: list[Record] = field(default_factory=list)
    stopped_by: str | None = None


def run(request: Request, listener: Listener) -> Outcome:
    """Run what is wanted and not done; nothing finished is run again, nothing written is lost."""
    for plugin in request.plugins:
        load_plugin(plugin)
    resources = request.resources.checked()
    configs = list(request.trials) or expand(request.grid, request.choices)
    folder = RunFolder(request.out)
    with folder.locked():
        records = at_hand(folder, request.archives, listener)
        rows = make_plan(configs, records)
        todo = [row.config for row in rows if row.to_run(request.rerun_changed)]
        todo = keep_available(todo, request.skip_unavailable, listener)
        _say_changed(rows, request.rerun_changed, listener)
        _warn_unidentifiable(configs, listener)
        done = sum(row.state in ("done", "changed") for row in rows) - sum(
            row.state == "changed" for row in rows if row.to_run(request.rerun_changed)
        )
        stopper = _Stopper(request)
        with stopper.listening():
            ran = _execute(request, resources, folder, longest_first(todo, records), done, records, stopper, listener)
    wanted = [records[config.id] for config in configs if config.id in records]
    failed = [record for record in wanted if record.status == "failed"]
    left = len(configs) - sum(record.status == "done" for record in wanted)
    return Outcome(wanted, ran, left, failed, stopper.reason)


def _execute(
    request: Request,
    resources: Resources,
    folder: RunFolder,
    todo: list[TrialConfig],
    done: int,
    records: dict[str, Record],
    stopper: _Stopper,
    listener: Listener,
) -> int:
    device = "cuda" if resources.gpus_per_trial > 0 else "cpu"
    artefacts = Artefacts(folder.artefacts.resolve())
    prepare(todo, artefacts, device, listener.preparing)
    limit = None if request.trial_hours is None else request.trial_hours * 3600
    tasks = [
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
    ran = 0
    trouble: list[BenchmarkError] = []

    def keep(record: Record) -> None:
        nonlocal ran
        try:
            folder.write(record)
        except BenchmarkError as error:
            trouble.append(error)
            stopper.stop("the disk")
            return
        records[record.trial] = record
        ran += 1
        if record.status == "failed" and request.fail_fast:
            stopper.stop("--fail-fast")
        listener.finished(record)

    listener.started(len(todo) + done, done)
    executor = request.executor or ("ray" if len(tasks) > 1 else "serial")
    execute(executor, tasks, Driver(keep, stopper.should_stop), resources)
    if trouble:
        raise trouble[0]
    return ran


class _Stopper:
    """Knows whether the run should stop, and why: interrupt, time, first failure, disk."""

    def __init__(self, request: Request) -> None:
        self.reason: str | None = None
        self._until = None if request.max_hours is None else time.monotonic() + request.max_hours * 3600

    def stop(self, reason: str) -> None:
        """Ask the run to stop; the first reason stays."""
        self.reason = self.reason or reason

    def should_stop(self) -> bool:
        """Whether no further trial should start."""
        if self._until is not None and time.monotonic() > self._until:
            self.stop("--max-hours")
        return self.reason is not None

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take Ctrl-C as a wish to stop in good order; a second one stops at once."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before: Any = signal.getsignal(signal.SIGINT)

        def interrupted(number: int, frame: Any) -> None:
            if self.reason == "Ctrl-C":
                signal.signal(signal.SIGINT, before)
                raise KeyboardInterrupt
            self.stop("Ctrl-C")

        signal.signal(signal.SIGINT, interrupted)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


def at_hand(folder: RunFolder, archives: Sequence[Path], listener: Listener) -> dict[str, Record]:
    """Records of the folder and of archives by trial id; damaged files are set aside and said."""
    records: dict[str, Record] = {}
    if archives:
        from benchmark.analysis.archive import read_archive

        for path in archives:
            records |= {record.trial: record for record in read_archive(path) if record.status == "done"}
    contents = folder.read()
    if contents.damaged:
        folder.set_aside(contents.damaged)
        listener.warn(
            f"{len(contents.damaged)} damaged record(s) moved to '{folder.quarantine}' and run again: "
            f"{', '.join(contents.damaged[:5])}."
        )
    for trial, record in contents.records.items():
        if record.status == "done" or trial not in records:
            records[trial] = record
    return records


def keep_available(configs: list[TrialConfig], skip: bool, listener: Listener) -> list[TrialConfig]:
    """The trials whose corpus and encoder are at hand or can be fetched; all that are not are said at once."""
    lacking: dict[str, str] = {}
    for corpus in dict.fromkeys(config.corpus for config in configs):
        found = availability(corpus)
        if not found.at_hand:
            _try(lambda name=corpus: _fetch_corpus(name), f"corpus {corpus}", lacking)  # type: ignore[misc]
    for encoder in dict.fromkeys(config.encoder for config in configs):
        if not encoder_from(encoder).at_hand():
            _try(encoder_from(encoder).fetch, f"encoder {encoder}", lacking)
    if not lacking:
        return configs
    listing = "\n".join(f"  {what}: {why}" for what, why in lacking.items())
    if not skip:
        raise BenchmarkError(
            f"Not at hand and not to be downloaded:\n{listing}\nNothing was started. "
            f"{_what_is_there()} Put the files into a folder of BENCHMARK_DATA, choose other corpora or encoders, or "
            "go on without them by --skip-unavailable."
        )
    kept = [c for c in configs if f"corpus {c.corpus}" not in lacking and f"encoder {c.encoder}" not in lacking]
    listener.warn(f"Going on without {len(configs) - len(kept)} trials; not at hand:\n{listing}")
    return kept


def _what_is_there() -> str:
    from benchmark.corpora import corpus_names

    corpora = [name for name in corpus_names() if availability(name).at_hand]
    encoders = [name for name in LISTED if encoder_from(name).at_hand()]
    return f"At hand are the corpora {', '.join(corpora)} and the encoders {', '.join(encoders)}."


def _fetch_corpus(name: str) -> None:
    from benchmark.corpora.loading import fetch

    fetch(load_card(name))


def _try(action: Callable[[], None], what: str, lacking: dict[str, str]) -> None:
    try:
        action()
    except BenchmarkError as error:
        lacking[what] = str(error)


def _say_changed(rows: Sequence[Row], rerun: bool, listener: Listener) -> None:
    changed = sum(row.state == "changed" for row in rows)
    if changed and not rerun:
        listener.warn(
            f"{changed} finished trial(s) were made by other code of the same method version; "
            "--rerun-changed runs them again."
        )


def _warn_unidentifiable(configs: Sequence[TrialConfig], listener: Listener) -> None:
    from benchmark.corruption import identifiability_warning

    for corpus, noise in dict.fromkeys((config.corpus, config.noise) for config in configs):
        warning = identifiability_warning(noise_from(noise), len(load_card(corpus).label_names))
        if warning:
            listener.warn(f"{corpus}: {warning}")
