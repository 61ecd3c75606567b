"""Metrics: the one place where predictions meet clean labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmark.contracts import LabelArray, ProbabilityArray, TrainingDiagnostics
from benchmark.contracts.arrays import BoolArray, at_labels
from benchmark.contracts.handles import FloatArray
from benchmark.records.metric_specs import PREDICTION_METRICS

CALIBRATION_BINS = 15
LOWEST_PROBABILITY = 1e-12
SUM_TOLERANCE = 1e-3


def probability_problem(probabilities: Any, rows: int | None, num_classes: int) -> str | None:
    """Say what keeps an array from being class probabilities (N, K, C), or None."""
    array = np.asarray(probabilities)
    if array.ndim != 3 or array.shape[2] != num_classes or rows not in (None, array.shape[0]):
        wanted = f"({'N' if rows is None else rows}, K, {num_classes})"
        return f"the probabilities have shape {array.shape}; {wanted} is wanted"
    if not np.isfinite(array).all():
        return f"{int((~np.isfinite(array)).sum())} of {array.size} probabilities are not finite"
    if array.min() < 0.0 or array.max() > 1.0 + SUM_TOLERANCE:
        return f"probabilities range from {array.min():g} to {array.max():g}, not within [0, 1]"
    sums = array.sum(axis=2)
    if np.abs(sums - 1.0).max() > SUM_TOLERANCE:
        return f"probabilities of one text sum to {sums.flat[np.abs(sums - 1.0).argmax()]:g}, not to one"
    return None


def accuracy(probabilities: FloatArray, labels: LabelArray) -> float:
    """Give the share of rows whose likeliest class is the label, from probabilities (N,
    C).
    """
    return float((probabilities.argmax(1) == labels).mean())


def negative_log_likelihood(probabilities: FloatArray, labels: LabelArray) -> float:
    """Give the mean of -log p of the label, in nats."""
    given = at_labels(probabilities, labels).astype(np.float64)
    return float(-np.log(given.clip(LOWEST_PROBABILITY)).mean())


def macro_f1(probabilities: FloatArray, labels: LabelArray) -> float:
    """Give the mean F1 over the classes that occur among the labels."""
    predicted = probabilities.argmax(1)
    classes = probabilities.shape[1]
    hits = np.bincount(labels[predicted == labels], minlength=classes)
    both = np.bincount(labels, minlength=classes) + np.bincount(predicted, minlength=classes)
    occurring = np.bincount(labels, minlength=classes) > 0
    return float((2 * hits[occurring] / both[occurring]).mean())


def calibration_error(probabilities: FloatArray, labels: LabelArray) -> float:
    """Give the expected calibration error over 15 equal bins of confidence.

    Source: Guo et al., ICML 2017, arXiv:1706.04599, eq. 5.
    """
    confidence = probabilities.max(1).astype(np.float64)
    correct = probabilities.argmax(1) == labels
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gaps = np.bincount(bins, weights=confidence - correct, minlength=CALIBRATION_BINS)
    return float(np.abs(gaps).sum() / len(labels))


MOST_CONFUSED = 30
"""Records keep confusion up to so many classes."""

MEASURES: dict[str, Callable[[FloatArray, LabelArray], float]] = {
    "accuracy": accuracy,
    "macro_f1": macro_f1,
    "ece": calibration_error,
    "nll": negative_log_likelihood,
}
"""The computation of each metric that `PREDICTION_METRICS` specifies."""


def prediction_metrics(probabilities: ProbabilityArray, labels: LabelArray, split: str) -> dict[str, float]:
    """Score the mean of K networks, and single networks on average.

    The metrics are accuracy, macro-F1, calibration error and NLL.

    `probabilities`: (N, K, C). Keys read `test_accuracy`, `test_accuracy_single`, ….
    """
    measures = {name: MEASURES[name] for name in PREDICTION_METRICS}
    mean = probabilities.mean(axis=1)
    found = {f"{split}_{name}": measure(mean, labels) for name, measure in measures.items()}
    for name, measure in measures.items():
        single = [measure(probabilities[:, k], labels) for k in range(probabilities.shape[1])]
        found[f"{split}_{name}_single"] = float(np.mean(single))
    return found


def confusion_counts(probabilities: ProbabilityArray, labels: LabelArray) -> list[list[int]] | None:
    """Count the texts of class k that the mean of the networks gives to class j.

    None of more classes than records keep it for. `probabilities`: (N, K, C).
    """
    classes = probabilities.shape[2]
    if classes > MOST_CONFUSED:
        return None
    predicted = probabilities.mean(axis=1).argmax(1)
    counts = np.bincount(labels * classes + predicted, minlength=classes**2)
    return [[int(count) for count in row] for row in counts.reshape(classes, classes)]


def average_ranks(scores: FloatArray) -> FloatArray:
    """Give the rank of each score from 1, tied ones the mean of theirs, float64 (N,).

    All are NaN where one score is.

    >>> average_ranks(np.array([5.0, 1.0, 5.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    # The same function of scipy.stats takes most of a second to import, in each process that runs trials.
    if np.isnan(scores).any():
        return np.full(len(scores), np.nan)
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[place])


def ranking_area(scores: FloatArray, positive: BoolArray) -> float | None:
    """Give the area under the ROC curve, ties counted half, or None unless both kinds
    occur.
    """
    positives, negatives = int(positive.sum()), int((~positive).sum())
    if not positives or not negatives:
        return None
    ranks = average_ranks(scores)
    return float((ranks[positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def average_precision(scores: FloatArray, positive: BoolArray) -> float | None:
    """Give the mean precision at each distinct score, weighted by the gain in recall.

    None without positives.
    """
    if not positive.any():
        return None
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(positive[order])
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    recall = hits[ends] / positive.sum()
    precision = hits[ends] / (ends + 1)
    return float((np.diff(recall, prepend=0.0) * precision).sum())


def fitted_shares(probabilities: FloatArray, noisy: LabelArray, clean: LabelArray) -> tuple[float | None, float | None]:
    """Give the shares of right and of wrong labels that probabilities (N, C) give back.

    A share is None where there are no such labels.
    """
    wrong = noisy != clean
    right, memorised = (accuracy(probabilities[rows], noisy[rows]) if rows.any() else None for rows in (~wrong, wrong))
    return right, memorised


def training_metrics(
    probabilities: ProbabilityArray,
    findings: TrainingDiagnostics,
    noisy: LabelArray,
    clean: LabelArray,
    true_matrix: FloatArray,
) -> dict[str, float]:
    """Score what became of the training labels.

    The metrics are memorisation, recovered labels, detection and the error of an
    estimated matrix.
    """
    wrong = noisy != clean
    mean = probabilities.mean(axis=1)
    found: dict[str, float | None] = {
        "train_accuracy_clean_labels": accuracy(mean, clean),
        "train_accuracy_noisy_labels": accuracy(mean, noisy),
        "memorised": fitted_shares(mean, noisy, clean)[1],
    }
    if findings.suspicion is not None:
        found["suspicion_auroc"] = ranking_area(findings.suspicion, wrong)
        found["suspicion_ap"] = average_precision(findings.suspicion, wrong)
    if findings.corrected_labels is not None:
        found["corrected_accuracy"] = float((findings.corrected_labels == clean).mean())
    if findings.transition_matrix is not None:
        found["matrix_error"] = float(np.abs(findings.transition_matrix - true_matrix).sum(axis=1).mean())
    return {name: value for name, value in found.items() if value is not None}
