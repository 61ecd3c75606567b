"""From the outputs of stage one to suspects and their neighbours: DyGen's prior of the
true label.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from benchmark.contracts import (
    EmbeddingArray,
    LabelArray,
    Need,
    NoisyView,
    OutputHistory,
    Outputs,
    ProbabilityArray,
    Trainer,
)
from benchmark.contracts.arrays import FloatArray
from methods.dygen.dynamics import dynamics_score, mark_suspects, trajectory_distances
from methods.shared.generative.trajectories import embedding_of
from methods.shared.neighbours.prior import concentration, neighbour_votes, soft_concentration

if TYPE_CHECKING:
    from methods.dygen import DyGen

REDUCED_WIDTH = 256


@dataclass(frozen=True)
class Pool:
    """The examples that are scored and asked: those of training, and in the released
    mode those of validation behind them.

    `points`: by branch and point, float16 (N, D). `labels`: int64 (N,), noisy.
    `members`: the examples that centroids are made from, with `member_labels`, where
    these are others.
    """

    points: list[list[EmbeddingArray]]
    labels: LabelArray
    members: list[list[EmbeddingArray]] | None = None
    member_labels: LabelArray | None = None


@dataclass(frozen=True)
class Prior:
    """The scores (M, N) and, by branch, whom to ask: embeddings, labels and marks.
    `votes` (M, N, C) are those for the training texts.
    """

    scores: FloatArray
    embeddings: list[Tensor]
    labels: Tensor
    marked: list[Tensor]
    votes: Tensor


def make_prior(method: DyGen, view: NoisyView, trainer: Trainer, seen: Mapping[str, OutputHistory]) -> Prior:
    """Score the examples, mark suspects, and ask the neighbours of every training text,
    a branch at a time.
    """
    pool = make_pool(method, view, seen)
    rate = method.noise_rate(view)
    labels = torch.from_numpy(pool.labels).to(trainer.device)
    draws = trainer.generator("random score")
    scores, marks, embeddings, votes = [], [], [], []
    for m in range(method.branches):
        if method.score == "random":
            score = draws.random(len(pool.labels))
        else:
            members = None if pool.members is None else pool.members[m]
            distances = trajectory_distances(
                pool.points[m], pool.labels, view.num_classes, members, pool.member_labels, method.score
            )
            score = dynamics_score(distances)
        marked = torch.from_numpy(mark_suspects(score, rate)).to(trainer.device)
        embedding = torch.from_numpy(prior_embedding(method, trainer, pool.points[m])).to(trainer.device)
        asked = neighbour_votes(embedding, labels, marked, view.num_classes, method.neighbours, method.self_match)
        scores.append(score[: len(view.train)])
        marks.append(marked)
        embeddings.append(embedding)
        votes.append(asked[: len(view.train)])
    return Prior(np.stack(scores), embeddings, labels, marks, torch.stack(votes))


def make_pool(method: DyGen, view: NoisyView, seen: Mapping[str, OutputHistory]) -> Pool:
    """Give the examples that `method` scores and asks, and those that its centroids
    see.
    """

    def points_of(*splits: str) -> list[list[EmbeddingArray]]:
        by_point = [[embedding_of(outputs) for outputs in at] for at in zip(*(seen[s] for s in splits), strict=True)]
        return [[np.concatenate([part[:, m] for part in at]) for at in by_point] for m in range(method.branches)]

    if method.bank == "train":
        return Pool(points_of("train"), view.train.noisy_labels)
    labels = np.concatenate([view.train.noisy_labels, view.valid.noisy_labels])
    if method.mode != "released_leaky":
        return Pool(points_of("train", "valid"), labels)
    clean = view.declared_inputs[Need.CLEAN_VALID_LABELS], view.declared_inputs[Need.CLEAN_TEST_LABELS]
    member_labels = np.concatenate([view.train.noisy_labels, *clean])
    return Pool(points_of("train", "valid"), labels, points_of("train", "valid", "test"), member_labels)


def prior_embedding(method: DyGen, trainer: Trainer, points: Sequence[EmbeddingArray]) -> npt.NDArray[np.float32]:
    """Give the vectors by which neighbours are near, float32 (N, ·)."""
    if method.prior_embedding == "frozen":
        return trainer.frozen_embeddings()
    if method.prior_embedding == "trajectory":
        return reduced(points, trainer.generator("principal components"))
    return points[0 if method.prior_embedding == "first" else -1].astype(np.float32)


def reduced(points: Sequence[EmbeddingArray], draws: np.random.Generator) -> npt.NDArray[np.float32]:
    """Give the trajectory on its first 256 principal components, float32 (N, 256)."""
    from sklearn.decomposition import PCA

    joined = np.concatenate([point.astype(np.float32) for point in points], axis=1)
    width = min(REDUCED_WIDTH, *joined.shape)
    solver = PCA(width, svd_solver="randomized", random_state=int(draws.integers(2**31)))
    components: npt.NDArray[np.float32] = solver.fit_transform(joined)
    return components


def concentrations(method: DyGen, votes: Tensor) -> Tensor:
    """Give the prior's Dirichlet concentrations, (M, N, C), from the neighbours'
    votes.
    """
    if method.prior == "soft":
        return soft_concentration(votes, method.prior_strength)
    num_classes = votes.shape[-1]
    return torch.stack([concentration(v.argmax(1), num_classes, method.prior_strength) for v in votes])


def predict_by_neighbours(method: DyGen, prior: Prior, num_classes: int, outputs: Outputs) -> ProbabilityArray:
    """Give the neighbours' votes for other texts, float32 (N, M, C)."""
    asked = torch.from_numpy(embedding_of(outputs)).float().to(prior.labels.device)
    votes = [
        neighbour_votes(
            prior.embeddings[m], prior.labels, prior.marked[m], num_classes, method.neighbours, queries=asked[:, m]
        )
        for m in range(method.branches)
    ]
    predicted: ProbabilityArray = torch.stack(votes, dim=1).cpu().numpy()
    return predicted
