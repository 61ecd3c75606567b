"""Self-confidence: how little held-out models believe the given label."""

from __future__ import annotations

from benchmark.audit.detectors.base import Detector, Evidence, detectors, of_label
from benchmark.contracts.arrays import FloatArray


@detectors.register
class SelfConfidence(Detector):
    """One minus the out-of-fold probability of the given label."""

    name = "oof_self_confidence"
    reads = "probabilities"
    equation = "1 - p_y"
    citation = """@article{northcutt2021confident,
  title = {Confident Learning: Estimating Uncertainty in Dataset Labels},
  author = {Northcutt, Curtis and Jiang, Lu and Chuang, Isaac},
  journal = {Journal of Artificial Intelligence Research}, volume = {70}, year = {2021}}"""

    def scores(self, evidence: Evidence) -> FloatArray:
        """Give 1 - p_y, in [0, 1]."""
        return 1.0 - of_label(evidence.out_of_fold(), evidence.labels)
