"""The dynamic prior of SiDyP: candidate classes and their weights."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import one_hot


def dynamic_prior(votes: Tensor, certain: float, dominant: float) -> tuple[Tensor, Tensor]:
    """Give candidate weights (N, C) and who is uncertain, bool (N,), from the
    neighbours' votes (N, C).

    A class with `certain` or more of the votes is the only candidate. Else the two
    classes with most votes are, if they have `dominant` or more. Else all that have
    votes are.
    """
    best = votes.topk(min(2, votes.shape[1]), dim=1)
    uncertain = best.values[:, 0] < certain
    two = torch.zeros_like(votes).scatter(1, best.indices, best.values)
    pair = two / two.sum(1, keepdim=True)
    among = torch.where((best.values.sum(1) >= dominant).unsqueeze(1), pair, votes)
    alone = one_hot(best.indices[:, 0], votes.shape[1]).to(votes.dtype)
    return torch.where(uncertain.unsqueeze(1), among, alone), uncertain


def refined(weights: Tensor, predicted: Tensor, rounds: int) -> Tensor:
    """Give weights (B, C) of which those of the `predicted` candidates have grown.

    w_ŷ grows by (1 - w_ŷ) / `rounds`, and the row is divided by its sum. A class that
    is no candidate, of weight 0, changes nothing.
    """
    index = predicted.unsqueeze(1)
    own = weights.gather(1, index)
    growth = torch.where(own > 0, (1 - own) / rounds, 0.0)
    return weights.scatter_add(1, index, growth) / (1 + growth)
