"""The loss of a training before it memorises."""

from __future__ import annotations

from benchmark.audit.detectors.base import Detector, Evidence, detectors, log_softmax, of_label
from benchmark.contracts.arrays import FloatArray


@detectors.register
class EarlyLoss(Detector):
    """The cross-entropy of the given label at the early point of a training on all
    rows.
    """

    name = "loss_early"
    reads = "trajectory"
    equation = "-log p_y at the early point"
    citation = """@inproceedings{arpit2017closer,
  title = {A Closer Look at Memorization in Deep Networks},
  author = {Arpit, Devansh and others},
  booktitle = {International Conference on Machine Learning}, year = {2017}}"""

    def scores(self, evidence: Evidence) -> FloatArray:
        """Give -log p_y, at least 0."""
        return -of_label(log_softmax(evidence.trajectory()[evidence.early]), evidence.labels)
