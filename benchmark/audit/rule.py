"""The one rule that tells wrong labels from right ones, fixed beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from benchmark.audit.detectors import Neighbours
from benchmark.audit.heads import Features, Trajectory, train_head
from benchmark.audit.held_out import HeldOut, fit_held_out
from benchmark.audit.neighbours import find_neighbours, neighbour_shares
from benchmark.audit.opinions.posterior import (
    SMALLEST,
    LogProbabilities,
    TopClasses,
    against_shares,
    class_shares,
    suspicion,
    with_confusion,
)
from benchmark.audit.opinions.soft import SoftLabels, contradiction, with_soft_confusion
from benchmark.audit.progress import Progress, chunks, part_of, silent
from benchmark.contracts import LabelArray
from benchmark.contracts.arrays import FloatArray

Source = Literal["generalized", "cross_entropy", "held_out", "neighbours"]
"""Where class probabilities are from: the mean over the points of one training with a
loss, models that never saw the row, or the labels of its neighbours.
"""

VOTERS = 50


@dataclass(frozen=True)
class Rule:
    """How suspicion is computed.

    The logarithms of the sources' probabilities are averaged, and divided by the given
    labels' shares to the power of `exponent`. A confusion of classes is then counted
    `iterations` times. The order is the mean of two, by the result and by the plain
    probabilities of held-out models, the latter with weight `plain`.
    """

    sources: tuple[Source, ...]
    exponent: float
    iterations: int
    plain: float = 0.0

    def __str__(self) -> str:
        weighed = f"{'+'.join(self.sources)}, shares^{self.exponent:g}, {self.iterations} iterations"
        return f"{weighed}, plain {self.plain:g}"


RULE = Rule(("generalized", "held_out"), 0.5, 5, 0.5)
"""The rule of `audit`.

It was chosen among `candidates()` by injected noise and by half of the cells with
observed noise; see results/measured/detection.
"""


def candidates() -> list[Rule]:
    """Give the rules among which the rule of `audit` was chosen."""
    sources: list[tuple[Source, ...]] = [
        ("cross_entropy",),
        ("generalized",),
        ("held_out",),
        ("generalized", "held_out"),
        ("generalized", "held_out", "neighbours"),
        ("cross_entropy", "generalized", "held_out", "neighbours"),
    ]
    settings = [(0.0, 0, 0.0), (0.5, 0, 0.0), (0.5, 0, 0.3), (0.5, 2, 0.0), (0.5, 5, 0.0), (0.5, 5, 0.3), (0.5, 5, 0.5)]
    return [Rule(chosen, exponent, times, plain) for chosen in sources for exponent, times, plain in settings]


@dataclass(frozen=True)
class Judged:
    """What a rule says: probabilities of true classes, and the suspicion of each given
    label, float64 (N,), the higher the likelier it is wrong. `surest`: float64 (S, N),
    the logarithm of the highest probability of a class by each of the rule's sources.
    `contradicted`: how far given probabilities are from those of held-out models, where
    labels are soft.
    """

    classes: TopClasses
    suspicion: FloatArray
    surest: FloatArray
    contradicted: FloatArray | None = None


@dataclass(frozen=True)
class Models:
    """What was fitted on a table: trainings by loss, held-out models, neighbours."""

    trainings: Mapping[str, Trajectory]
    held_out: HeldOut | None = None
    neighbours: Neighbours | None = None


def fit_models(
    sources: Sequence[Source],
    features: Features,
    labels: LabelArray,
    num_classes: int,
    groups: Sequence[str],
    seed: int = 0,
    progress: Callable[[str], Progress] = lambda step: silent,
) -> Models:
    """Fit what the sources need.

    Parameters
    ----------
    sources : where probabilities are wanted from.
    features : float32 (N, D).
    labels : the given labels, int64 (N,), in [0, C).
    num_classes : C.
    groups : N names; rows of one name are held out together.
    seed : names the random draws.
    progress : gives for the name of a step what is told how far it is.
    """
    trainings = {}
    for loss in ("cross_entropy", "generalized"):
        if loss in sources:
            told = progress("training a classifier")
            trainings[loss] = train_head(features, labels, num_classes, loss, seed, told)
    held_out = neighbours = None
    if "held_out" in sources:
        told = progress("fitting models on the other rows")
        held_out = fit_held_out(features, labels, num_classes, groups, seed, told)
    if "neighbours" in sources:
        neighbours = find_neighbours(features, VOTERS, progress("finding neighbours"))
    return Models(trainings, held_out, neighbours)


def judge(
    rule: Rule,
    models: Models,
    features: Features,
    labels: LabelArray,
    num_classes: int,
    progress: Progress = silent,
    soft: SoftLabels | None = None,
) -> Judged:
    """Say what the rule says of every row, where `soft` are the probabilities that were
    given.
    """
    read = {*rule.sources, "held_out"} if rule.plain else set(rule.sources)
    chosen = {name: source_of(name, models, features, labels, num_classes) for name in read}
    return combine(rule, chosen, labels, num_classes, progress, soft)


def combine(
    rule: Rule,
    sources: Mapping[Source, LogProbabilities],
    labels: LabelArray,
    num_classes: int,
    progress: Progress = silent,
    soft: SoftLabels | None = None,
) -> Judged:
    """Say what `judge` says, from the sources' logarithms of probabilities by name."""

    surest = np.empty((len(rule.sources), len(labels)))

    def mean(rows: slice) -> FloatArray:
        logs = np.stack([sources[name](rows) for name in rule.sources])
        surest[:, rows] = logs.max(axis=2)
        return np.asarray(logs.mean(axis=0), dtype=np.float64)

    believed = against_shares(mean, labels, num_classes, rule.exponent, part_of(progress, 0.0, 0.9))
    if soft is None:
        found = with_confusion(believed, labels, num_classes, rule.iterations)
    else:
        found = with_soft_confusion(believed, soft, rule.iterations)
    plain = _of_given(sources["held_out"], labels, num_classes) if rule.plain else None
    if plain is not None and soft is not None:
        plain += np.log(soft[np.arange(len(soft)), labels] + SMALLEST)
    contradicted = None if soft is None else contradiction(soft, sources["held_out"])
    progress(1.0)
    return Judged(found, suspicion(found.of_given, plain, rule.plain), surest, contradicted)


def _of_given(source: LogProbabilities, labels: LabelArray, num_classes: int) -> FloatArray:
    found = np.empty(len(labels))
    for rows in chunks(len(labels), num_classes):
        logs = source(rows)
        found[rows] = logs[np.arange(len(logs)), labels[rows]]
    return found


def source_of(
    name: Source, models: Models, features: Features, labels: LabelArray, num_classes: int
) -> LogProbabilities:
    """Give the logarithms of one source's probabilities, computed for the rows asked
    for.
    """
    if name == "held_out" and models.held_out is not None:
        return partial(_log_held_out, models.held_out, features)
    if name == "neighbours" and models.neighbours is not None:
        near, shares = models.neighbours, class_shares(labels, num_classes)
        return lambda rows: _log(neighbour_shares(near, labels, rows, shares))
    training = models.trainings[name]
    return lambda rows: _log(training.mean_probabilities(features[rows]))


def _log_held_out(models: HeldOut, features: Features, rows: slice) -> FloatArray:
    return _log(models.probabilities(features[rows], rows))


def _log(probabilities: FloatArray) -> FloatArray:
    return np.log(probabilities + SMALLEST)
