"""From what models say of a text, and from what labels are given to whom, to the
probability of each true class.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmark.audit.neighbours import highest
from benchmark.audit.progress import Progress, chunks, silent
from benchmark.contracts import LabelArray
from benchmark.contracts.arrays import FloatArray

MOST_KEPT = 32
"""Classes kept of each row: its likeliest ones, and always the given one."""

SMALLEST = 1e-7

LogProbabilities = Callable[[slice], FloatArray]
"""Gives the logarithms of class probabilities, (n, C), of a slice of rows."""


@dataclass(frozen=True)
class TopClasses:
    """The likeliest classes of each row, so that no array of rows by classes is held.

    `classes`: int64 (N, M), the given class first, the others by falling probability.
    `probabilities`: float64 (N, M), each row sums to one.
    """

    classes: LabelArray
    probabilities: FloatArray

    @property
    def of_given(self) -> FloatArray:
        """The probability of the given class, (N,)."""
        return np.asarray(self.probabilities[:, 0])


def class_shares(labels: LabelArray, num_classes: int) -> FloatArray:
    """Give the share of each given label, float64 (C,), at least 1e-6."""
    return np.maximum(np.bincount(labels, minlength=num_classes) / max(len(labels), 1), 1e-6)


def against_shares(
    log_probabilities: LogProbabilities,
    labels: LabelArray,
    num_classes: int,
    exponent: float,
    progress: Progress = silent,
) -> TopClasses:
    """Give the likeliest classes where each class' probability is divided by its share
    of the given labels to the power of `exponent`.

    A source that gives many texts to one class by mistake makes this class likely for
    any text. 0 leaves the probabilities as they are, 1 takes all of the share away.
    """
    kept = min(MOST_KEPT, num_classes)
    classes = np.empty((len(labels), kept), dtype=np.int64)
    probabilities = np.empty((len(labels), kept))
    shares = exponent * np.log(class_shares(labels, num_classes))
    for rows in chunks(len(labels), num_classes, progress):
        raised = log_probabilities(rows) - shares
        raised -= raised.max(axis=1, keepdims=True)
        own, place = labels[rows], np.arange(len(raised))
        given = raised[place, own].copy()
        raised[place, own] = np.inf
        found = highest(raised, kept)
        raised[place, own] = given
        classes[rows] = found
        weights = np.exp(np.take_along_axis(raised, found, axis=1))
        probabilities[rows] = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-300)
    return TopClasses(classes, probabilities)


def with_confusion(believed: TopClasses, labels: LabelArray, num_classes: int, iterations: int) -> TopClasses:
    """Give the probabilities of true classes, given text and label, of a model of
    confusion.

    P(k | x, y) is proportional to b_k(x) T_ky, where b are the believed probabilities
    and T_ky, the share of the label y among the texts of class k, is counted from
    P(k | x, y) itself, `iterations` times (expectation-maximisation with the classifier
    in the annotators' place: Dawid & Skene, Applied Statistics 1979; Raykar et al.,
    JMLR 2010). With 0 iterations the label says nothing.
    """
    posterior = believed.probabilities
    flat = labels[:, None] * num_classes + believed.classes
    for _ in range(iterations):
        counts = np.bincount(flat.ravel(), weights=posterior.ravel(), minlength=num_classes**2)
        by_class = np.bincount(believed.classes.ravel(), weights=posterior.ravel(), minlength=num_classes)
        posterior = believed.probabilities * counts[flat] / np.maximum(by_class[believed.classes], 1e-12)
        total = posterior.sum(axis=1, keepdims=True)
        posterior = np.where(total > 0, posterior / np.maximum(total, 1e-300), believed.probabilities)
    return TopClasses(believed.classes, posterior)


def confusion(found: TopClasses, labels: LabelArray, num_classes: int) -> FloatArray:
    """Give expected counts of true classes by given label, (C, C), rows the given
    labels.
    """
    flat = labels[:, None] * num_classes + found.classes
    counts = np.bincount(flat.ravel(), weights=found.probabilities.ravel(), minlength=num_classes**2)
    return np.asarray(counts.reshape(num_classes, num_classes), dtype=np.float64)


def suspicion(of_given: FloatArray, plain: FloatArray | None = None, weight: float = 0.0) -> FloatArray:
    """Tell how suspicious each label is, (N,): minus the logarithm of its rank from the
    top.

    Parameters
    ----------
    of_given : the probability of each given label, (N,).
    plain : another probability of it. The logarithms of both ranks are averaged, since
        either order alone fails on some noise.
    weight : the weight of the plain order.
    """
    from scipy.stats import rankdata

    score = np.log(rankdata(of_given) / len(of_given))
    if plain is not None:
        score = (1.0 - weight) * score + weight * np.log(rankdata(plain) / len(plain))
    return np.asarray(-score, dtype=np.float64)
