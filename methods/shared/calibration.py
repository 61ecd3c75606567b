"""Temperature scaling: one number that makes held-out labels likeliest."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.contracts import LabelArray
from benchmark.contracts.arrays import FloatArray, at_labels

LOG_SHARPNESS = (-3.0, 4.0)
"""Bounds of the logarithm of the sharpness, the inverse of the temperature."""


def sharpness(scores: FloatArray, labels: LabelArray) -> float:
    """Give the factor of `scores` (N, C), N >= 1, whose softmax makes `labels` (N,)
    likeliest.

    The inverse of the temperature of Guo et al., ICML 2017, arXiv:1706.04599.
    """
    from scipy.optimize import minimize_scalar

    own = at_labels(scores, labels)
    highest = scores.max(axis=1)

    def loss(log_sharpness: float) -> float:
        factor = np.exp(log_sharpness)
        mass = np.exp(factor * (scores - highest[:, None])).sum(axis=1)
        return float(np.mean(factor * (highest - own) + np.log(mass)))

    return float(np.exp(minimize_scalar(loss, bounds=LOG_SHARPNESS, method="bounded").x))


def softmax(scores: FloatArray) -> FloatArray:
    """Give probabilities from scores, (N, C)."""
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float64)


def recalibrated(
    probabilities: npt.NDArray[np.floating[Any]],
    held_out: npt.NDArray[np.floating[Any]],
    held_out_labels: LabelArray,
) -> FloatArray:
    """Give `probabilities` (N, C) at the temperature that makes the labels of
    `held_out` (M, C) likeliest.

    Where nothing is held out, they stay as they are.
    """
    if len(held_out_labels) == 0:
        return np.asarray(probabilities, dtype=np.float64)
    return softmax(_logarithm(probabilities) * sharpness(_logarithm(held_out), held_out_labels))


def _logarithm(probabilities: npt.NDArray[np.floating[Any]]) -> FloatArray:
    return np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), 1e-30))
