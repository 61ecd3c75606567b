"""Whether a trial that was run again agrees with what its record says.

The order of additions in a matrix product differs between processors, so that the last
bits of a training differ, and the labels of some test texts. Noisy labels are drawn by
sha256 and are the same everywhere, but for noises that follow what a network makes of
the texts. So an accuracy may differ by the tolerance, and so may macro-F1. The point of
training that noisy validation labels choose may be another where several are nearly
best: the rerun is then looked at where the record was.

Chance shifts trials in both directions, a forger in one. The mean difference of a
method's trials may therefore be the tolerance divided by the root of their number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmark.contracts import noise_from
from benchmark.records.metric_specs import PREDICTION_METRICS, SPLITS
from benchmark.records.schema import HEADLINE_RULES, CurvePoint, Record, Selection

TOLERANCE = 2.0
"""In points, as `--tolerance` takes it where nothing is given."""

COMPARED = ("accuracy", "macro_f1")
POINTS = 100.0
SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Rerun:
    """A trial that was run again.

    `problems` say in what it is not what its record says, `shifts` are the record's
    accuracies less the rerun's at the same points of training, in points.
    """

    trial: str
    method: str
    problems: tuple[str, ...]
    shifts: tuple[float, ...]


def compared(record: Record, again: Record, tolerance: float) -> Rerun:
    """Compare a record with its trial as it ran here.

    Parameters
    ----------
    record
        What the archive says.
    again
        The same trial, run here with its accuracies at every point of training.
    tolerance
        By how many points an accuracy and a macro-F1 may differ.
    """
    if record.status != again.status:
        why = f" ({again.failure.error_class}: {again.failure.message})" if again.failure is not None else ""
        ended = f"the record says '{record.status}', here it ended '{again.status}'{why}"
        return Rerun(record.trial, record.method, (ended,), ())
    problems = list(_labels_differ(record, again))
    shifts = []
    for rule in HEADLINE_RULES:
        if (rule in record.selections) != (rule in again.selections):
            problems.append(f"{rule}: one of both selected nothing")
        elif rule in record.selections:
            said, here = record.selections[rule], again.selections[rule]
            differing, shift = _selections_differ(said, here, again.curve, tolerance)
            problems += [f"{rule}: {each}" for each in differing]
            shifts += shift
    return Rerun(record.trial, record.method, tuple(problems), tuple(shifts))


def shifted_methods(reruns: Iterable[Rerun], tolerance: float) -> dict[str, float]:
    """Give the methods whose trials differ in one direction, with the mean difference.

    Each trial counts once, by the mean over its rules.
    """
    by_method: dict[str, list[float]] = {}
    for rerun in reruns:
        if rerun.shifts:
            by_method.setdefault(rerun.method, []).append(sum(rerun.shifts) / len(rerun.shifts))
    means = {method: (sum(shifts) / len(shifts), len(shifts)) for method, shifts in sorted(by_method.items())}
    return {method: mean for method, (mean, n) in means.items() if abs(mean) > tolerance / math.sqrt(n) + SLACK}


def _labels_differ(record: Record, again: Record) -> Iterable[str]:
    said, here = record.manifest, again.manifest
    if said is None or here is None:
        return
    if said.corpus_fingerprint != here.corpus_fingerprint:
        yield f"its texts are {said.corpus_fingerprint}, here they are {here.corpus_fingerprint}"
    exact = not any(step.reads_features or step.reads_teacher for step in noise_from(record.noise).steps)
    if exact and said.fingerprint != here.fingerprint:
        yield f"its noisy labels are {said.fingerprint}, here they are {here.fingerprint}"


def _selections_differ(
    said: Selection, here: Selection, curve: Iterable[CurvePoint], tolerance: float
) -> tuple[list[str], list[float]]:
    """Say in what the selections of one rule differ, and by how much in accuracy."""
    place = (said.stage, said.fraction)
    if place == (here.stage, here.fraction):
        differing = _beyond(said.metrics, here.metrics, tolerance)
        return differing, [_points(said.metrics, here.metrics, name) for name in _names(said.metrics, COMPARED[:1])]
    point = next((each for each in curve if (each.stage, each.fraction) == place), None)
    if point is None:
        return [f"the record chose {_place(said)}, which the training does not reach here"], []
    best = here.metrics.get("noisy_valid_accuracy", math.nan)
    if POINTS * (best - point.noisy_valid_accuracy) > tolerance + SLACK:
        return [
            f"the record chose {_place(said)}, where noisy validation accuracy is "
            f"{POINTS * (best - point.noisy_valid_accuracy):.2f} points below that of {_place(here)} here"
        ], []
    if point.test_accuracy is None:
        return _beyond(said.metrics, here.metrics, tolerance), []
    there = {"test_accuracy": point.test_accuracy}
    return _beyond(said.metrics, there, tolerance), [_points(said.metrics, there, "test_accuracy")]


def _beyond(said: Mapping[str, float], here: Mapping[str, float], tolerance: float) -> list[str]:
    """The metrics that both have and that differ by more than the tolerance."""
    return [
        f"{name} is {POINTS * said[name]:.2f} in the record and {POINTS * here[name]:.2f} here"
        for name in _names(said, COMPARED)
        if name in here and abs(_points(said, here, name)) > tolerance + SLACK
    ]


def _names(metrics: Mapping[str, float], kinds: Iterable[str]) -> list[str]:
    columns = [PREDICTION_METRICS[kind].column(split) for kind in kinds for split in SPLITS]
    return [column for column in columns if column in metrics]


def _points(said: Mapping[str, float], here: Mapping[str, float], name: str) -> float:
    return POINTS * (said[name] - here[name])


def _place(selection: Selection) -> str:
    return f"{selection.fraction:.3g} of stage {selection.stage}"
