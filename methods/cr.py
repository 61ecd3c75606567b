"""Co-regularisation of two networks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from benchmark.contracts import Method, NoisyView, Point, Trainer, Within, at_least, register
from benchmark.contracts.trainer import Recipe, SharedTraining
from methods.shared.co_regularised import CoRegularised, selectable_points


@register
class CoRegularization(Method):
    """Mean cross-entropy of M = 2 networks plus α times the divergence of each from
    their mean prediction.

    L = 1/M Σ_m CE(p^m, y) + α_t · 1/M Σ_m KL(p̄ || p^m), with α_t = 0 over the first
    tenth of the steps, then α = 5. Zhou & Chen, EMNLP 2021, arXiv:2104.08656. The
    gradient flows through p̄, and logarithms are taken of p + 1e-5, as in the authors'
    code. DyGen's first stage is the same training, and shares it.
    """

    name = "cr"
    family = "regularisation"
    networks = 2
    citation = """@inproceedings{zhou2021cr,
  title = {Learning from Noisy Labels for Entity-Centric Information Extraction},
  author = {Zhou, Wenxuan and Chen, Muhao},
  booktitle = {Proceedings of EMNLP}, year = {2021}}"""
    departures = ("Both the single networks and their mean are reported; the authors predict with the last network.",)

    weight: Annotated[float, at_least(0)] = 5.0
    warmup: Annotated[float, Within(0, 1, "[)")] = 0.1

    def shared_training(self, recipe: Recipe) -> SharedTraining:
        """Give the whole training, which is DyGen's first stage, too."""
        return SharedTraining(CoRegularised(self.networks, self.weight, self.warmup), selectable=True)

    def fit(self, view: NoisyView, trainer: Trainer) -> Iterator[Point]:
        """Yield the points of the shared training, all selectable."""
        return selectable_points(trainer, self.shared_training(trainer.recipe), view.train.noisy_labels)
