"""An ensemble of plainly trained networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from benchmark.contracts import GradientMethod, Within, register

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


@register
class EnsembleCrossEntropy(GradientMethod):
    """Σ_m CE(p^m, ỹ): M networks from different initial weights, each trained on its
    own; their mean predicts.

    The control for every method that trains several networks: with the default M = 2 it
    costs as many as DyGen, CR and the co-teaching family, and its gain over one network
    is the gain of averaging alone. Its first network is that of cross_entropy, to the
    bit. Lakshminarayanan et al., NeurIPS 2017, arXiv:1612.01474, without adversarial
    examples.
    """

    name = "ensemble_ce"
    family = "control"
    citation = """@inproceedings{lakshminarayanan2017ensembles,
  title = {Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles},
  author = {Lakshminarayanan, Balaji and Pritzel, Alexander and Blundell, Charles},
  booktitle = {Advances in Neural Information Processing Systems}, year = {2017}}"""
    departures = ("No adversarial training; members differ in initial weights and dropout and share their batches.",)

    members: Annotated[int, Within(1, 100)] = 2

    @property
    def networks(self) -> int:  # type: ignore[override]
        """The number of members."""
        return self.members

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the sum of the networks' mean cross-entropies, so that each trains as it
        would alone.
        """
        return batch.losses.mean(1).sum()
