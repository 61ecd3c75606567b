"""Training dynamics: how far an example stays from the centre of its own noisy class, and how unsteadily."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from benchmark.contracts import LabelArray

FloatArray = npt.NDArray[np.float64]


def centroids(embedding: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Mean embedding of each class by its given labels, (C, D), from (N, D) and (N,).

    A class without members gets the mean of all rows; the authors' code gives it a column of NaN.
    """
    sums = torch.zeros(num_classes, embedding.shape[1], dtype=embedding.dtype, device=embedding.device)
    sums.index_add_(0, labels, embedding)
    sizes = torch.bincount(labels, minlength=num_classes).to(embedding.dtype).unsqueeze(1)
    return torch.where(sizes > 0, sums / sizes.clamp_min(1), embedding.mean(0, keepdim=True))


def class_distances(embedding: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Euclidean distance of each example to each class centroid, (N, C)."""
    return torch.cdist(embedding, centroids(embedding, labels, num_classes))


def own_distances(embedding: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Distance of each example to the centroid of its own noisy class, (N,), without an N × C × D array."""
    offsets = embedding - centroids(embedding, labels, num_classes)[labels]
    lengths: Tensor = torch.linalg.vector_norm(offsets, dim=1)
    return lengths


def dynamics_score(distances: FloatArray) -> FloatArray:
    """Mean plus unbiased standard deviation of the distance to one's own class, (..., N) from (..., E, N).

    One point has no deviation: the score is then the distance itself.  DyGen, arXiv:2305.19395, training dynamics.
    """
    deviation = distances.std(axis=-2, ddof=1) if distances.shape[-2] > 1 else 0.0
    score: FloatArray = distances.mean(axis=-2) + deviation
    return score


def mark_suspects(score: FloatArray, rate: float) -> npt.NDArray[np.bool_]:
    """True for the floor(rate · N) highest scores, (N,); ties go to the earlier rows."""
    marked = np.zeros(len(score), dtype=bool)
    marked[np.argsort(-score, kind="stable")[: int(len(score) * rate)]] = True
    return marked


def trajectory_distances(trajectory: npt.NDArray[np.float16], labels: LabelArray, num_classes: int) -> FloatArray:
    """Distances to the own noisy class at every point, float64, (E, N), from one branch's trajectory (N, E, D)."""
    index = torch.from_numpy(labels)
    points = range(trajectory.shape[1])
    found = [own_distances(torch.from_numpy(trajectory[:, e]).float(), index, num_classes) for e in points]
    return torch.stack(found).double().numpy()
