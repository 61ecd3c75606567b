"""Co-teaching: two networks choose each other's small-loss examples."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from benchmark.contracts import Kit, NoisyView, UsesNoiseRate, register
from methods.engine import GradientMethod

if TYPE_CHECKING:
    from torch import Tensor

    from methods.engine.batch import TrainBatch


def forget_rate(progress: float, rate: float, ramp: float, exponent: float) -> float:
    """The share of a batch to drop: grows linearly from 0 to rate^exponent over `ramp`, then stays at the rate.

    >>> [round(forget_rate(p, 0.4, 0.3, 1.0), 3) for p in (0.0, 0.15, 0.3, 1.0)]
    [0.0, 0.2, 0.4, 0.4]
    """
    if ramp > 0 and progress < ramp:
        return float(rate**exponent) * progress / ramp
    return rate


def kept_count(forget: float, size: int) -> int:
    """How many of a batch are kept: floor((1 - forget) size), at least one."""
    return max(1, math.floor((1 - forget) * size + 1e-9))


def exchanged_losses(losses: Tensor, kept: int) -> Tensor:
    """Each network's mean loss over the `kept` examples that the other finds easiest, summed; (2, B) to a scalar."""
    easy = losses.detach().argsort(dim=1, stable=True)[:, :kept]
    return losses[0, easy[1]].mean() + losses[1, easy[0]].mean()


@register
class CoTeaching(UsesNoiseRate, GradientMethod):
    """Two networks; in each batch either learns from the examples that the other finds easiest.

    The share dropped grows linearly to r^c over the first T_k steps, then is r, the noise rate (c = 1 by default).
    Han et al., NeurIPS 2018, arXiv:1804.06872, algorithm 1. Text adaptation: T_k is a share of the steps (30 %), since
    fine-tuned models memorise within few epochs.
    """

    name = "co_teaching"
    family = "sample selection"
    networks = 2
    citation = """@inproceedings{han2018coteaching,
  title = {Co-teaching: Robust Training of Deep Neural Networks with Extremely Noisy Labels},
  author = {Han, Bo and Yao, Quanming and Yu, Xingrui and Niu, Gang and Xu, Miao and Hu, Weihua and Tsang, Ivor and
            Sugiyama, Masashi},
  booktitle = {Advances in Neural Information Processing Systems}, year = {2018}}"""
    departures = (
        "The mean over the kept examples is taken once; the authors' code divides by their number a second time.",
        "At least one example of a batch is kept; the kept share is not lowered by floating-point truncation.",
        "The noise rate is estimated; the authors give the true one (`rate=oracle` here).",
        "The share to drop grows step by step, not epoch by epoch.",
    )

    ramp: float = 0.3
    exponent: float = 1.0

    def start(self, view: NoisyView, kit: Kit) -> float:
        """The noise rate r."""
        return self.noise_rate(view)

    def loss(self, batch: TrainBatch) -> Tensor:
        """Both networks' losses on what the other one kept."""
        forget = forget_rate(batch.progress, batch.state, self.ramp, self.exponent)
        return exchanged_losses(batch.losses, kept_count(forget, batch.losses.shape[1]))
