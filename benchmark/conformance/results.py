"""One trial of a method in a small world, by the code of real trials, and what came of
it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from benchmark.conformance.worlds import SyntheticTask
from benchmark.contracts import (
    Method,
    NoisyView,
    OutputHistory,
    Outputs,
    Point,
    ProbabilityArray,
    Trainer,
    TrainingDiagnostics,
)
from benchmark.records.config import TrialConfig
from benchmark.records.schema import HEADLINE_RULES
from benchmark.trial.metrics import probability_problem
from benchmark.trial.run import follow
from benchmark.trial.task import TrialTask

FINDINGS = ("train_probabilities", "corrected_labels", "suspicion", "transition_matrix", "noise_rate")


class BrokenContractError(Exception):
    """What a method yields is not what the contract asks for.

    The message is a sentence for the user.
    """


@dataclass
class Probe:
    """Stands in for a method, notes its points and stops at the first that shows what
    no probabilities can be.
    """

    method: Method
    num_classes: int
    points: list[tuple[int, float, bool]] = field(default_factory=list)
    predicted: list[ProbabilityArray] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.method, name)

    def __str__(self) -> str:
        return str(self.method)

    def fit(self, view: NoisyView, trainer: Trainer) -> Iterator[Point]:
        """The method's points, each with an eye on what it shows and predicts."""
        for point in self.method.fit(view, trainer):
            self.points.append((point.stage, point.fraction, point.selectable))
            yield self._watched(point)

    def _watched(self, point: Point) -> Point:
        show: Any = point.observe

        def predict(seen: OutputHistory) -> ProbabilityArray:
            probabilities = point.predict(seen)
            self._judge(probabilities, len(seen[-1].probabilities) if seen else None, point)
            self.predicted.append(probabilities)
            return probabilities

        def observe(batch: Any) -> Outputs:
            outputs: Outputs = show(batch)
            self._judge(outputs.probabilities, len(batch), point)
            return outputs

        return replace(point, predict=predict) if show is None else replace(point, predict=predict, observe=observe)

    def _judge(self, probabilities: ProbabilityArray, rows: int | None, point: Point) -> None:
        found = probability_problem(probabilities, rows, self.num_classes)
        if found:
            raise BrokenContractError(f"At {point.fraction:g} of stage {point.stage} {found}.")


@dataclass(frozen=True)
class Result:
    """What came of one trial: what a record would tell, and the arrays behind it.

    `predicted`: probabilities (N, K, C) in the order in which they were asked for.
    `chosen`: the point of each headline rule. `curve`: accuracy on noisy validation
    labels at each selectable point.
    """

    test: ProbabilityArray | None
    predicted: list[ProbabilityArray]
    points: list[tuple[int, float, bool]]
    curve: list[float]
    chosen: dict[str, tuple[int, float]]
    findings: dict[str, npt.NDArray[Any]]
    test_accuracy: float


def train(method: Method, world: SyntheticTask) -> Result:
    """Follow a trial of the method on the threads that torch has.

    What it raises passes through.
    """
    spied = Probe(method, world.trial_inputs.corpus.num_classes)
    evaluator, _ = follow(_task(method, world), cast(Method, spied), world.trial_inputs)
    last = evaluator.last_point
    found = TrainingDiagnostics() if last is None else last.findings()
    return Result(
        test=evaluator.last_test,
        predicted=spied.predicted,
        points=spied.points,
        curve=[point.noisy_valid_accuracy for point in evaluator.curve],
        chosen={
            rule: (selection.stage, selection.fraction)
            for rule, selection in evaluator.selections.items()
            if rule in HEADLINE_RULES
        },
        findings={name: np.asarray(value) for name in FINDINGS if (value := getattr(found, name)) is not None},
        test_accuracy=evaluator.selections["last"].metrics["test_accuracy"] if evaluator.selections else 0.0,
    )


def difference(first: Result, second: Result) -> str | None:
    """How two results differ, in words; None where they are equal to the bit."""
    if not _equal(first.test, second.test):
        return f"test probabilities differ{_extent(first.test, second.test)}"
    if len(first.predicted) != len(second.predicted) or not all(map(_equal, first.predicted, second.predicted)):
        return "probabilities differ along the training, though not at its end"
    if first.points != second.points or first.chosen != second.chosen:
        return "other points are reached or chosen"
    if first.findings.keys() != second.findings.keys():
        return "other findings are reported"
    for name, value in first.findings.items():
        if not _equal(value, second.findings[name]):
            return f"the finding {name} differs{_extent(value, second.findings[name])}"
    return None


def _equal(first: Any, second: Any) -> bool:
    if first is None or second is None:
        return first is second
    alike = first.shape == second.shape and first.dtype == second.dtype
    return alike and bool(first.tobytes() == second.tobytes())


def _extent(first: Any, second: Any) -> str:
    if first is None or second is None or first.shape != second.shape:
        return ""
    return f" by up to {np.abs(first.astype(float) - second.astype(float)).max():.2g}"


def _task(method: Method, world: SyntheticTask) -> TrialTask:
    noise = world.trial_inputs.noisy.manifest.noise
    config = TrialConfig(
        method=str(method),
        method_version=method.version,
        corpus=world.trial_inputs.corpus.name,
        card="none",
        noise=noise,
        noise_version=1,
        encoder="frozen:conformance",
        weights="none",
        recipe=world.recipe.as_config(),
        seed=world.seed,
    )
    return TrialTask(config=config, artefacts=Path())
