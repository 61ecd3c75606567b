"""Nearest neighbours in chunks: never an N × N matrix in memory."""

from __future__ import annotations

import torch
from torch import Tensor

CHUNK = 1_024


def nearest(queries: Tensor, bank: Tensor, count: int, own: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Give the Euclidean distances and bank positions of the `count` nearest bank rows
    of each query, both (N, count).

    `queries` are (N, D), `bank` is (M, D), M >= 1. `own`, int64 (N,), is the bank
    position of each query itself, or -1, and is passed over. `count` is lowered to what
    the bank holds.
    """
    available = len(bank) - (0 if own is None or not bool((own >= 0).any()) else 1)
    count = min(count, max(1, available))
    distances, positions = [], []
    for start in range(0, len(queries), CHUNK):
        part = torch.cdist(queries[start : start + CHUNK], bank)
        if own is not None and available >= 1:
            mine = own[start : start + CHUNK]
            rows = torch.nonzero(mine >= 0).squeeze(1)
            part[rows, mine[rows]] = torch.inf
        near = torch.topk(part, count, dim=1, largest=False)
        distances.append(near.values)
        positions.append(near.indices)
    return torch.cat(distances), torch.cat(positions)


def weighted_votes(distances: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Give the neighbours' classes as shares, weighted by inverse distance, (N, C).

    Neighbours at distance 0 share all the weight. `distances` and `labels` are (N, k).
    """
    exact = distances == 0
    weights = torch.where(exact.any(1, keepdim=True), exact.to(distances.dtype), 1.0 / distances.clamp_min(1e-30))
    votes = torch.zeros(len(distances), num_classes, dtype=distances.dtype, device=distances.device)
    votes.scatter_add_(1, labels, weights)
    return votes / votes.sum(1, keepdim=True)
