"""Logistic regression on what the encoder gives before any training."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.contracts import (
    BenchmarkError,
    Kit,
    LabelArray,
    Method,
    NoisyView,
    Outputs,
    Point,
    ProbabilityArray,
    register,
)
from methods.engine.gradient import doubted

Features = npt.NDArray[np.float32]
Predictor = Callable[[Features], ProbabilityArray]


@register
class LinearProbe(Method):
    """min_W Σ_i CE(softmax(W h_i), ỹ_i) + |W|² / (2 c): logistic regression on standardised frozen embeddings h.

    The control for every method that trains an encoder or a head: a linear classifier can hardly memorise single wrong
    labels. Fitted to its optimum by L-BFGS (scikit-learn), so there is one point, the end, under both selection rules.
    """

    name = "linear_probe"
    family = "control"

    inverse_penalty: float = 1.0

    def __post_init__(self) -> None:
        if not self.inverse_penalty > 0:
            raise BenchmarkError(f"linear_probe.inverse_penalty is {self.inverse_penalty:g}; it must be above 0.")

    def fit(self, view: NoisyView, kit: Kit) -> Iterator[Point]:
        """One point, when the regression is fitted."""
        embeddings = kit.frozen_embeddings()
        with kit.phase("train"):
            predict = self.fitted(embeddings, view.train.noisy_labels, view.num_classes)

        def observe(encoded: Any) -> Outputs:
            return Outputs(predict(kit.represent(encoded)))

        yield Point(
            fraction=1.0, observe=observe, findings=lambda: doubted(predict(embeddings), view.train.noisy_labels)
        )

    def fitted(self, embeddings: Features, labels: LabelArray, num_classes: int) -> Predictor:
        """The map from embeddings (B, D) to probabilities (B, 1, C); classes without examples get 0."""
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        present = np.unique(labels)
        if len(present) == 1:
            only = np.eye(num_classes, dtype=np.float32)[present]
            return lambda rows: np.repeat(only[None], len(rows), axis=0)
        probe = make_pipeline(StandardScaler(), LogisticRegression(C=self.inverse_penalty, max_iter=1_000))
        probe.fit(embeddings.astype(np.float64), labels)

        def predict(rows: Features) -> ProbabilityArray:
            probabilities = np.zeros((len(rows), 1, num_classes), dtype=np.float32)
            probabilities[:, 0, present] = probe.predict_proba(rows.astype(np.float64))
            return probabilities

        return predict
