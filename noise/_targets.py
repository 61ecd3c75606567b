"""Flips to one wrong class for each class, by a function k → s(k)."""

from __future__ import annotations

import numpy as np

from benchmark.contracts import LabelArray, NoiseInputs
from benchmark.contracts.arrays import FloatArray
from noise._counts import chosen_by_class


def flipped_to(inputs: NoiseInputs, rate: float, targets: LabelArray) -> LabelArray:
    """Give the labels after each class's quota became `targets[k]`, int64 (N,).

    `targets` are int64 (C,). Counts are exact and sets nested across rates. A class
    that is its own target keeps its labels and has no share in the quotas. All flips
    read the clean labels, so no flip follows another.
    """
    clean = inputs.clean_labels
    rows = np.flatnonzero(targets[clean] != clean)
    flips = chosen_by_class(rate, clean[rows], inputs.num_classes, inputs.draws.uniform("flip")[rows])
    noisy = clean.astype(np.int64, copy=True)
    noisy[rows[flips]] = targets[clean[rows[flips]]]
    return noisy


def target_matrix(rate: float, targets: LabelArray) -> FloatArray:
    """Give T, float64 (C, C), with T[k, k] = 1 - rate and T[k, s(k)] = rate where s(k)
    ≠ k, else T[k, k] = 1.
    """
    classes = np.arange(len(targets))
    matrix = np.eye(len(targets))
    moved = targets != classes
    matrix[classes[moved], classes[moved]] = 1.0 - rate
    matrix[classes[moved], targets[moved]] = rate
    return matrix
