"""Forgetting events of a training."""

from __future__ import annotations

import numpy as np

from benchmark.audit.detectors.base import Detector, Evidence, detectors, log_softmax, of_label
from benchmark.contracts.arrays import FloatArray
from benchmark.contracts.views import LabelArray


@detectors.register
class Forgetting(Detector):
    """How often a label that was learnt is unlearnt again.

    A row that is never learnt counts as many events as the training has points.
    Departure: counts are heavily tied, so that the mean probability of the given label
    decides between equal ones.
    """

    name = "forgetting"
    reads = "trajectory"
    equation = "#{e: right at e, wrong at e + 1}, E if never right; ties by 1 - mean_e p_y"
    citation = """@inproceedings{toneva2019forgetting,
  title = {An Empirical Study of Example Forgetting during Deep Neural Network Learning},
  author = {Toneva, Mariya and others},
  booktitle = {International Conference on Learning Representations}, year = {2019}}"""

    def scores(self, evidence: Evidence) -> FloatArray:
        """Give the events plus a share below one for ties."""
        trajectory, labels = evidence.trajectory(), evidence.labels
        right = np.stack([logits.argmax(axis=1) == labels for logits in trajectory])
        believed = np.mean([np.exp(of_label(log_softmax(logits), labels)) for logits in trajectory], axis=0)
        return np.asarray(forgetting_events(right) + 0.999 * (1.0 - believed), dtype=np.float64)


def forgetting_events(right: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> LabelArray:
    """Count the events of each row, int64 (N,), from whether it was right at each
    point, bool (E, N).
    """
    events = (right[:-1] & ~right[1:]).sum(axis=0)
    return np.where(right.any(axis=0), events, len(right)).astype(np.int64)
