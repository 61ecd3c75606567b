"""Generalized cross-entropy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.contracts import register
from methods.engine import GradientMethod

if TYPE_CHECKING:
    from torch import Tensor

    from methods.engine.batch import TrainBatch


@register
class GeneralizedCrossEntropy(GradientMethod):
    """(1 - p_y^q) / q: between cross-entropy (q → 0) and mean absolute error (q = 1).

    Zhang & Sabuncu, NeurIPS 2018, arXiv:1805.07836, eq. 6; q = 0.7 as in the paper. The gradient carries a
    factor p_y^q, so examples that the network does not believe weigh less.
    """

    name = "gce"
    family = "robust loss"
    citation = """@inproceedings{zhang2018gce,
  title = {Generalized Cross Entropy Loss for Training Deep Neural Networks with Noisy Labels},
  author = {Zhang, Zhilu and Sabuncu, Mert R.},
  booktitle = {Advances in Neural Information Processing Systems}, year = {2018}}"""
    departures = ("Plain form without truncation, so without the pruning of the training set by checkpoints.",)

    q: float = 0.7

    def loss(self, batch: TrainBatch) -> Tensor:
        """Mean of (1 - p_y^q) / q; probabilities are kept at 1e-7 or above."""
        p = batch.label_probabilities.clamp_min(1e-7)
        return ((1 - p**self.q) / self.q).mean()
