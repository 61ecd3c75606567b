"""Logistic regression on what the encoder gives before any training."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated

import numpy as np
import numpy.typing as npt

from benchmark.contracts import (
    Encoded,
    LabelArray,
    Method,
    NoisyView,
    Outputs,
    Point,
    ProbabilityArray,
    Trainer,
    above,
    register,
)
from benchmark.contracts.gradient import label_confidence_diagnostics

Features = npt.NDArray[np.float32]
Predictor = Callable[[Features], ProbabilityArray]

CANDIDATES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Inverse penalties that are tried, strongest penalty first."""

HELD_OUT_SHARE = 0.2


@register
class LinearProbe(Method):
    """min_W c Σ_i CE(softmax(W h_i), ỹ_i) + |W|² / 2: logistic regression on
    standardised frozen embeddings h.

    This is the control for every method that trains an encoder or a head. By default c
    (`inverse_penalty`) is the one of 1e-4, 1e-3, …, 1 with the highest accuracy on a
    held-out fifth of the noisy training labels, since hundreds of dimensions under
    hardly a penalty suffice to fit wrong labels. The regression is fitted to its
    optimum by L-BFGS (scikit-learn), so there is one point, the end, under both
    selection rules.
    """

    name = "linear_probe"
    family = "control"

    inverse_penalty: Annotated[float | None, above(0)] = None

    def fit(self, view: NoisyView, trainer: Trainer) -> Iterator[Point]:
        """Yield one point, when the regression is fitted."""
        embeddings, labels = trainer.frozen_embeddings(), view.train.noisy_labels
        with trainer.phase("train"):
            inverse_penalty = self.inverse_penalty or self.chosen(view, trainer, embeddings)
            predict = fitted(embeddings, labels, view.num_classes, inverse_penalty)

        def observe(encoded: Encoded) -> Outputs:
            return Outputs(predict(trainer.represent(encoded)))

        yield Point(
            fraction=1.0, observe=observe, findings=lambda: label_confidence_diagnostics(predict(embeddings), labels)
        )

    def chosen(self, view: NoisyView, trainer: Trainer, embeddings: Features) -> float:
        """Give the candidate that is most accurate on held-out noisy labels.

        Of equals it is the strongest penalty.
        """
        shuffled = trainer.generator("held out").permutation(len(embeddings))
        held_out, rest = np.split(shuffled, [max(1, int(HELD_OUT_SHARE * len(shuffled)))])
        labels = view.train.noisy_labels
        accuracies = []
        for candidate in CANDIDATES:
            trainer.check_time()
            predict = fitted(embeddings[rest], labels[rest], view.num_classes, candidate)
            accuracies.append(float((predict(embeddings[held_out])[:, 0].argmax(1) == labels[held_out]).mean()))
        return CANDIDATES[int(np.argmax(accuracies))]


def fitted(embeddings: Features, labels: LabelArray, num_classes: int, inverse_penalty: float) -> Predictor:
    """Give the map from embeddings (B, D) to probabilities (B, 1, C).

    A class without examples gets 0.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    present = np.unique(labels)
    if len(present) == 1:
        only = np.eye(num_classes, dtype=np.float32)[present]
        return lambda rows: np.repeat(only[None], len(rows), axis=0)
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=inverse_penalty, max_iter=1_000))
    probe.fit(embeddings.astype(np.float64), labels)

    def predict(rows: Features) -> ProbabilityArray:
        probabilities = np.zeros((len(rows), 1, num_classes), dtype=np.float32)
        probabilities[:, 0, present] = probe.predict_proba(rows.astype(np.float64))
        return probabilities

    return predict
