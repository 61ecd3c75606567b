"""The criterion of the CORES sieve."""

from __future__ import annotations

import numpy as np

from benchmark.audit.detectors.base import Detector, Evidence, detectors, of_label
from benchmark.contracts.arrays import FloatArray


@detectors.register
class Cores(Detector):
    """The loss of the given label less the mean loss of all, at the early point.

    Above 0 the training finds the given label worse than a random one.
    """

    name = "cores"
    reads = "trajectory"
    equation = "CE(p, y) - mean_k CE(p, k) = mean_k z_k - z_y at the early point"
    citation = """@inproceedings{cheng2021cores,
  title = {Learning with Instance-Dependent Label Noise: A Sample Sieve Approach},
  author = {Cheng, Hao and others},
  booktitle = {International Conference on Learning Representations}, year = {2021}}"""

    def scores(self, evidence: Evidence) -> FloatArray:
        """Give the criterion, 0 for a label as bad as a random one."""
        logits = evidence.trajectory()[evidence.early]
        return np.asarray(logits.mean(axis=1) - of_label(logits, evidence.labels), dtype=np.float64)
