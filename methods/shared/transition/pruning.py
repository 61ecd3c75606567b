"""Confident learning's pruning: which examples to leave out, from the calibrated
confident joint.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.contracts import LabelArray
from benchmark.contracts.arrays import BoolArray
from methods.shared.transition.confident_joint import round_preserving_sum


def prune_by_noise_rate(
    probabilities: npt.NDArray[np.floating[Any]],
    noisy_labels: LabelArray,
    calibrated: LabelArray,
    keep_of_each: int,
) -> BoolArray:
    """Tell which examples to leave out, bool (N,).

    For each pair of given label k and other label j these are the J_kj examples given k
    with the largest p_j - p_k, J the calibrated counts. An example whose likeliest
    class is its label is never left out, nor any of a class of `keep_of_each` examples
    or fewer. `probabilities` are (N, C), out of sample. Northcutt et al., JAIR 2021,
    arXiv:1911.00068, section 3.2.
    """
    scores = np.asarray(probabilities, dtype=np.float64)
    pruned = np.zeros(len(noisy_labels), dtype=bool)
    for label, counts in enumerate(counts_to_prune(calibrated, keep_of_each)):
        members = np.flatnonzero(noisy_labels == label)
        if len(members) <= keep_of_each:
            continue
        margins = scores[members] - scores[members, label][:, None]
        for other in np.flatnonzero(counts):
            if other != label:
                pruned[members[np.argsort(-margins[:, other], kind="stable")[: counts[other]]]] = True
    return np.asarray(pruned & (scores.argmax(axis=1) != noisy_labels))


def counts_to_prune(calibrated: LabelArray, keep_of_each: int) -> LabelArray:
    """Give the calibrated counts with a diagonal of at least `keep_of_each`, int64 (C,
    C), rows given labels.

    What a diagonal entry gains is taken in equal parts from the other entries of its
    row that are not zero.
    """
    counts = calibrated.astype(np.float64)
    diagonal = np.diag(counts)
    raised = np.maximum(diagonal, keep_of_each)
    sources = np.maximum(np.count_nonzero(counts, axis=1) - 1, 1)
    lowered = np.maximum(counts - ((raised - diagonal) / sources)[:, None], 0.0)
    np.fill_diagonal(lowered, raised)
    return np.stack([round_preserving_sum(row) for row in lowered])
