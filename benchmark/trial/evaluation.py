"""Evaluates a training at its points and keeps those that the rules select."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from benchmark.contracts import (
    UNLABELLED,
    LabelArray,
    Outputs,
    Point,
    ProbabilityArray,
    Trainer,
    TrainingDiagnostics,
)
from benchmark.contracts.handles import EncodedTexts, FloatArray
from benchmark.records.metric_specs import CHECKED_TEXTS
from benchmark.records.schema import CheckedRows, CurvePoint, Selection, pack_bits
from benchmark.training.shared import StoredOutputs
from benchmark.trial.metrics import (
    accuracy,
    confusion_counts,
    fitted_shares,
    negative_log_likelihood,
    prediction_metrics,
    probability_problem,
)


@dataclass(frozen=True)
class EvaluationSplits:
    """Encoded validation and test texts with the labels that they are scored by.

    Noisy labels select, clean ones score. Without clean test labels the noisy ones
    score, under names of their own, and nothing is called best on test. `checked_test`
    holds clean labels of some test texts, -1 for the others: they score and do no more.
    """

    valid_inputs: EncodedTexts
    test_inputs: EncodedTexts
    noisy_valid: LabelArray
    clean_valid: LabelArray | None
    clean_test: LabelArray | None
    noisy_test: LabelArray | None = None
    checked_test: LabelArray | None = None

    @property
    def test_labels(self) -> LabelArray:
        """What test is scored by: clean labels, or noisy ones where there are none."""
        labels = self.noisy_test if self.clean_test is None else self.clean_test
        if labels is None:
            raise ValueError("there are no test labels to score by")
        return labels


@dataclass(frozen=True)
class TrainingSplit:
    """Encoded training texts with the labels that the method was given and the true
    ones.
    """

    inputs: EncodedTexts
    noisy: LabelArray
    clean: LabelArray

    def probabilities(self, point: Point, findings: TrainingDiagnostics, trainer: Trainer) -> ProbabilityArray | None:
        """Give what a point predicts for the training texts, (N, K, C).

        It is what the method reports, else what its networks give here.
        """
        if findings.train_probabilities is not None:
            return findings.train_probabilities
        if point.observe is None:
            return None
        return point.predict([outputs_at(point, "train", self.inputs, trainer)])


def outputs_at(point: Point, split: str, inputs: EncodedTexts, trainer: Trainer) -> Outputs:
    """Give the outputs of a split at a point: stored ones, else observed here."""
    if isinstance(point.observe, StoredOutputs):
        return point.observe.look(split)
    if point.observe is None:
        raise ValueError("nothing is to be seen at this point")
    return trainer.outputs(inputs, point.observe)


@dataclass
class BestSoFar:
    """The best point so far under one rule.

    It has the highest accuracy, then the lowest NLL, then the earliest place.
    """

    accuracy: float = -1.0
    nll: float = np.inf
    selection: Selection | None = None

    def beaten_by(self, accuracy: float, nll: float) -> bool:
        """Tell whether a new point takes the place."""
        return accuracy > self.accuracy or (accuracy == self.accuracy and nll < self.nll)


@dataclass
class Evaluator:
    """Follows one training and evaluates it at its points.

    No text or label of validation or test is ever handed to the method. Test texts are
    read at a point that becomes the best so far under a rule, at the last point, and
    everywhere with `every_test`. A stage that cannot be selected is evaluated as far as
    `predicts_from` of the method reads it. `trained` is given where every point is to
    be scored on the training labels, too.
    """

    trainer: Trainer
    watched: EvaluationSplits
    every_test: bool
    predicts_from: str = "current_probabilities"
    trained: TrainingSplit | None = None
    curve: list[CurvePoint] = field(default_factory=list)
    selections: dict[str, Selection] = field(default_factory=dict)
    last_point: Point | None = None
    last_test: ProbabilityArray | None = None

    def __post_init__(self) -> None:
        self._seen: dict[str, list[Outputs]] = {"valid": [], "test": []}
        self._best = {"noisy_valid": BestSoFar(), "clean_valid": BestSoFar(), "best_test": BestSoFar()}
        self._all_tested = True

    def follow(self, points: Iterator[Point]) -> None:
        """Look at every point, then finish at the last selectable one."""
        for point in points:
            with self.trainer.phase("observe"):
                self._evaluate(point)
        if self.last_point is not None and self.last_point.fraction < 1.0:
            raise ValueError(f"the last point lies at {self.last_point.fraction:g} of its stage, not at its end")
        if not self._all_tested:
            self._best.pop("best_test")
        for rule, best in self._best.items():
            if best.selection is not None:
                self.selections[rule] = best.selection

    def best(self, rule: str) -> Selection | None:
        """Give the best point so far under a rule."""
        return self._best[rule].selection

    def _evaluate(self, point: Point) -> None:
        if not point.selectable:
            self._observe_stage(point)
            return
        scores = self._scores_of(point)
        tested = None
        if self._wants_test(point, scores):
            tested = self._test(point, {f"{rule}_accuracy": score[0] for rule, score in scores.items()})
            self._update_best(tested, scores)
        else:
            self._all_tested = False
        self.last_point = point
        self.curve.append(self._curve_point(point, scores, tested))

    def _observe_stage(self, point: Point) -> None:
        """Observe a point that is not selectable, where later ones read it."""
        read_at_end = self.predicts_from == "final_embeddings" and point.fraction >= 1.0
        if self.predicts_from == "trajectory" or read_at_end:
            self._observe("valid", point)
            self._observe("test", point)

    def _scores_of(self, point: Point) -> dict[str, tuple[float, float]]:
        """Give accuracy and NLL on validation by selection rule."""
        self._observe("valid", point)
        mean = self._predict(point, "valid").mean(axis=1)
        scores = {"noisy_valid": _score(mean, self.watched.noisy_valid)}
        if self.watched.clean_valid is not None:
            scores["clean_valid"] = _score(mean, self.watched.clean_valid)
        return scores

    def _wants_test(self, point: Point, scores: dict[str, tuple[float, float]]) -> bool:
        """Tell whether test texts are observed at this point."""
        better = any(self._best[rule].beaten_by(*score) for rule, score in scores.items())
        return self.every_test or self.predicts_from == "trajectory" or better or point.fraction >= 1.0

    def _update_best(self, tested: Selection, scores: dict[str, tuple[float, float]]) -> None:
        """Let the point take the place of each rule's best one that it beats."""
        if self.watched.clean_test is not None:
            on_test = tested.metrics["test_accuracy"], tested.metrics["test_nll"]
            scores = scores | {"best_test": on_test}
        for rule, score in scores.items():
            if self._best[rule].beaten_by(*score):
                self._best[rule] = BestSoFar(*score, selection=tested)
        self.selections["last"] = tested

    def _curve_point(
        self, point: Point, scores: dict[str, tuple[float, float]], tested: Selection | None
    ) -> CurvePoint:
        """Give what the learning curve shows of a point."""
        right, wrong = self._fitted(point)
        return CurvePoint(
            stage=point.stage,
            fraction=point.fraction,
            noisy_valid_accuracy=scores["noisy_valid"][0],
            clean_valid_accuracy=scores["clean_valid"][0] if "clean_valid" in scores else None,
            test_accuracy=tested.metrics.get("test_accuracy") if tested else None,
            right_fitted=right,
            wrong_fitted=wrong,
        )

    def _fitted(self, point: Point) -> tuple[float | None, float | None]:
        if self.trained is None:
            return None, None
        seen = self.trained.probabilities(point, point.findings(), self.trainer)
        if seen is None:
            return None, None
        return fitted_shares(seen.mean(axis=1), self.trained.noisy, self.trained.clean)

    def _observe(self, split: str, point: Point) -> None:
        if point.observe is None:
            return
        inputs = self.watched.valid_inputs if split == "valid" else self.watched.test_inputs
        outputs = outputs_at(point, split, inputs, self.trainer)
        if self.predicts_from != "trajectory":
            self._seen[split].clear()
        self._seen[split].append(outputs)

    def _predict(self, point: Point, split: str) -> ProbabilityArray:
        probabilities = point.predict(self._seen[split])
        labels = self.watched.noisy_valid if split == "valid" else self.watched.test_labels
        if problem := probability_problem(probabilities, len(labels), self.trainer.num_classes):
            raise ValueError(f"at {point.fraction:g} of stage {point.stage}, on {split} texts, {problem}")
        return probabilities

    def _test(self, point: Point, validation: dict[str, float]) -> Selection:
        self._observe("test", point)
        probabilities = self._predict(point, "test")
        self.last_test = probabilities
        labels = self.watched.test_labels
        split = "noisy_test" if self.watched.clean_test is None else "test"
        correct = probabilities.mean(axis=1).argmax(1) == labels
        on_checked, checked = _by_checked(probabilities, self.watched.checked_test)
        return Selection(
            stage=point.stage,
            fraction=point.fraction,
            metrics=prediction_metrics(probabilities, labels, split) | on_checked | validation,
            correct=pack_bits(correct),
            checked=checked,
            confusion=None if self.watched.clean_test is None else confusion_counts(probabilities, labels),
        )


Watch = Callable[[Evaluator, Iterator[Point]], Iterator[Point]]
"""Passes the points of a training on, and is asked again when each was evaluated."""


def unwatched(evaluator: Evaluator, points: Iterator[Point]) -> Iterator[Point]:
    """Pass the points on."""
    return points


def _by_checked(
    probabilities: ProbabilityArray, labels: LabelArray | None
) -> tuple[dict[str, float], CheckedRows | None]:
    """Give metrics and correctness on the test texts whose label was checked, if
    any.
    """
    if labels is None:
        return {}, None
    rows = np.flatnonzero(labels != UNLABELLED)
    some, given = probabilities[rows], labels[rows]
    correct = some.mean(axis=1).argmax(1) == given
    return prediction_metrics(some, given, CHECKED_TEXTS), CheckedRows(rows=len(rows), correct=pack_bits(correct))


def _score(mean: FloatArray, labels: LabelArray) -> tuple[float, float]:
    """Give accuracy and NLL of the averaged probabilities (N, C)."""
    return accuracy(mean, labels), negative_log_likelihood(mean, labels)
