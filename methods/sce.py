"""Symmetric cross-entropy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from benchmark.contracts import GradientMethod, at_least, register

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch

LOG_OF_ZERO = -9.210340371976182
"""log 1e-4, which stands for the logarithm of a label's zero entries."""


@register
class SymmetricCrossEntropy(GradientMethod):
    """α CE(p, ỹ) + β RCE(p, ỹ), RCE = -Σ_k p_k log ỹ_k = -A (1 - p_ỹ) with log 0 read
    as A = log 1e-4 = -9.21.

    The reverse term is a mean absolute error: bounded, so that no single wrong label
    pulls for ever. Wang et al., ICCV 2019, arXiv:1908.06112. Text adaptation: α = 0.4,
    β = 1, as published text ports have them (paper: 0.1 and 1 on CIFAR-10). With many
    classes 6 and 0.1 (paper, CIFAR-100), since the reverse term learns slowly there.
    """

    name = "sce"
    family = "robust loss"
    citation = """@inproceedings{wang2019sce,
  title = {Symmetric Cross Entropy for Robust Learning with Noisy Labels},
  author = {Wang, Yisen and Ma, Xingjun and Chen, Zaiyi and Luo, Yuan and Yi, Jinfeng and Bailey, James},
  booktitle = {Proceedings of ICCV}, year = {2019}}"""
    departures = ("α and β are those of published text ports, not of the paper's image data sets.",)

    cross_entropy_weight: Annotated[float, at_least(0)] = 0.4
    reverse_weight: Annotated[float, at_least(0)] = 1.0

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the mean of the weighted sum.

        Probabilities are kept at 1e-7 or above inside the logarithm.
        """
        p = batch.label_probabilities
        cross_entropy = -p.clamp_min(1e-7).log()
        reverse = -LOG_OF_ZERO * (1 - p)
        return (self.cross_entropy_weight * cross_entropy + self.reverse_weight * reverse).mean()
