"""Estimates of the transition matrix T_kj = P(noisy label j | true label k) from
noisily labelled data alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.contracts import LabelArray
from benchmark.contracts.arrays import FloatArray

OUTLIERS_FROM = 0.97
"""The quantile of a class' probabilities above which an example is an outlier.

An outlier is no anchor of the class.
"""


def anchor_matrix(posterior: npt.NDArray[np.floating[Any]], outliers_from: float | None = OUTLIERS_FROM) -> FloatArray:
    """Give T, (C, C), whose row k is the noisy posterior of the anchor of class k, the
    example with the highest p_k.

    `posterior` is P(noisy label | x), (N, C), N >= 1. Examples from the `outliers_from`
    quantile of p_k on are left out, or none where it is None. Patrini et al., CVPR
    2017, arXiv:1609.03683, eq. 12 and 13, with the filter of the authors' code. Each
    column is filtered on a copy: code of this lineage sets the outliers to zero in the
    posterior itself, so that rows read later may hold zeros.
    """
    p = np.asarray(posterior, dtype=np.float64)
    candidates = p
    if outliers_from is not None:
        limits = np.quantile(p, outliers_from, axis=0, method="higher")
        candidates = np.where(p < limits, p, 0.0)
    anchors: FloatArray = p[candidates.argmax(axis=0)]
    return anchors


def label_given_prediction(predicted: LabelArray, noisy_labels: LabelArray, num_classes: int) -> FloatArray:
    """Give the share of each noisy label among the examples predicted as each class,
    (C, C).

    A class that is never predicted has a row of zeros.
    """
    counts: FloatArray = np.zeros((num_classes, num_classes))
    np.add.at(counts, (predicted, noisy_labels), 1.0)
    shares: FloatArray = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    return shares


def defined_anchor_matrix(posterior: npt.NDArray[np.floating[Any]]) -> FloatArray:
    """Give `anchor_matrix` with anchors that are predicted as their class, (C, C).

    Where the filtered one is not, the class being rarer than what is filtered, the
    highest p_k is taken unfiltered (the authors leave the filter out for 100 classes).
    A class that no example is predicted as keeps its label.
    """
    own = np.arange(np.shape(posterior)[1])
    filtered, highest = anchor_matrix(posterior), anchor_matrix(posterior, outliers_from=None)
    found = np.where((filtered.argmax(axis=1) == own)[:, None], filtered, highest)
    return np.where((found.argmax(axis=1) == own)[:, None], found, np.eye(len(own)))


def dual_matrix(posterior: npt.NDArray[np.floating[Any]], noisy_labels: LabelArray) -> FloatArray:
    """Give T = T♣ T♠ through the predicted noisy class y', (C, C).

    T♣ = P(y' | true) comes from anchors, T♠ = P(noisy | y') from counting. `posterior`
    is (N, C), N >= 1, and `noisy_labels` are int64 (N,). Yao et al., NeurIPS 2020,
    arXiv:2006.07805, eq. 2.
    """
    predicted = np.asarray(posterior).argmax(axis=1)
    spade = label_given_prediction(predicted, noisy_labels, np.shape(posterior)[1])
    return defined_anchor_matrix(posterior) @ spade


def joint_matrix(joint: npt.NDArray[np.number[Any]]) -> FloatArray:
    """Give T, (C, C), from the joint distribution of given (rows) and true labels.

    Counts serve as well. A class without mass has a row of zeros.
    """
    transposed = np.asarray(joint, dtype=np.float64).T
    mass = transposed.sum(axis=1, keepdims=True)
    return transposed / np.where(mass > 0, mass, 1.0)


def stochastic(matrix: FloatArray) -> FloatArray:
    """Give the matrix with rows that sum to one.

    A row of zeros, of which nothing is known, keeps its label.

    >>> stochastic(np.array([[0.6, 0.2], [0.0, 0.0]]))
    array([[0.75, 0.25],
           [0.  , 1.  ]])
    """
    mass = matrix.sum(axis=1, keepdims=True)
    return np.where(mass > 0, matrix / np.where(mass > 0, mass, 1.0), np.eye(len(matrix)))


def implied_noise_rate(matrix: FloatArray, noisy_labels: LabelArray) -> float:
    """Give the noise rate that T implies, 1 - Σ_k π_k T_kk, in [0, 1].

    π are the shares of true labels whose noisy shares Tᵀπ come closest to those seen.

    >>> labels = np.repeat([0, 1], [60, 40])
    >>> round(implied_noise_rate(np.array([[0.9, 0.1], [0.3, 0.7]]), labels), 6)
    0.2
    """
    from scipy.optimize import nnls

    seen = np.bincount(noisy_labels, minlength=len(matrix)) / max(1, len(noisy_labels))
    prior, _ = nnls(matrix.T, seen)
    total = prior.sum()
    if total <= 0:
        return 0.0
    return float(np.clip(1.0 - (prior / total) @ np.diag(matrix), 0.0, 1.0))
