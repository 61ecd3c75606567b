"""The prior of the true label: neighbours among the examples that are not suspected."""

from __future__ import annotations

import torch
from torch import Tensor

from methods.shared.neighbours.nearest import nearest, weighted_votes

NEIGHBOURS = 10


def neighbour_votes(
    embedding: Tensor,
    labels: Tensor,
    marked: Tensor,
    num_classes: int,
    neighbours: int = NEIGHBOURS,
    self_match: bool = False,
    queries: Tensor | None = None,
) -> Tensor:
    """Give the class shares (N, C) of each example's nearest unmarked neighbours,
    weighted by inverse distance.

    `embedding` is (N, D), `labels` are int64 (N,), noisy, `marked` is bool (N,).
    Without `self_match` an example is not its own neighbour. With it, as in the
    authors' code, every unmarked example just gets its own label back. If all are
    marked, all are asked. `queries`, (Q, D), are other texts to answer for, (Q, C).
    """
    members = torch.nonzero(~marked).squeeze(1)
    if len(members) == 0:
        members = torch.arange(len(labels), device=labels.device)
    own = None
    if queries is None and not self_match:
        own = torch.full((len(labels),), -1, dtype=torch.int64, device=labels.device)
        own[members] = torch.arange(len(members), device=labels.device)
    asked = embedding if queries is None else queries
    distances, positions = nearest(asked, embedding[members], neighbours, own)
    return weighted_votes(distances, labels[members][positions], num_classes)


def concentration(classes: Tensor, num_classes: int, strength: float) -> Tensor:
    """Give the Dirichlet concentration 1 + 1/C, plus `strength` on the neighbours'
    class, (N, C).
    """
    return soft_concentration(torch.nn.functional.one_hot(classes, num_classes).float(), strength)


def soft_concentration(votes: Tensor, strength: float) -> Tensor:
    """Give the Dirichlet concentration 1 + 1/C, plus `strength` times the neighbours'
    shares, (N, C).
    """
    return 1.0 + 1.0 / votes.shape[1] + strength * votes
