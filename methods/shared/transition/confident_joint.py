"""Confident learning: the joint distribution of given and true labels, counted from
out-of-sample probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.contracts import LabelArray
from benchmark.contracts.arrays import FloatArray, at_labels

SLACK = 1e-6
"""A probability counts as confident from so little below its threshold on.

The reference values have it, too.
"""


@dataclass(frozen=True)
class ConfidentJoint:
    """What confident learning counts.

    Rows are given labels, columns are estimated true labels.

    `thresholds`: float64 (C,). `counts`: int64 (C, C), the confident examples.
    `calibrated`: int64 (C, C), the counts scaled to all N examples. `joint`: float64
    (C, C), sums to one.
    """

    thresholds: FloatArray
    counts: LabelArray
    calibrated: LabelArray
    joint: FloatArray

    @property
    def noise_rate(self) -> float:
        """The estimated share of wrong labels, 1 - trace(joint)."""
        return float(1.0 - np.trace(self.joint))


def confident_joint(probabilities: npt.NDArray[np.floating[Any]], labels: LabelArray) -> ConfidentJoint:
    """Give the calibrated confident joint of N >= 1 examples.

    `probabilities` are (N, C), out of sample, and `labels`, int64 (N,), the noisy
    labels. The threshold of class k is t_k = mean{p_ik : label_i = k}. An example
    counts for its likeliest class among those with p_ik >= t_k. Rows are scaled to the
    class sizes, then rounded to whole numbers of unchanged sum. Northcutt, Jiang &
    Chuang, JAIR 2021, arXiv:1911.00068, equations 1 to 3.
    """
    scores = np.asarray(probabilities, dtype=np.float64)
    num_classes = scores.shape[1]
    sizes = np.bincount(labels, minlength=num_classes)
    thresholds = _thresholds(scores, labels, sizes)
    counts = _confident_counts(scores, labels, thresholds)
    scaled = counts / counts.sum(axis=1, keepdims=True) * sizes[:, None]
    scaled *= sizes.sum() / scaled.sum()
    calibrated = np.stack([round_preserving_sum(row) for row in scaled])
    return ConfidentJoint(thresholds, counts, calibrated, calibrated / calibrated.sum())


def round_preserving_sum(row: FloatArray) -> LabelArray:
    """Give the whole numbers nearest to a non-negative `row` (C,) whose sum is the
    row's, rounded.

    Of ties the last moves.

    >>> round_preserving_sum(np.array([1.4, 1.4, 1.2]))
    array([1, 2, 1])
    """
    rounded = np.rint(row).astype(np.int64)
    missing = int(np.rint(row.sum())) - int(rounded.sum())
    step = 1 if missing > 0 else -1
    order = np.argsort(step * np.round(row - rounded, 9), kind="stable")[::-1]
    rounded[order[: abs(missing)]] += step
    return rounded


def _thresholds(scores: FloatArray, labels: LabelArray, sizes: LabelArray) -> FloatArray:
    own = at_labels(scores, labels)
    sums = np.bincount(labels, weights=own, minlength=scores.shape[1])
    # A class that nobody carries can never be reached, so no example counts for it.
    return np.where(sizes > 0, np.maximum(sums / np.maximum(sizes, 1), 2 * SLACK), 1.0 + 2 * SLACK)


def _confident_counts(scores: FloatArray, labels: LabelArray, thresholds: FloatArray) -> LabelArray:
    num_classes = scores.shape[1]
    confident = scores >= thresholds - SLACK
    target = np.where(confident, scores, -1.0).argmax(axis=1)
    rows = confident.any(axis=1)
    counts = np.zeros((num_classes, num_classes), dtype=np.int64)
    np.add.at(counts, (labels[rows], target[rows]), 1)
    diagonal = np.arange(num_classes)
    counts[diagonal, diagonal] = np.maximum(counts[diagonal, diagonal], 1)
    return counts
