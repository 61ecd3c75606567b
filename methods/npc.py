"""Noisy prediction calibration: a generative model of how a trained classifier's
predictions differ from the truth.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmark.contracts import Outputs, Point, Trainer, register
from methods.shared.generative.prediction_calibration import CITATION, DEPARTURES, Calibration


@register
class NoisyPredictionCalibration(Calibration):
    """Corrects a classifier trained by cross-entropy: from its prediction ŷ and
    embedding to the true label.

    Prior: Dir(1 + 1/C + δ e_c). The class c is that of the ten nearest texts of a bank.
    The bank keeps of each batch the most confident text of each predicted class, under
    that prediction.
    Model: q(y | x, ŷ) = Dir(α(x, ŷ)) and p(ŷ | x, y), one linear layer each, fitted by
    the evidence bound.
    Inference: p(y | x) = Σ_k p(ŷ = k | x) · mode(α(x, e_k))_y.

    Bae et al., ICML 2022, arXiv:2205.00690. Text adaptation: x is the embedding of the
    trained classifier.

    The method corrects the last point of a training. A network that has memorised its
    labels predicts those labels on the training texts, so that little is left to
    correct, and no choice by noisy validation can go back before the end of the first
    stage. Labels that come from rules are learned rather than memorised, and there it
    corrects most.
    """

    name = "npc"
    citation = CITATION
    departures = DEPARTURES

    def classifier(self, trainer: Trainer) -> Iterator[tuple[Point, Outputs | None]]:
        """Train one network by cross-entropy."""
        networks = trainer.networks(1)
        for point in trainer.train(networks, lambda batch: batch.losses.mean(), selectable=False):
            yield point, trainer.evaluate(networks, embedding=True) if point.fraction >= 1.0 else None
