"""What a method sees, and what the harness sees of a method."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from benchmark.contracts.renamed import Renamed

if TYPE_CHECKING:
    from benchmark.contracts.handles import DeclaredInput, Encoded, FloatArray

LabelArray = npt.NDArray[np.int64]
ProbabilityArray = npt.NDArray[np.float32]
EmbeddingArray = npt.NDArray[np.float16]


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
        """Whether an instance with this need is marked in every table and never ranked."""
        return self not in (Need.TEST_TEXTS, Need.LABEL_NAMES, Need.UNLABELLED_TEXTS)


@dataclass(frozen=True)
class NoisyTexts:
    """Texts with noisy labels and nothing else. `noisy_labels`: int64, shape (N,), in [0, C)."""

    texts: Sequence[str]
    noisy_labels: LabelArray

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class NoisyView:
    """All that `fit` may learn from: noisy training and validation data, and exactly what `needs()` declares.

    `estimated_rate` is the shared estimate made from noisy training data, present for methods that set
    `uses_noise_rate`.
    `declared_inputs` maps a declared need to its value: NOISE_RATE to a float,
    TRANSITION_MATRIX to a float64 array (C, C), label needs to int64 arrays, texts and
    names to sequences of str.
    """

    train: NoisyTexts
    valid: NoisyTexts
    num_classes: int
    estimated_rate: float | None = None
    declared_inputs: Mapping[str, DeclaredInput] = field(default_factory=dict)
    granted = Renamed("declared_inputs")


@dataclass(frozen=True)
class Outputs:
    """What K networks say of B texts in evaluation mode.

    `probabilities`: float32, shape (B, K, C); `embedding`: float16, shape (B, K, D), or None.
    """

    probabilities: ProbabilityArray
    embedding: EmbeddingArray | None = None


@dataclass(frozen=True)
class TrainingDiagnostics:
    """What a method found out about the training data; each optional, each scored against the truth.

    `train_probabilities`: the method's class probabilities of the training texts, (N, K, C); without it the
    harness observes the training texts itself. `corrected_labels`: int64 (N,). `suspicion`: float (N,), higher
    means more likely wrong. `transition_matrix`: (C, C), rows are true classes. `noise_rate`: a float.
    """

    train_probabilities: ProbabilityArray | None = None
    corrected_labels: LabelArray | None = None
    suspicion: FloatArray | None = None
    transition_matrix: FloatArray | None = None
    noise_rate: float | None = None


@dataclass(frozen=True)
class TrajectoryDiagnostics:
    """What a method measures on the training texts' embeddings at E points of one network's training.

    `distances`: float64 (E, N), at each point. `score`: float64 (N,), higher means more likely wrong.
    """

    distances: npt.NDArray[np.float64]
    score: npt.NDArray[np.float64]


OutputHistory = Sequence[Outputs]
"""Outputs of one split at each point observed so far, oldest first."""


def latest_probabilities(seen: OutputHistory) -> ProbabilityArray:
    """The prediction of a method without a second stage: the probabilities seen last, (N, K, C)."""
    return seen[-1].probabilities


@dataclass(frozen=True)
class Point:
    """One moment of training at which the harness looks; valid until the next is asked for.

    `fraction`: share of the stage's steps done, in (0, 1]. `observe` maps a batch of encoded texts to `Outputs`;
    None where nothing new is to be seen (a second stage that reads what the first one showed). `predict` maps
    the outputs seen to class probabilities (N, K, C); the harness averages over the K networks.
    """

    fraction: float
    observe: Callable[[Encoded], Outputs] | None = None
    predict: Callable[[OutputHistory], ProbabilityArray] = latest_probabilities
    findings: Callable[[], TrainingDiagnostics] = TrainingDiagnostics
    selectable: bool = True
    stage: int = 1
