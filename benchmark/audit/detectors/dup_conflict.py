"""Near-duplicates that were labelled differently."""

from __future__ import annotations

import numpy as np

from benchmark.audit.detectors.base import Detector, Evidence, Neighbours, detectors
from benchmark.contracts.arrays import FloatArray
from benchmark.contracts.views import LabelArray

SHARE_OF_MEDIAN = 0.13
FLOOR = 1e-6
ROUNDING = 1e-6
"""Distances of equal rows are below it, since products of float32 are rounded."""


@detectors.register
class DuplicateConflict(Detector):
    """The share of a row's near-duplicates that have another label; 0 without any.

    Near is closer than 0.13 times the median distance to the nearest row, for either of
    the two. The relation is the published one, the score is ours.
    """

    name = "dup_conflict"
    reads = "neighbours"
    equation = "#{near-duplicates j: y_j != y} / #{near-duplicates}"
    citation = """@misc{cleanlab2023datalab,
  title = {Datalab: automatic detection of data and label issues},
  author = {{Cleanlab}}, year = {2023}}"""

    def scores(self, evidence: Evidence) -> FloatArray:
        """Give the share, in [0, 1]."""
        labels = evidence.labels
        one, other = near_duplicates(evidence.nearest())
        count = np.bincount(one, minlength=len(labels))
        conflicts = np.bincount(one, weights=labels[one] != labels[other], minlength=len(labels))
        return np.asarray(conflicts / np.maximum(count, 1), dtype=np.float64)


def near_duplicates(found: Neighbours, share: float = SHARE_OF_MEDIAN) -> tuple[LabelArray, LabelArray]:
    """Find all pairs of near-duplicates, each in both orders and once: two arrays of
    row numbers.
    """
    median = max(float(np.median(found.distances[:, 0])), FLOOR)
    row, place = np.nonzero(found.distances < max(share * median, ROUNDING))
    other = found.rows[row, place]
    pairs = np.unique(np.concatenate([np.stack([row, other], 1), np.stack([other, row], 1)]), axis=0)
    return pairs[:, 0], pairs[:, 1]
