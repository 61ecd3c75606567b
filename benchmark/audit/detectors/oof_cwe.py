"""Confidence-weighted entropy, with confident right rows mended."""

from __future__ import annotations

import numpy as np

from benchmark.audit.detectors.base import Detector, Evidence, detectors, of_label
from benchmark.contracts.arrays import FloatArray
from benchmark.contracts.views import LabelArray

SMALLEST = 1e-6


@detectors.register
class ConfidenceWeightedEntropy(Detector):
    """Entropy over self-confidence: low where the models are sure of the given label.

    Departure: the published score is worst for a row whose own label has probability 1,
    since its numerator vanishes before its denominator does. Such a row is the least
    suspect here.
    """

    name = "oof_cwe"
    reads = "probabilities"
    equation = "1 - log(1 + q) / q, q = (H(p) / log C) / p_y"
    citation = """@inproceedings{kuan2022quality,
  title = {Model-Agnostic Label Quality Scoring to Detect Real-World Label Errors},
  author = {Kuan, Johnson and Mueller, Jonas},
  booktitle = {ICML DataPerf Workshop}, year = {2022}}"""

    def scores(self, evidence: Evidence) -> FloatArray:
        """Give one minus the mended quality, in [0, 1]."""
        probabilities, labels = evidence.out_of_fold(), evidence.labels
        quality = published_quality(probabilities, labels)
        sure = _doubt(probabilities, labels) < SMALLEST
        return 1.0 - np.where(sure & (probabilities.argmax(axis=1) == labels), 1.0, quality)


def published_quality(probabilities: FloatArray, labels: LabelArray) -> FloatArray:
    """Give the score as published, (N,): high for labels that look right, but 0 for
    sure ones.
    """
    doubt = _doubt(probabilities, labels)
    return np.asarray(np.log1p(doubt) / np.maximum(doubt, SMALLEST), dtype=np.float64)


def _doubt(probabilities: FloatArray, labels: LabelArray) -> FloatArray:
    logs = np.log(probabilities, out=np.zeros_like(probabilities), where=probabilities > 0)
    entropy = -(probabilities * logs).sum(axis=1) / np.log(probabilities.shape[1])
    return np.asarray(entropy / np.maximum(of_label(probabilities, labels), SMALLEST), dtype=np.float64)
