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
    """The share of a batch to drop: grows linearly from 0 to rate^exponent over `ramp`,
    then stays at the rate.

    >>> [round(forget_rate(p, 0.4, 0.3, 1.0), 3) for p in (0.0, 0.15, 0.3, 1.0)]
    [0.0, 0.2, 0.4, 0.4]
    """
    if ramp > 0 and progress < ramp:
        return float(rate**exponent) * progress / ramp
    return rate


def kept_count(forget: float, size: int) -> int:
    """How many of a batch are kept: floor((1 - forget) size), at least one."""
    return max(1, math.floor((1 - forget) * size + 1e-9))


def smallest(losses: Tensor, kept: int) -> Tensor:
    """Positions of the `kept` smallest along the last axis, ascending, of equals the
    first; (…, B) to (…, kept).
    """
    return losses.detach().argsort(dim=-1, stable=True)[..., :kept]


def exchanged_losses(losses: Tensor, kept: int) -> Tensor:
    """Each network's mean loss over the `kept` examples that the other finds easiest,
    summed; (2, B) to a scalar.
    """
    easy = smallest(losses, kept)
    return losses[0, easy[1]].mean() + losses[1, easy[0]].mean()


@dataclass(frozen=True, repr=False)
class SmallLossMethod(UsesNoiseRate, GradientMethod):
    """Two networks that drop a share of each batch: it grows to r^c over the first
    `ramp` of the steps, then is r.

    `ramp` stands for the papers' T_k, `exponent` for c; r is the noise rate.
    """

    networks = 2

    ramp: Annotated[float, Within(0, 1)] = 0.3
    exponent: Annotated[float, above(0)] = 1.0

    def start(self, view: NoisyView, trainer: Trainer) -> float:
        """The noise rate r."""
        return self.noise_rate(view)

    def kept(self, batch: TrainBatch, size: int) -> int:
        """How many of `size` examples are kept at this batch's step."""
        return kept_count(forget_rate(batch.progress, batch.state, self.ramp, self.exponent), size)
