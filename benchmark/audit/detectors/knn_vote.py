"""The votes of the nearest neighbours' labels."""

from __future__ import annotations

import numpy as np

from benchmark.audit.detectors.base import Detector, Evidence, detectors
from benchmark.contracts.arrays import FloatArray
from benchmark.contracts.views import LabelArray

SMALLEST = 1e-8
CHUNK = 4_096
VOTERS = 9


@detectors.register
class NeighbourVote(Detector):
    """Minus the logarithm of the share that neighbours of the same label have of the
    vote.

    Each neighbour votes with one minus its cosine distance, and votes are scaled to
    length one. Departure: the published code lets every row vote for its own label.
    """

    name = "knn_vote"
    reads = "neighbours"
    equation = "-log(v_y + 1e-8), v_k = sum_{j: y_j = k} (1 - d_j) / ||v||_2"
    citation = """@inproceedings{zhu2022simifeat,
  title = {Detecting Corrupted Labels Without Training a Model to Predict},
  author = {Zhu, Zhaowei and Dong, Zihao and Liu, Yang},
  booktitle = {International Conference on Machine Learning}, year = {2022}}"""

    def scores(self, evidence: Evidence) -> FloatArray:
        """Give -log v_y, from 0 to about 18."""
        found = evidence.nearest()
        weights = 1.0 - found.distances[:, :VOTERS]
        return vote_loss(weights, evidence.labels[found.rows[:, :VOTERS]], evidence.labels)


def vote_loss(weights: FloatArray, voted: LabelArray, labels: LabelArray) -> FloatArray:
    """Give -log v_y of weighted votes, float64 (N,).

    `weights`, `voted`: (N, k), the weight and the class of each vote.
    """
    found = np.empty(len(labels))
    for start in range(0, len(labels), CHUNK):
        rows = slice(start, start + CHUNK)
        weight, vote = weights[rows], voted[rows]
        agreeing = (weight * (vote == labels[rows, None])).sum(axis=1)
        same = vote[:, :, None] == vote[:, None, :]
        squared = np.einsum("nj,nl,njl->n", weight, weight, same)
        found[rows] = -np.log(agreeing / np.sqrt(np.maximum(squared, 1e-30)) + SMALLEST)
    return found
