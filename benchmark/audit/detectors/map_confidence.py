"""The confidence axis of data maps."""

from __future__ import annotations

import numpy as np

from benchmark.audit.detectors.base import Detector, Evidence, detectors, log_softmax, of_label
from benchmark.contracts.arrays import FloatArray


@detectors.register
class MapConfidence(Detector):
    """One minus the mean probability of the given label over the points of a
    training.
    """

    name = "map_confidence"
    reads = "trajectory"
    equation = "1 - (1/E) sum_e p_y"
    citation = """@inproceedings{swayamdipta2020maps,
  title = {Dataset Cartography: Mapping and Diagnosing Datasets with Training Dynamics},
  author = {Swayamdipta, Swabha and others},
  booktitle = {Conference on Empirical Methods in Natural Language Processing}, year = {2020}}"""

    def scores(self, evidence: Evidence) -> FloatArray:
        """Give 1 - mean p_y, in [0, 1]."""
        believed = [np.exp(of_label(log_softmax(logits), evidence.labels)) for logits in evidence.trajectory()]
        return 1.0 - np.asarray(np.mean(believed, axis=0), dtype=np.float64)
