"""Losses that several methods share."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

LOG_OFFSET = 1e-5
"""What its authors add inside the logarithms of the agreement term."""


def smoothed_divergence(p: Tensor, q: Tensor) -> Tensor:
    """Give KL(p || q) over the last axis, with logarithms of probabilities plus 1e-5.

    It is bounded, and may lie slightly below 0.
    """
    return (p * ((p + LOG_OFFSET).log() - (q + LOG_OFFSET).log())).sum(-1)


def agreement(probabilities: Tensor) -> Tensor:
    """Give the mean over M networks of KL(mean || network) for each example, (B,), from
    (M, B, C).

    The gradient flows through the mean too.  Zhou & Chen, EMNLP 2021, arXiv:2104.08656.
    """
    mean = probabilities.mean(0, keepdim=True)
    return smoothed_divergence(mean.expand_as(probabilities), probabilities).mean(0)


def co_regularised(losses: Tensor, probabilities: Tensor, weight: float) -> Tensor:
    """Give the mean cross-entropy of M networks plus `weight` times their mean
    disagreement, a scalar.

    `losses` are (M, B), `probabilities` (M, B, C). arXiv:2104.08656, and DyGen's first
    stage, arXiv:2305.19395.
    """
    loss = losses.mean()
    return loss + weight * agreement(probabilities).mean() if weight else loss


def soft_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Give -Σ_k t_k log p_k of each example, (...,), from logits and target
    distributions (..., C).
    """
    return -(targets * functional.log_softmax(logits, dim=-1)).sum(-1)
