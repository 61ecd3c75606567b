"""Lines on the harness: what it adds to a trial, and how trials share a machine."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field

from benchmark.contracts import BenchmarkError, method_from
from benchmark.records.machine import cores, gpus
from benchmark.records.schema import Record
from benchmark.running.executors import Resources
from benchmark.running.request import Request
from benchmark.running.run import run
from benchmark.speed.model import Measurement, by_processor_time
from benchmark.speed.setting import Setting, baseline_run, warm_up
from benchmark.speed.timing import in_turn, median_difference
from benchmark.trial.run import run_trial

METHOD = "cross_entropy"
LOOKING = ("observe", "score training labels")
"""Phases in which the harness passes texts through the networks, for selection and for
scores.
"""


def overhead_of_a_trial(setting: Setting) -> list[Measurement]:
    """Wall seconds of a trial minus the method's bare training, with and without the
    passes that selection reads.

    The latter is what the harness itself adds: at most the larger of 2 % of the trial
    and 0.1 s.
    """
    warm_up(setting, setting.head)
    task = setting.task(METHOD, setting.head)
    method = method_from(METHOD)
    records: list[Record] = []
    processor: dict[str, list[float]] = {"trial": [], "bare": []}

    def trial(turn: int) -> float:
        began = time.process_time()
        records.append(_done(run_trial(task)))
        processor["trial"].append(time.process_time() - began)
        return _wall(records[-1])

    def training(turn: int) -> float:
        run = baseline_run(task, method.fit)
        processor["bare"].append(run.processor_s)
        return run.wall_s

    rounds = in_turn(2 * setting.sizes.repeats + 1, {"bare": training, "trial": trial})
    wall_s = statistics.median(rounds["trial"])
    added_s = median_difference(rounds["trial"], rounds["bare"])
    looking = {
        phase: statistics.median(r.costs.seconds.get(phase, 0.0) for r in records if r.costs) for phase in LOOKING
    }
    rest_s = added_s - sum(looking.values())
    limit_s = max(0.1, 0.02 * wall_s)
    what = f"{METHOD} on {setting.corpus}, {setting.head}, a trial of {wall_s:.2f} s"
    return [
        Measurement(
            "overhead",
            f"{what}: trial - bare training",
            added_s,
            "s",
            seconds=looking | {"all else": rest_s},
            note=by_processor_time(median_difference(processor["trial"], processor["bare"]), "s"),
        ),
        Measurement(
            "overhead",
            f"{what}: the same without passes through the networks",
            rest_s,
            "s",
            at_most=limit_s,
            note="passes over validation, test and training texts are what selection and scores read",
        ),
    ]


def _done(record: Record) -> Record:
    if record.failure is not None:
        raise BenchmarkError(f"A trial that was to be timed failed: {record.failure.message}")
    return record


def _wall(record: Record) -> float:
    return record.costs.wall_s if record.costs is not None else 0.0


@dataclass
class Finishes:
    """A listener that notes when each trial ended."""

    at: list[float] = field(default_factory=list)

    def warn(self, text: str) -> None:
        """Say nothing."""

    def preparing(self, what: str) -> None:
        """Say nothing."""

    def encoded(self, texts: int, every: int, share: float) -> None:
        """Say nothing."""

    def started(self, total: int, done: int) -> None:
        """Say nothing."""

    def finished(self, record: Record) -> None:
        """Note the time."""
        _done(record)
        self.at.append(time.perf_counter())


def two_workers(setting: Setting) -> list[Measurement]:
    """Trials an hour of two workers over those of one, under Ray, once each worker has
    ended its first trial.
    """
    what = f"trials an hour of two workers / one, {METHOD}, {setting.head}, {setting.corpus}"
    if cores() < 2:
        return [Measurement("workers", what, None, "×", at_least=1.7, note="this machine has one core")]
    rates: dict[int, float] = {}
    walls: dict[str, float] = {}
    for workers in (1, 2):
        started = time.perf_counter()
        rates[workers] = _rate(setting, workers)
        walls[f"{workers} worker(s), start of Ray included"] = time.perf_counter() - started
    return [
        Measurement(
            "workers",
            what,
            rates[2] / rates[1],
            "×",
            at_least=1.7,
            seconds=walls,
            note=f"{3600 * rates[1]:.0f} and {3600 * rates[2]:.0f} trials an hour",
        )
    ]


def trials_on_a_gpu(setting: Setting) -> list[Measurement]:
    """Trials an hour of two, four and eight at a time on one GPU over those of one.

    Four are to be at least 2.5 times as many.
    """
    what = f"trials an hour on one GPU, {METHOD}, {setting.tuned}, {setting.corpus}"
    counts = (2, 4, 8)
    if not gpus():
        note = "this machine has no CUDA device"
        return [_on_a_gpu(what, count, None, note) for count in counts]
    rates = {count: _rate(setting, count, setting.tuned, gpus_per_trial=1 / count) for count in (1, *counts)}
    return [
        _on_a_gpu(what, count, rates[count] / rates[1], f"{3600 * rates[count]:.0f} trials an hour") for count in counts
    ]


def _on_a_gpu(what: str, count: int, ratio: float | None, note: str) -> Measurement:
    at_least = 2.5 if count == 4 else None
    return Measurement("gpu-trials", f"{what}: {count} at a time / one", ratio, "×", at_least=at_least, note=note)


def _rate(setting: Setting, workers: int, encoder: str | None = None, gpus_per_trial: float = 0.0) -> float:
    """Trials a second after each worker's first."""
    seeds = tuple(next(setting.seeds) for _ in range(workers * setting.sizes.trials_a_worker))
    finishes = Finishes()
    request = Request(
        grid=setting.grid(),
        out=setting.folder,
        choices=setting.choices(METHOD, encoder or setting.head, seeds),
        executor="ray",
        resources=Resources(workers=workers, gpus_per_trial=gpus_per_trial),
    )
    run(request, finishes)
    first, last = finishes.at[workers - 1], finishes.at[-1]
    return (len(finishes.at) - workers) / (last - first)
