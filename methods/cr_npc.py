"""Noisy prediction calibration after co-regularisation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from benchmark.contracts import Outputs, Point, Trainer, Within, at_least, register
from benchmark.contracts.trainer import Recipe, SharedTraining
from methods.shared.co_regularised import CoRegularised
from methods.shared.generative.prediction_calibration import CITATION, DEPARTURES, Calibration


@register
class CoRegularisedCalibration(Calibration):
    """Noisy prediction calibration of two networks trained to agree: DyGen without its
    dynamics.

    ŷ is the arg max of the networks' mean prediction, and x is the last network's
    embedding. The rest is as in `npc`, after a first stage as in `cr`. The method is a
    comparison of Zhuang et al., KDD 2023, arXiv:2305.19395, after Bae et al., ICML
    2022, arXiv:2205.00690.

    What `npc` says of memorised labels holds here too, but less so, since two networks
    that must agree memorise later.
    """

    name = "cr_npc"
    networks = 2
    citation = CITATION
    departures = (*DEPARTURES, "One calibration, of the mean prediction and the last network's embedding.")

    agreement: Annotated[float, at_least(0)] = 5.0
    warmup: Annotated[float, Within(0, 1, "[)")] = 0.1

    def shared_training(self, recipe: Recipe) -> SharedTraining:
        """Give the training of both networks."""
        return SharedTraining(CoRegularised(self.networks, self.agreement, self.warmup))

    def classifier(self, trainer: Trainer) -> Iterator[tuple[Point, Outputs | None]]:
        """Train two networks to agree."""
        for point, look in trainer.shared(self.shared_training(trainer.recipe)):
            yield point, look("train") if point.fraction >= 1.0 else None
