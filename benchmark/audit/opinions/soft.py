"""Labels that were given as probabilities of classes: soft labels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmark.audit.opinions.posterior import LogProbabilities, TopClasses
from benchmark.audit.progress import chunks
from benchmark.contracts.arrays import FloatArray

SoftLabels = npt.NDArray[np.float32]

CONTRADICTS = 0.5
"""From this distance on, given probabilities are said to contradict a prediction."""


def with_soft_confusion(believed: TopClasses, given: SoftLabels, iterations: int) -> TopClasses:
    """Give the probabilities of true classes as `with_confusion` has them, where a row
    was given probabilities q of labels.

    P(k | x, q) is proportional to b_k(x) Σ_y q_y T_ky: the likelihood is the mean over
    the labels that the annotator holds possible. Where one label has all of q, it is
    that of this label.

    Parameters
    ----------
    believed : what models say of each row.
    given : float32 (N, C), each row sums to one.
    iterations : how often the confusion T is counted.
    """
    from scipy.sparse import csr_matrix

    rows = np.repeat(np.arange(len(given)), believed.classes.shape[1])
    posterior = believed.probabilities
    for _ in range(iterations):
        true = csr_matrix((posterior.ravel(), (rows, believed.classes.ravel())), shape=given.shape)
        counts = np.asarray((true.T @ given), dtype=np.float64)
        by_class = np.asarray(true.sum(axis=0)).ravel()
        likelihood = given @ (counts / np.maximum(by_class, 1e-12)[:, None]).T
        posterior = believed.probabilities * np.take_along_axis(likelihood, believed.classes, axis=1)
        total = posterior.sum(axis=1, keepdims=True)
        posterior = np.where(total > 0, posterior / np.maximum(total, 1e-300), believed.probabilities)
    return TopClasses(believed.classes, posterior)


def contradiction(given: SoftLabels, source: LogProbabilities) -> FloatArray:
    """Tell how far given probabilities are from those of a source, float64 (N,), from 0
    to 1.

    It is the share that stands on other classes, the total variation distance.

    Where one label has all of a row, it is one minus the source's probability of it.
    """
    found = np.empty(len(given))
    for rows in chunks(*given.shape):
        found[rows] = np.abs(np.exp(source(rows)) - given[rows]).sum(axis=1) / 2
    return np.clip(found, 0.0, 1.0)
