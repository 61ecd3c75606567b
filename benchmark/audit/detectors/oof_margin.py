"""The margin of the likeliest other class over the given one."""

from __future__ import annotations

from benchmark.audit.detectors.base import Detector, Evidence, best_other, detectors, of_label
from benchmark.contracts.arrays import FloatArray


@detectors.register
class Margin(Detector):
    """By how much held-out models prefer another class to the given label."""

    name = "oof_margin"
    reads = "probabilities"
    equation = "(1 + max_{k != y} p_k - p_y) / 2"
    citation = """@article{northcutt2021confident,
  title = {Confident Learning: Estimating Uncertainty in Dataset Labels},
  author = {Northcutt, Curtis and Jiang, Lu and Chuang, Isaac},
  journal = {Journal of Artificial Intelligence Research}, volume = {70}, year = {2021}}"""

    def scores(self, evidence: Evidence) -> FloatArray:
        """Give the normalised margin, in [0, 1]; above 1/2 another class is
        likelier.
        """
        probabilities, labels = evidence.out_of_fold(), evidence.labels
        return (1.0 + best_other(probabilities, labels) - of_label(probabilities, labels)) / 2.0
