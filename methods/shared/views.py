"""What a loss asks of predictions on several views of the same texts."""

from __future__ import annotations

from torch import Tensor


def symmetric_divergence(first: Tensor, second: Tensor) -> Tensor:
    """Give ½ [KL(p || q) + KL(q || p)] of each text, (...,), from log p and log q."""
    divergence: Tensor = 0.5 * ((first.exp() - second.exp()) * (first - second)).sum(-1)
    return divergence


def collapse(probabilities: Tensor, prior: Tensor) -> Tensor:
    """KL(prior || p̄), a scalar that grows when predictions collapse to few classes.

    p̄ is the mean of all `probabilities` (..., C). `prior` holds positive class shares
    (C,).
    """
    mean = probabilities.flatten(0, -2).mean(0)
    divergence: Tensor = (prior * (prior.log() - mean.log())).sum()
    return divergence
