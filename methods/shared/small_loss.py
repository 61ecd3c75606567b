"""Small-loss selection: two networks keep the examples of a batch that are easy to fit,
which are mostly right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from benchmark.contracts import NoisyView, Trainer, UsesNoiseRate, Within, above
from benchmark.contracts.gradient import GradientMethod

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.batch import TrainBatch


def forget_rate(progress: float, rate: float, ramp: float, exponent: float) -> float:
    """Give the share of a batch to drop.

    It grows linearly from 0 to rate^exponent over `ramp`, then it is the rate.

    >>> [round(forget_rate(p, 0.4, 0.3, 1.0), 3) for p in (0.0, 0.15, 0.3, 1.0)]
    [0.0, 0.2, 0.4, 0.4]
    """
    if ramp > 0 and progress < ramp:
        return float(rate**exponent) * progress / ramp
    return rate


def kept_count(forget: float, size: int) -> int:
    """Tell how many of a batch are kept: floor((1 - forget) size), at least one."""
    return max(1, math.floor((1 - forget) * size + 1e-9))


def smallest(losses: Tensor, kept: int) -> Tensor:
    """Give the positions of the `kept` smallest along the last axis, (…, kept) from (…,
    B).

    They ascend, and of equals the first counts.
    """
    return losses.detach().argsort(dim=-1, stable=True)[..., :kept]


def exchanged_losses(losses: Tensor, kept: int) -> Tensor:
    """Give the sum of each network's mean loss over the `kept` examples that the other
    finds easiest, a scalar from (2, B).
    """
    easy = smallest(losses, kept)
    return losses[0, easy[1]].mean() + losses[1, easy[0]].mean()


@dataclass(frozen=True, repr=False)
class SmallLossMethod(UsesNoiseRate, GradientMethod):
    """A method of two networks that drops a share of each batch.

    The share grows to r^c over the first `ramp` of the steps, then it is r, the noise
    rate. `ramp` stands for the papers' T_k, `exponent` for c.
    """

    networks = 2

    ramp: Annotated[float, Within(0, 1)] = 0.3
    exponent: Annotated[float, above(0)] = 1.0

    def start(self, view: NoisyView, trainer: Trainer) -> float:
        """Give the noise rate r."""
        return self.noise_rate(view)

    def kept(self, batch: TrainBatch, size: int) -> int:
        """Tell how many of `size` examples are kept at this batch's step."""
        return kept_count(forget_rate(batch.progress, batch.state, self.ramp, self.exponent), size)
