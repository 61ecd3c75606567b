"""What a loss asks of predictions on several views of the same texts."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from benchmark.contracts import LabelArray

ClassPrior = Literal["uniform", "observed"]


def symmetric_divergence(first: Tensor, second: Tensor) -> Tensor:
    """Give ½ [KL(p || q) + KL(q || p)] of each text, (...,), from log p and log q."""
    divergence: Tensor = 0.5 * ((first.exp() - second.exp()) * (first - second)).sum(-1)
    return divergence


def class_shares(kind: ClassPrior, labels: LabelArray, num_classes: int) -> Tensor:
    """Give class shares, float32 (C,): equal ones, or those of `labels` with one more a
    class.

    The one more keeps the share of a class without labels above 0.
    """
    counts = torch.ones(num_classes)
    if kind == "observed":
        counts += torch.from_numpy(labels).bincount(minlength=num_classes)
    return counts / counts.sum()


def collapse(probabilities: Tensor, prior: Tensor) -> Tensor:
    """Give KL(prior || p̄), a scalar that grows when predictions collapse to few
    classes.

    p̄ is the mean of all `probabilities` (..., C). `prior` holds positive class shares
    (C,).
    """
    mean = probabilities.flatten(0, -2).mean(0)
    divergence: Tensor = (prior * (prior.log() - mean.log())).sum()
    return divergence
