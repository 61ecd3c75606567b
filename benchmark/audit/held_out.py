"""Class probabilities of every row from linear models that were fitted without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.audit.heads import Features
from benchmark.audit.progress import Progress, chunks, silent
from benchmark.contracts import LabelArray, generator, uniform_by_id
from benchmark.contracts.arrays import FloatArray

FOLDS = 5
REPEATS = 3
PENALTY = 1.0
"""Ridge penalty in units of the variance of a feature."""

ROWS_OF_SHARPNESS = 20_000


@dataclass(frozen=True)
class HeldOut:
    """Ridge regressions of one-hot labels on standardised features, by fold.

    `mean`, `deviation`: (D,). `weights`: for each repeat and fold, (D + 1, C), the last
    row the constant. `fold_of`: int64 (REPEATS, N), the fold in which a row is held
    out. `sharpness`: the factor of scores under whose softmax the labels of held-out
    rows are likeliest.
    """

    mean: Features
    deviation: Features
    weights: tuple[tuple[Features, ...], ...]
    fold_of: LabelArray
    sharpness: float

    def probabilities(self, features: Features, rows: slice) -> FloatArray:
        """Give probabilities (n, C) of rows of the table by models that never saw
        them.
        """
        return softmax(self.sharpness * self.scores(features, rows))

    def scores(self, features: Features, rows: slice) -> FloatArray:
        """Mean scores (n, C) of the models that were fitted without each row."""
        standard = (features - self.mean) / self.deviation
        total = np.zeros((len(standard), self.weights[0][0].shape[1]))
        for folds, weights in zip(self.fold_of, self.weights, strict=True):
            for fold, weight in enumerate(weights):
                held = np.flatnonzero(folds[rows] == fold)
                total[held] += (standard[held] @ weight[:-1] + weight[-1]) / len(self.weights)
        return total

    def unseen(self, features: Features) -> FloatArray:
        """Give probabilities (n, C) of rows outside the table, the mean of all
        models.
        """
        standard = (features - self.mean) / self.deviation
        every = [weight for weights in self.weights for weight in weights]
        mean = np.mean(every, axis=0)
        return softmax(self.sharpness * np.asarray(standard @ mean[:-1] + mean[-1], dtype=np.float64))


def fit_held_out(
    features: Features,
    labels: LabelArray,
    num_classes: int,
    groups: Sequence[str],
    seed: int,
    progress: Progress = silent,
) -> HeldOut:
    """Fit the models of three partitions into five folds, in closed form.

    Parameters
    ----------
    features : float32 (N, D).
    labels : the given labels, int64 (N,), in [0, C).
    num_classes : C.
    groups : N names. Rows of one name, such as equal texts, are held out together.
    seed : names the partitions.
    progress : is told which share of the models is fitted.

    Returns
    -------
    Ridge regressions (X'X / n + penalty I)^-1 X'Y / n, with the one sharpness that
    makes held-out labels likeliest (Guo et al., ICML 2017, arXiv:1706.04599).
    """
    mean, deviation = features.mean(axis=0), np.maximum(features.std(axis=0), 1e-6)
    fold_of, weights = [], []
    for repeat in range(REPEATS):
        fold = np.floor(FOLDS * uniform_by_id(groups, "audit fold", seed, repeat)).astype(np.int64)
        fold_of.append(fold)
        weights.append(_fit((features - mean) / deviation, labels, num_classes, fold))
        progress((repeat + 1) / REPEATS)
    found = HeldOut(mean, deviation, tuple(weights), np.stack(fold_of), 1.0)
    return HeldOut(mean, deviation, found.weights, found.fold_of, _sharpness(found, features, labels, seed))


def _fit(standard: Features, labels: LabelArray, num_classes: int, fold_of: LabelArray) -> tuple[Features, ...]:
    sums = [_sums(standard[fold_of == fold], labels[fold_of == fold], num_classes) for fold in range(FOLDS)]
    gram, by_class, sizes = (sum(part[place] for part in sums) for place in range(3))
    weights = []
    for own_gram, own_by_class, own_sizes in sums:
        left = sizes - own_sizes
        count = max(float(left.sum()), 1.0)
        prior, cross = left / count, (by_class - own_by_class) / count
        centre = cross.sum(axis=0)
        slope = np.linalg.solve(
            (gram - own_gram) / count + PENALTY * np.eye(standard.shape[1]), (cross - np.outer(prior, centre)).T
        )
        weights.append(np.vstack([slope, prior]).astype(np.float32))
    return tuple(weights)


def _sums(standard: Features, labels: LabelArray, num_classes: int) -> tuple[Any, Any, Any]:
    """Give X'X, the sum of features by class, (C, D), and the class sizes of some
    rows.
    """
    by_class = np.zeros((num_classes, standard.shape[1]))
    order = np.argsort(labels, kind="stable")
    met, starts = np.unique(labels[order], return_index=True)
    if len(met):
        by_class[met] = np.add.reduceat(standard[order], starts, axis=0, dtype=np.float64)
    return (standard.T @ standard).astype(np.float64), by_class, np.bincount(labels, minlength=num_classes)


def _sharpness(found: HeldOut, features: Features, labels: LabelArray, seed: int) -> float:
    from scipy.optimize import minimize_scalar

    classes = found.weights[0][0].shape[1]
    most = max(1, min(ROWS_OF_SHARPNESS, 10_000_000 // classes))
    chosen = np.sort(generator("audit sharpness", seed).permutation(len(labels))[:most])
    sample = HeldOut(found.mean, found.deviation, found.weights, found.fold_of[:, chosen], 1.0)
    parts = [sample.scores(features[chosen[part]], part) for part in chunks(len(chosen), classes)]
    scores = np.concatenate(parts)
    own, highest = scores[np.arange(len(chosen)), labels[chosen]], scores.max(axis=1)

    def loss(log_sharpness: float) -> float:
        factor = np.exp(log_sharpness)
        mass = np.exp(factor * (scores - highest[:, None])).sum(axis=1)
        return float(np.mean(factor * (highest - own) + np.log(mass)))

    return float(np.exp(minimize_scalar(loss, bounds=(-3.0, 4.0), method="bounded").x))


def softmax(scores: npt.NDArray[np.floating[Any]]) -> FloatArray:
    """Give probabilities from scores, (n, C)."""
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float64)
