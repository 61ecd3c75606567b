"""Estimates of the share of wrong training labels that read no clean label.

Each estimator maps fixed text features and noisy labels to one number, on one thread
and in at most the time of one cross-entropy training of a small head on the same
features. `ESTIMATORS` names them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.contracts import LabelArray, UnknownNameError
from benchmark.contracts.arrays import FloatArray, at_labels
from methods.shared.calibration import sharpness, softmax
from methods.shared.consensus import consensus_frequencies, solve_consensus, two_nearest
from methods.shared.mixtures import fit_two_components
from methods.shared.transition.confident_joint import confident_joint

Features = npt.NDArray[np.floating[Any]]

FOLDS = 5
REPEATS = 3
PENALTY = 1.0
"""Ridge penalty in units of the variance of a feature."""

SUREST_SHARE = 0.2
"""The share of a class' predicted examples that stand for its anchors.

They are those with the highest probabilities.
"""

FEWEST_ANCHORS = 20
MOST_CENTRES = 5_000
HIGHEST_RATE = 1.0 - 1e-9


def estimate_noise_rate(
    name: str, features: Features, labels: LabelArray, num_classes: int, generator: np.random.Generator
) -> float:
    """Estimate the share of wrong labels, in [0, 1), by the estimator `name` of
    `ESTIMATORS`.

    It is 0 where the estimator finds no answer. `features` are float (N, D), finite,
    and `labels`, int64 (N,), are the noisy labels, in [0, C). The generator draws the
    folds.
    """
    if name not in ESTIMATORS:
        raise UnknownNameError("noise-rate estimator", name, list(ESTIMATORS))
    rate = ESTIMATORS[name](features, labels, num_classes, generator) if len(labels) > 0 else 0.0
    return float(np.clip(rate, 0.0, HIGHEST_RATE)) if np.isfinite(rate) else 0.0


def out_of_fold_probabilities(
    features: Features, labels: LabelArray, num_classes: int, generator: np.random.Generator
) -> FloatArray:
    """Give the class probabilities (N, C) of every example by linear probes that were
    fitted without it.

    A probe is the ridge regression of one-hot labels on standardised features, (X'X / n
    + penalty I)^-1 X'Y / n, solved for each of `FOLDS` folds from sums of Gram
    matrices. Scores are means of `REPEATS` partitions. Their softmax is taken at the
    one temperature that makes the held-out noisy labels likeliest (Guo et al., ICML
    2017, arXiv:1706.04599).
    """
    rows = np.asarray(features, dtype=np.float32)
    standard = (rows - rows.mean(axis=0)) / np.maximum(rows.std(axis=0), 1e-6)
    targets = np.eye(num_classes, dtype=np.float32)[labels]
    scores = np.zeros((len(labels), num_classes))
    for _ in range(REPEATS):
        fold_of = generator.permutation(len(labels)) % FOLDS
        scores += _held_out_scores(standard, targets, fold_of) / REPEATS
    return softmax(scores * sharpness(scores, labels))


def by_confident_joint(
    features: Features, labels: LabelArray, num_classes: int, generator: np.random.Generator
) -> float:
    """Give one minus the trace of the calibrated confident joint of out-of-fold
    probabilities (arXiv:1911.00068).
    """
    return joint_rate(out_of_fold_probabilities(features, labels, num_classes, generator), labels)


def by_beta_mixture(features: Features, labels: LabelArray, num_classes: int, generator: np.random.Generator) -> float:
    """Give the weight of the high component of a two-component beta mixture on the
    out-of-fold loss (arXiv:1904.11238).
    """
    probabilities = out_of_fold_probabilities(features, labels, num_classes, generator)
    losses, _ = _given_and_lowest_losses(probabilities, labels)
    return float(fit_two_components(losses, "beta").weights[1])


def by_gaussian_mixture(
    features: Features, labels: LabelArray, num_classes: int, generator: np.random.Generator
) -> float:
    """Give the weight of the high component of a two-component Gaussian mixture on
    excess loss (mixture of arXiv:2002.07394).

    Departure: what is mixed is log(max_k p_ik / p_i,label), so that a text of which the
    probe is unsure in any case does not look wrong.
    """
    return excess_loss_rate(out_of_fold_probabilities(features, labels, num_classes, generator), labels)


def by_neighbour_consensus(
    features: Features, labels: LabelArray, num_classes: int, generator: np.random.Generator
) -> float:
    """Give 1 - sum_k p_k T_kk of the T and p that explain the labels of examples and
    their two neighbours (arXiv:2102.05291).

    At most `MOST_CENTRES` examples, drawn at random, are centres. Neighbours are sought
    among all N by cosine.
    """
    if len(labels) < 3:
        return 0.0
    centres = generator.permutation(len(labels))[:MOST_CENTRES]
    triples = np.column_stack([labels[centres], labels[two_nearest(features, centres)]])
    return solve_consensus(consensus_frequencies(triples, num_classes)).noise_rate


def by_anchor_agreement(
    features: Features, labels: LabelArray, num_classes: int, generator: np.random.Generator
) -> float:
    """Give one minus the agreement of held-out labels with the class of which a probe
    is surest.

    T_kk = P(label = k | x) at points x that surely belong to k, so that the probe's
    errors on hard examples do not count as noise (anchor points: Liu & Tao, TPAMI 2016,
    arXiv:1411.7718; Patrini et al., CVPR 2017, arXiv:1609.03683). p_k is the predicted
    share of class k, and the rate is 1 - sum_k p_k T_kk.

    Departure: T_kk is the observed share of label k among the surest held-out examples,
    not a probability at one point, so it needs no calibration. The estimate is too low
    where noise avoids the examples that a probe is sure of, as it does with labelling
    rules.
    """
    probabilities = out_of_fold_probabilities(features, labels, num_classes, generator)
    return 1.0 - anchor_agreement(probabilities, labels)


def by_anchors_and_mixture(
    features: Features, labels: LabelArray, num_classes: int, generator: np.random.Generator
) -> float:
    """Give the mean of anchor agreement, which misses noise on hard texts, and the
    Gaussian mixture, which overcounts them.
    """
    probabilities = out_of_fold_probabilities(features, labels, num_classes, generator)
    return (1.0 - anchor_agreement(probabilities, labels) + excess_loss_rate(probabilities, labels)) / 2.0


def anchor_agreement(probabilities: FloatArray, labels: LabelArray) -> float:
    """Give sum_k p_k T_kk from the surest examples of each predicted class.

    `probabilities` are (N, C), `labels` int64 (N,).
    """
    predicted = probabilities.argmax(axis=1)
    agreeing = 0.0
    for label in np.unique(predicted):
        members = np.flatnonzero(predicted == label)
        count = max(FEWEST_ANCHORS, int(np.ceil(SUREST_SHARE * len(members))))
        surest = members[np.argsort(-probabilities[members, label], kind="stable")[:count]]
        agreeing += len(members) * float((labels[surest] == label).mean())
    return agreeing / len(labels)


Estimator = Callable[[Features, LabelArray, int, np.random.Generator], float]

ESTIMATORS: dict[str, Estimator] = {
    "anchor_agreement": by_anchor_agreement,
    "anchors_and_mixture": by_anchors_and_mixture,
    "confident_joint": by_confident_joint,
    "gaussian_mixture": by_gaussian_mixture,
    "loss_mixture": by_beta_mixture,
    "neighbour_consensus": by_neighbour_consensus,
}

DEFAULT_ESTIMATOR = "anchors_and_mixture"
"""The estimator of lowest mean absolute error in results/measured/noise-rates."""


def _held_out_scores(
    standard: npt.NDArray[np.float32], targets: npt.NDArray[np.float32], fold_of: LabelArray
) -> FloatArray:
    folds = [np.flatnonzero(fold_of == fold) for fold in range(int(fold_of.max()) + 1)]
    grams = [(standard[fold].T @ standard[fold]).astype(np.float64) for fold in folds]
    crosses = [(standard[fold].T @ targets[fold]).astype(np.float64) for fold in folds]
    sums = [standard[fold].sum(axis=0, dtype=np.float64) for fold in folds]
    scores = np.empty(targets.shape, dtype=np.float64)
    for number, fold in enumerate(folds):
        rest = np.flatnonzero(fold_of != number)
        count = max(len(rest), 1)
        prior = targets[rest].sum(axis=0, dtype=np.float64) / count
        gram = (sum(grams) - grams[number]) / count + PENALTY * np.eye(standard.shape[1])
        cross = (sum(crosses) - crosses[number]) / count - np.outer((sum(sums) - sums[number]) / count, prior)
        scores[fold] = standard[fold] @ np.linalg.solve(gram, cross) + prior
    return scores


def joint_rate(probabilities: FloatArray, labels: LabelArray) -> float:
    """Give one minus the trace of the calibrated confident joint.

    `probabilities` are (N, C), `labels` int64 (N,).
    """
    return confident_joint(probabilities, labels).noise_rate


def excess_loss_rate(probabilities: FloatArray, labels: LabelArray) -> float:
    """Give the weight of the high component of a Gaussian mixture on the excess loss.

    `probabilities` are (N, C), `labels` int64 (N,).
    """
    losses, lowest = _given_and_lowest_losses(probabilities, labels)
    return float(fit_two_components(losses - lowest, "gaussian").weights[1])


def _given_and_lowest_losses(probabilities: FloatArray, labels: LabelArray) -> tuple[FloatArray, FloatArray]:
    losses = -np.log(np.maximum(probabilities, 1e-9))
    return at_labels(losses, labels), losses.min(axis=1)
