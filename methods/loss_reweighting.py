"""Loss-based reweighting of the examples of a batch, and its negative control."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from benchmark.contracts import GradientMethod, Within, above, register

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch

Strategy = Literal["quadratic", "upper", "linupper", "extremes"]


@register
class LossReweighting(GradientMethod):
    """Examples weigh by where their losses lie among those of their batch.

    L = Σ_i w_i CE(p_i, y_i) with w = softmax(f(h) / ρ), where h are the losses of the
    batch, rescaled linearly to [-1, 1]. The weights carry no gradient.
    f is 1 - h² for `quadratic`, which prefers losses in the middle, (1 + h) / 2 for
    `upper` and min(1 + h, 1) for `linupper`, which prefer large ones, and |h| for
    `extremes`, which prefers both ends. The first `plain` of the steps averages
    plainly. Sow et al., ICLR 2025, arXiv:2502.06733.

    At ρ = 1 no weight of a batch is more than e ≈ 2.7 times another, so that the effect
    of any strategy is small. The paper's texts are clean. On TREC with labels flipped
    at random, `quadratic` ends below cross-entropy, at smaller ρ too, but not steadily
    the lower the smaller ρ is. A possible reason, which was not measured, is that right
    labels have the smallest losses of a batch and lose weight just as wrong ones do.
    """

    name = "loss_reweighting"
    family = "sample reweighting"
    citation = """@inproceedings{sow2025reweighting,
  title = {Dynamic Loss-Based Sample Reweighting for Improved Large Language Model Pretraining},
  author = {Sow, Daouda and Woisetschl{\\"a}ger, Herbert and Bulusu, Saikiran and Wang, Shiqiang and
            Jacobsen, Hans-Arno and Liang, Yingbin},
  booktitle = {International Conference on Learning Representations}, year = {2025}}"""
    departures = (
        "The paper weighs texts of a pre-training, also by their lengths; here each text has one label and one length.",
        "The authors' code averages plainly for 1000 steps; whole trainings here are shorter, so it is a share.",
        "The half-width of the rescaled losses is 1; another one acts as another ρ.",
    )

    strategy: Strategy = "quadratic"
    rho: Annotated[float, above(0)] = 1.0
    plain: Annotated[float, Within(0, 1)] = 0.1

    def loss(self, batch: TrainBatch) -> Tensor:
        """Give the weighted sum over the batch, its plain mean at first."""
        if batch.progress < self.plain:
            return batch.losses.mean()
        losses = batch.losses[0]
        return (loss_weights(losses.detach(), self.strategy, self.rho) * losses).sum()


@register
class LinUpperReweighting(LossReweighting):
    """Weight goes from small losses, which are those of right labels, to the rest.

    It is `loss_reweighting` with the strategy `linupper`, which the paper prefers for
    clean texts: a negative control that is expected to lose under noise.
    """

    name = "linupper_reweighting"
    control = True

    strategy: Literal["linupper"] = "linupper"


def loss_weights(losses: Tensor, strategy: Strategy, rho: float) -> Tensor:
    """Give the weights of a batch's losses (B,), which sum to 1."""
    low, high = losses.min(), losses.max()
    h = (2 * losses - high - low) / (high - low).clamp_min(1e-6)
    preferences = {
        "quadratic": 1 - h.square(),
        "upper": (1 + h) / 2,
        "linupper": (1 + h).clamp_max(1),
        "extremes": h.abs(),
    }
    return (preferences[strategy] / rho).softmax(-1)
