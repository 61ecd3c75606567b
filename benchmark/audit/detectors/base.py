"""What a detector is, and what it may read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from benchmark.contracts import LabelArray, Registry
from benchmark.contracts.arrays import FloatArray

D = TypeVar("D", bound="type[Detector]")

Scores = npt.NDArray[np.floating[Any]]

Reads = Literal["nothing", "probabilities", "trajectory", "neighbours"]
"""What a detector reads beside the labels.

`probabilities` are out of fold, `trajectory` is that of one training on all rows,
`neighbours` are the nearest other rows.
"""


@dataclass(frozen=True)
class Neighbours:
    """The nearest other rows of each row, nearest first.

    `rows`: int64 (N, k), row numbers. `distances`: float64 (N, k), cosine distances,
    ascending.
    """

    rows: LabelArray
    distances: FloatArray


@dataclass(frozen=True)
class Evidence:
    """What detectors read of some rows of a table.

    A part that no chosen detector reads is None. Detectors of probabilities and of
    trajectories are asked chunk by chunk, so that no array of all rows by all classes
    is ever held.

    Parameters
    ----------
    labels : int64 (N,), the given labels, in [0, C).
    first_row : the number of the first of these rows in the table.
    probabilities : (N, C), of models that were trained without the row.
    mean_self_confidence : float64 (C,), the mean out-of-fold probability of each class
        over the rows of the whole table that are labelled so. 0 for absent classes.
    logits : (E, N, C), of one training on all rows, at its points.
    early : the point of the training at which it agrees best with the out-of-fold
        predictions.
    neighbours : the nearest rows. With it the rows are those of the whole table.
    """

    labels: LabelArray
    first_row: int = 0
    probabilities: Scores | None = None
    mean_self_confidence: FloatArray | None = None
    logits: Scores | None = None
    early: int = 0
    neighbours: Neighbours | None = None

    def out_of_fold(self) -> FloatArray:
        """Give the out-of-fold probabilities, float64 (N, C)."""
        return _given(self.probabilities, "probabilities")

    def trajectory(self) -> FloatArray:
        """Give the logits at the points of the training, float64 (E, N, C)."""
        return _given(self.logits, "trajectory")

    def nearest(self) -> Neighbours:
        """Give the nearest rows."""
        if self.neighbours is None:
            raise ValueError("this detector reads neighbours, and none were given")
        return self.neighbours


class Detector(ABC):
    """A score of suspicion for every row.

    A subclass names itself, says what it reads and where it is from, and is joined by
    `@detectors.register`.
    """

    name: ClassVar[str]
    reads: ClassVar[Reads]
    equation: ClassVar[str]
    citation: ClassVar[str]

    @abstractmethod
    def scores(self, evidence: Evidence) -> FloatArray:
        """Give finite scores, float64 (N,); the higher the score, the likelier the
        label is wrong.
        """


detectors: Registry[Detector] = Registry("detector", "benchmark.audit.detectors", apart=("base",))
"""All detectors by name."""


def detector_named(name: str) -> Detector:
    """Give the detector of this name; another name is an error that lists the known
    ones.
    """
    return detectors[name]()


def of_label(values: FloatArray, labels: LabelArray) -> FloatArray:
    """Give the value of each row's own label, (N,) from (N, C)."""
    return np.asarray(np.take_along_axis(values, labels[:, None], axis=1)[:, 0], dtype=np.float64)


def best_other(values: FloatArray, labels: LabelArray) -> FloatArray:
    """Give the highest value among the classes other than the row's label, (N,) from
    (N, C).
    """
    others = values.copy()
    np.put_along_axis(others, labels[:, None], -np.inf, axis=1)
    return np.asarray(others.max(axis=1), dtype=np.float64)


def log_softmax(logits: FloatArray) -> FloatArray:
    """Give the logarithms of the softmax over the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), dtype=np.float64)


def _given(values: Scores | None, what: str) -> FloatArray:
    if values is None:
        raise ValueError(f"this detector reads {what}, and none were given")
    return np.asarray(values, dtype=np.float64)
