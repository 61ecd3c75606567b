"""JoCoR: two networks that must agree, trained on the examples of small joint loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from benchmark.contracts import Within, register
from methods.shared.small_loss import SmallLossMethod, smallest

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


@register
class JoCoR(SmallLossMethod):
    """Joint loss of two networks, (1 - λ) Σ_m CE(p^m, ỹ) + λ [KL(p¹ || p²) + KL(p² ||
    p¹)], on its smallest examples.

    The share 1 - R of a batch with the smallest joint loss trains both networks; R as
    in co-teaching. Wei et al., CVPR 2020, arXiv:2003.02752. λ = 0.85, within the
    paper's 0.65 to 0.9. Text adaptation: R grows over 30 % of the steps.
    """

    name = "jocor"
    family = "sample selection"
    citation = """@inproceedings{wei2020jocor,
  title = {Combating Noisy Labels by Agreement: A Joint Training Method with Co-Regularization},
  author = {Wei, Hongxin and Feng, Lei and Chen, Xiangyu and An, Bo},
  booktitle = {Proceedings of CVPR}, year = {2020}}"""
    departures = (
        "λ is 0.85, within the paper's range; the authors' code has 0.1 as its default.",
        "The noise rate is estimated; the authors give the true one (`rate=oracle` here), and half of it under "
        "asymmetric noise, which asks for the kind of noise to be known.",
        "At least one example of a batch is kept; the kept share is not lowered by floating-point truncation.",
        "The share to drop grows step by step, not epoch by epoch.",
    )

    agreement: Annotated[float, Within(0, 1)] = 0.85

    def joint_losses(self, batch: TrainBatch) -> Tensor:
        """Give the joint loss of each example, (B,).

        Its divergence is Σ_k (p¹_k - p²_k)(log p¹_k - log p²_k).
        """
        p, log_p = batch.probabilities, batch.log_probabilities
        divergence = ((p[0] - p[1]) * (log_p[0] - log_p[1])).sum(-1)
        return (1 - self.agreement) * batch.losses.sum(0) + self.agreement * divergence

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the mean joint loss over the kept examples."""
        joint = self.joint_losses(batch)
        return joint[smallest(joint, self.kept(batch, len(joint)))].mean()
