"""What a method sees, and what the harness sees of a method."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from benchmark.contracts.arrays import EmbeddingArray as EmbeddingArray
from benchmark.contracts.arrays import LabelArray as LabelArray
from benchmark.contracts.arrays import ProbabilityArray as ProbabilityArray
from benchmark.contracts.renamed import Renamed

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.handles import DeclaredInput, Encoded, FloatArray


class Need(StrEnum):
    """One thing beyond the noisy view.

    All but the last three are oracles, which give what no practitioner has. Unlabelled
    texts are those that observed noise keeps without a label (`abstain=keep`).
    """

    NOISE_RATE = "noise_rate"
    TRANSITION_MATRIX = "transition_matrix"
    CLEAN_TRAIN_LABELS = "clean_train_labels"
    CLEAN_VALID_LABELS = "clean_valid_labels"
    CLEAN_TEST_LABELS = "clean_test_labels"
    TEST_TEXTS = "test_texts"
    LABEL_NAMES = "label_names"
    UNLABELLED_TEXTS = "unlabelled_texts"

    @property
    def oracle(self) -> bool:
        """Whether an instance with this need is marked and never ranked."""
        return self not in (Need.TEST_TEXTS, Need.LABEL_NAMES, Need.UNLABELLED_TEXTS)

    @property
    def reads_clean(self) -> Literal["train", "valid", "test"] | None:
        """The split whose clean labels it is made from, if any."""
        if not self.oracle:
            return None
        if self is Need.CLEAN_VALID_LABELS:
            return "valid"
        return "test" if self is Need.CLEAN_TEST_LABELS else "train"


@dataclass(frozen=True)
class NoisyTexts:
    """Texts with noisy labels and nothing else.

    `noisy_labels` are int64, shape (N,), in [0, C).
    """

    texts: Sequence[str]
    noisy_labels: LabelArray

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class NoisyView:
    """All that `fit` may learn from.

    Parameters
    ----------
    train, valid : noisy training and validation data.
    num_classes : the number of classes C.
    estimated_rate : the shared estimate made from noisy training data, for methods that
        inherit from `UsesNoiseRate`.
    declared_inputs : the value of each need that `needs()` declares: a float for
        NOISE_RATE, a float64 array (C, C) for TRANSITION_MATRIX, int64 arrays for
        labels, sequences of str for texts and names.
    """

    train: NoisyTexts
    valid: NoisyTexts
    num_classes: int
    estimated_rate: float | None = None
    declared_inputs: Mapping[str, DeclaredInput] = field(default_factory=dict)
    granted = Renamed("declared_inputs")


@dataclass(frozen=True)
class Outputs:
    """What K networks give for B texts in evaluation mode.

    `probabilities` are float32, shape (B, K, C). `embedding` is float16, shape
    (B, K, D), or None.
    """

    probabilities: ProbabilityArray
    embedding: EmbeddingArray | None = None


@dataclass(frozen=True)
class TrainingDiagnostics:
    """What a method found out about the training data.

    Each field is optional, and each is scored against the truth.

    Parameters
    ----------
    train_probabilities : class probabilities of the training texts, (N, K, C). Without
        them the harness evaluates the training texts itself.
    corrected_labels : int64 (N,).
    suspicion : float (N,), higher means that the label is more likely wrong.
    transition_matrix : (C, C), rows are true classes.
    noise_rate : a float.
    """

    train_probabilities: ProbabilityArray | None = None
    corrected_labels: LabelArray | None = None
    suspicion: FloatArray | None = None
    transition_matrix: FloatArray | None = None
    noise_rate: float | None = None


@dataclass(frozen=True)
class TrajectoryDiagnostics:
    """What a method measures on embeddings of the training texts at E points.

    `distances` are float64 (E, N), at each point. `score` is float64 (N,), and higher
    means that the label is more likely wrong.
    """

    distances: npt.NDArray[np.float64]
    score: npt.NDArray[np.float64]


OutputHistory = Sequence[Outputs]
"""Outputs of one split at each point so far, oldest first."""


Predict = Callable[[OutputHistory], ProbabilityArray]
"""Gives class probabilities (N, K, C) from the outputs so far."""


def latest_probabilities(seen: OutputHistory) -> ProbabilityArray:
    """Give the probabilities of the last point, (N, K, C).

    It is the prediction of a method without a second stage.
    """
    return seen[-1].probabilities


class SecondModel(Protocol):
    """A model that a second stage trains, all of which its tensors tell."""

    def tensors(self) -> Mapping[str, Tensor]:
        """Give the tensors by name, as they are now."""
        ...


Second = TypeVar("Second", bound=SecondModel)


@dataclass(frozen=True)
class BySecondModel(Generic[Second]):
    """The prediction of a second stage whose model can be kept.

    Parameters
    ----------
    by : gives probabilities (N, K, C) by the model from the outputs of stage one.
    model : what `by` reads beside these outputs.
    """

    by: Callable[[Second, OutputHistory], ProbabilityArray]
    model: Second

    def __call__(self, seen: OutputHistory) -> ProbabilityArray:
        """Give class probabilities, (N, K, C), from the outputs of stage one."""
        return self.by(self.model, seen)


@dataclass(frozen=True)
class Point:
    """One moment of training at which the harness evaluates.

    A point is valid until the next one is asked for.

    Parameters
    ----------
    fraction : the share of the stage's steps done, in (0, 1].
    observe : maps a batch of encoded texts to `Outputs`. It is None for a second stage
        that reads the outputs of the first one.
    predict : maps the outputs so far to class probabilities (N, K, C), over whose K
        networks the harness averages.
    findings : gives what the training has found out.
    selectable : whether the harness may choose this point.
    stage : the number of the training in the method, from 1.
    """

    fraction: float
    observe: Callable[[Encoded], Outputs] | None = None
    predict: Predict = latest_probabilities
    findings: Callable[[], TrainingDiagnostics] = TrainingDiagnostics
    selectable: bool = True
    stage: int = 1
