"""How little a text is like any class: for texts that belong to none."""

from __future__ import annotations

import numpy as np

from benchmark.audit.heads import Features
from benchmark.audit.progress import chunks
from benchmark.audit.rule import Models
from benchmark.contracts import BenchmarkError
from benchmark.contracts.arrays import FloatArray


def outside_scores(models: Models, features: Features, num_classes: int) -> FloatArray:
    """Tell how little each text is like any class, float64 (N,), above 0 and at most 1.

    Parameters
    ----------
    models : what was fitted on the rows: held-out models and the training that trusts
        doubtful labels less.
    features : float32 (N, D).
    num_classes : C.

    Returns
    -------
    The geometric mean of two ranks as shares of the rows, by the highest probability of
    a class, the highest first: that by the held-out models and that by the training.
    """
    from scipy.stats import rankdata

    if models.held_out is None or "generalized" not in models.trainings:
        raise BenchmarkError("Texts of no class are told by held-out models and a training; fit both.")
    training, held_out = models.trainings["generalized"], models.held_out
    surest = np.empty((2, len(features)))
    for rows in chunks(len(features), num_classes):
        surest[0, rows] = held_out.probabilities(features[rows], rows).max(axis=1)
        surest[1, rows] = training.mean_probabilities(features[rows]).max(axis=1)
    ranks = rankdata(-surest, axis=1) / max(len(features), 1)
    return np.asarray(np.sqrt(ranks[0] * ranks[1]), dtype=np.float64)
