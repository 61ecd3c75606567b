"""Lines on DyGen: what its first stage and its later parts cost."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from benchmark.contracts import NoisyView, Point, Trainer, method_from
from benchmark.speed.model import Measurement, by_processor_time
from benchmark.speed.setting import Bare, Fit, Setting, baseline_run, drive, plain_training, trial_inputs_of, warm_up
from benchmark.speed.timing import in_turn, median_ratio, seconds_of
from benchmark.trial.task import TrialTask

METHOD = "dygen"
T = TypeVar("T")


def stage_one(setting: Setting) -> list[Measurement]:
    """Stage one against two networks trained on cross-entropy plus one inference pass a
    point: at most 1.15.
    """
    return [_stage_one(setting, encoder, repeats) for encoder, repeats in setting.encoders.items()]


def _stage_one(setting: Setting, encoder: str, repeats: int) -> Measurement:
    warm_up(setting, encoder)
    tasks = [setting.task(METHOD, encoder) for _ in range(repeats)]
    runs: dict[str, list[Bare]] = {"stage one": [], "baseline": []}

    def timed(name: str, fit: Fit) -> Callable[[int], float]:
        def run(turn: int) -> float:
            runs[name].append(baseline_run(tasks[turn], fit))
            return runs[name][-1].wall_s

        return run

    rounds = in_turn(
        repeats, {"stage one": timed("stage one", first_stage), "baseline": timed("baseline", plain_training(2))}
    )
    return Measurement(
        "stage-one",
        f"DyGen's stage one / two networks and a pass over the training texts a point, {encoder}",
        median_ratio(rounds["stage one"], rounds["baseline"]),
        "×",
        at_most=1.15,
        seconds={f"{name}: {phase}": s for name, done in runs.items() for phase, s in done[-1].phases.items()},
        note=by_processor_time(median_ratio(*([run.processor_s for run in done] for done in runs.values())), "×"),
    )


def first_stage(view: NoisyView, trainer: Trainer) -> Iterator[Point]:
    """DyGen up to the last point of its first stage."""
    for point in method_from(METHOD).fit(view, trainer):
        if point.stage > 1:
            return
        yield point


def stage_two(setting: Setting) -> list[Measurement]:
    """Prior, second stage and inference as a share of the trial: under 10 % where every
    weight trains; a step of the second stage over frozen features: at most 2.5 ms.
    """
    return [found for encoder in setting.encoders for found in _stage_two(setting, encoder)]


def _stage_two(setting: Setting, encoder: str) -> list[Measurement]:
    task = setting.task(METHOD, encoder)
    clock = {"first stage": 0.0, "prior and second stage": 0.0, "inference": 0.0}

    def fit(view: NoisyView, trainer: Trainer) -> Iterator[Point]:
        return _clocked(method_from(METHOD).fit(view, trainer), clock)

    second_stage_s: list[float] = []

    def whole() -> None:
        evaluator, trainer = drive(task, fit)
        second_stage_s.append(trainer.counts.seconds["stage two"])
        if evaluator.last_point is not None:
            evaluator.last_point.findings()

    warm_up(setting, encoder)
    wall_s = seconds_of(whole)
    later_s = clock["prior and second stage"] + clock["inference"]
    trains_all = encoder == setting.tuned
    share = Measurement(
        "stage-two",
        f"DyGen's prior, second stage and inference in the whole trial, {encoder}",
        100 * later_s / wall_s,
        "%",
        at_most=10.0 if trains_all else None,
        seconds=clock | {"harness": wall_s - sum(clock.values())},
        note="" if trains_all else "over fixed features a training step costs next to nothing",
    )
    step = Measurement(
        "stage-two",
        f"a step of DyGen's second stage, its start spread over all steps, {encoder}",
        1_000 * second_stage_s[-1] / _second_stage_steps(task),
        "ms",
        at_most=None if trains_all else 2.5,
    )
    return [share, step]


def _second_stage_steps(task: TrialTask) -> int:
    method: Any = task.config.make_method()
    texts = len(trial_inputs_of(task).train_inputs)
    return int(method.stage_two_epochs) * -(-texts // int(method.stage_two_batch))


def _clocked(points: Iterator[Point], clock: dict[str, float]) -> Iterator[Point]:
    """The same points.

    The clock gets what the method took for each stage and for predicting.
    """
    while True:
        started = time.perf_counter()
        point = next(points, None)
        later = point is None or point.stage > 1
        clock["prior and second stage" if later else "first stage"] += time.perf_counter() - started
        if point is None:
            return
        if later:
            point = dataclasses.replace(
                point, predict=_adding(point.predict, clock), findings=_adding(point.findings, clock)
            )
        yield point


def _adding(action: Callable[..., T], clock: dict[str, float]) -> Callable[..., T]:
    def run(*given: Any) -> T:
        started = time.perf_counter()
        try:
            return action(*given)
        finally:
            clock["inference"] += time.perf_counter() - started

    return run
