"""The length of the error vector early in a training."""

from __future__ import annotations

import numpy as np

from benchmark.audit.detectors.base import Detector, Evidence, detectors, log_softmax
from benchmark.contracts.arrays import FloatArray


@detectors.register
class ErrorNorm(Detector):
    """The Euclidean length of p minus the given label's unit vector at the early point.

    Departure: one training stands for the mean over several.
    """

    name = "el2n"
    reads = "trajectory"
    equation = "||p - e_y||_2 at the early point"
    citation = """@inproceedings{paul2021diet,
  title = {Deep Learning on a Data Diet: Finding Important Examples Early in Training},
  author = {Paul, Mansheej and Ganguli, Surya and Dziugaite, Gintare Karolina},
  booktitle = {Advances in Neural Information Processing Systems}, year = {2021}}"""

    def scores(self, evidence: Evidence) -> FloatArray:
        """Give the length, in [0, sqrt 2]."""
        errors = np.exp(log_softmax(evidence.trajectory()[evidence.early]))
        errors[np.arange(len(errors)), evidence.labels] -= 1.0
        return np.asarray(np.sqrt((errors**2).sum(axis=1)), dtype=np.float64)
