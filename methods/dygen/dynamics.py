"""Training dynamics: how far an example stays from the centre of its own noisy class,
and how unsteadily.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from benchmark.contracts import EmbeddingArray, LabelArray
from benchmark.contracts.arrays import BoolArray, FloatArray


def centroids(embedding: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Give the mean embedding of each class by its given labels, (C, D), from (N, D)
    and (N,).

    A class without members gets the mean of all rows. The authors' code gives it a
    column of NaN.
    """
    sums = torch.zeros(num_classes, embedding.shape[1], dtype=embedding.dtype, device=embedding.device)
    sums.index_add_(0, labels, embedding)
    sizes = torch.bincount(labels, minlength=num_classes).to(embedding.dtype).unsqueeze(1)
    return torch.where(sizes > 0, sums / sizes.clamp_min(1), embedding.mean(0, keepdim=True))


def own_distances(embedding: Tensor, labels: Tensor, centres: Tensor) -> Tensor:
    """Give the distance of each example to the centroid of its own noisy class, (N,).

    No array of N × C × D is made.
    """
    lengths: Tensor = torch.linalg.vector_norm(embedding - centres[labels], dim=1)
    return lengths


def class_distances(embedding: Tensor, centres: Tensor) -> Tensor:
    """Give the distance of each example to each class centroid, (N, C)."""
    return torch.cdist(embedding, centres)


def margins(embedding: Tensor, labels: Tensor, centres: Tensor) -> Tensor:
    """Give the distance to the own noisy class's centroid minus that to the nearest
    other one, (N,).
    """
    distances = class_distances(embedding, centres)
    own = distances.gather(1, labels.unsqueeze(1)).squeeze(1)
    nearest_other = distances.scatter(1, labels.unsqueeze(1), torch.inf).min(1).values
    return own - nearest_other


MEASURES = {"dynamics": own_distances, "margin": margins}


def trajectory_distances(
    points: Sequence[EmbeddingArray],
    labels: LabelArray,
    num_classes: int,
    members: Sequence[EmbeddingArray] | None = None,
    member_labels: LabelArray | None = None,
    measure: str = "dynamics",
) -> FloatArray:
    """Give a measure of `MEASURES` at every point, float64 (E, N), from one branch's
    embeddings (N, D) at each.

    Centroids are those of the same examples, or of `members` with `member_labels` where
    given.
    """
    index = torch.from_numpy(labels)
    classes = index if member_labels is None else torch.from_numpy(member_labels)
    found = []
    for e, point in enumerate(points):
        embedding = torch.from_numpy(point).float()
        pool = embedding if members is None else torch.from_numpy(members[e]).float()
        found.append(MEASURES[measure](embedding, index, centroids(pool, classes, num_classes)))
    return torch.stack(found).double().numpy()


def dynamics_score(distances: FloatArray) -> FloatArray:
    """Give the mean plus the unbiased standard deviation over the points, (..., N) from
    (..., E, N).

    One point has no deviation: the score is then the distance itself. DyGen,
    arXiv:2305.19395, training dynamics.
    """
    deviation = distances.std(axis=-2, ddof=1) if distances.shape[-2] > 1 else 0.0
    score: FloatArray = distances.mean(axis=-2) + deviation
    return score


def mark_suspects(score: FloatArray, rate: float) -> BoolArray:
    """Mark the floor(rate · N) highest scores, bool (N,); of equals the earlier
    rows.
    """
    marked = np.zeros(len(score), dtype=bool)
    marked[np.argsort(-score, kind="stable")[: int(len(score) * rate)]] = True
    return marked
