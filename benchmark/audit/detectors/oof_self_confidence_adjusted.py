"""Self-confidence with classes of unlike difficulty brought to one level."""

from __future__ import annotations

import numpy as np

from benchmark.audit.detectors.base import Detector, Evidence, detectors, of_label
from benchmark.contracts.arrays import FloatArray


@detectors.register
class AdjustedSelfConfidence(Detector):
    """Self-confidence of probabilities from which each class' own level is taken.

    The level t_k is the mean out-of-fold probability of class k over the rows labelled
    k. A class whose rows are hard in any case is then not suspect as a whole.
    """

    name = "oof_self_confidence_adjusted"
    reads = "probabilities"
    equation = "1 - p'_y, p' proportional to p - t + max t"
    citation = """@article{northcutt2021confident,
  title = {Confident Learning: Estimating Uncertainty in Dataset Labels},
  author = {Northcutt, Curtis and Jiang, Lu and Chuang, Isaac},
  journal = {Journal of Artificial Intelligence Research}, volume = {70}, year = {2021}}"""

    def scores(self, evidence: Evidence) -> FloatArray:
        """Give 1 - p'_y, in [0, 1]."""
        return 1.0 - of_label(adjusted(evidence), evidence.labels)


def adjusted(evidence: Evidence) -> FloatArray:
    """Give the out-of-fold probabilities at one level for all classes, float64 (N,
    C).
    """
    if evidence.mean_self_confidence is None:
        raise ValueError("this detector reads the mean self-confidence of classes, and none was given")
    levels = evidence.mean_self_confidence
    raised = evidence.out_of_fold() - levels + levels.max()
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)
