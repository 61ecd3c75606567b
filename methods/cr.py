"""Co-regularisation: networks that must agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.contracts import register
from methods.engine import GradientMethod

if TYPE_CHECKING:
    from torch import Tensor

    from methods.engine.batch import TrainBatch


@register
class CoRegularization(GradientMethod):
    """Mean cross-entropy of M = 2 networks plus α times the divergence of each from their mean prediction.

    L = 1/M Σ_m CE(p^m, y) + α_t · 1/M Σ_m KL(p̄ || p^m), with α_t = 0 over the first tenth of the steps, then α = 5.
    Zhou & Chen, EMNLP 2021, arXiv:2104.08656. The gradient flows through p̄, and logarithms are taken of
    p + 1e-5, as in the authors' code.
    """

    name = "cr"
    family = "regularisation"
    networks = 2
    citation = """@inproceedings{zhou2021cr,
  title = {Learning from Noisy Labels for Entity-Centric Information Extraction},
  author = {Zhou, Wenxuan and Chen, Muhao},
  booktitle = {Proceedings of EMNLP}, year = {2021}}"""
    departures = ("Both the single networks and their mean are reported; the authors predict with the last network.",)

    weight: float = 5.0
    warmup: float = 0.1

    def loss(self, batch: TrainBatch) -> Tensor:
        """The co-regularised loss, its second term switched on after the warm-up."""
        from methods.engine.losses import co_regularised

        weight = self.weight if batch.progress >= self.warmup else 0.0
        return co_regularised(batch.losses, batch.probabilities, weight)
