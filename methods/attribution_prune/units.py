"""What single units say of labels: attributions, their partition, and sensitivities."""

from __future__ import annotations

import numpy as np

from benchmark.contracts import LabelArray
from benchmark.contracts.arrays import BoolArray, FloatArray

LARGE_CLASS = 50
"""A class of so many examples is parted alone, smaller ones together."""

MOST_DIRECTIONS = 16
ROWS_A_DIRECTION = 10
"""Examples that a principal direction of a partition takes."""

ITERATIONS = 100
SMALLEST_VARIANCE = 1e-3
"""Added to each variance, so that no component shrinks to a point."""

SMALLEST_COMPONENT = 5
SMALLEST_GAP = 0.5
LARGEST_SHARE = 0.6
"""Bounds of the blind rule: examples of a component, gap of mean losses in deviations,
and weight of the component that is taken for wrong.
"""

PENALTIES = np.geomspace(1e-4, 1e2, 25)
"""Penalties to choose from, over the number of examples."""


def label_attributions(embeddings: FloatArray, weights: FloatArray, labels: LabelArray) -> FloatArray:
    """Give W_ỹh h of each unit, (N, H), from (N, H) and (C, H): what the unit adds to
    the logit of the given label.
    """
    return np.asarray(embeddings * weights[labels])


def released_attributions(embeddings: FloatArray, weights: FloatArray) -> FloatArray:
    """Give |max_c W_ch h| of each unit, (N, H), in which no label takes part."""
    return np.asarray(np.abs(np.maximum(embeddings * weights.max(axis=0), embeddings * weights.min(axis=0))))


def believed(right: FloatArray, labels: LabelArray) -> BoolArray:
    """Tell who has P(right) of a half or more, at least the likelier half of each
    class, bool (N,).
    """
    chosen = np.zeros(len(labels), dtype=bool)
    for k in np.unique(labels):
        rows = np.flatnonzero(labels == k)
        likeliest = rows[np.argsort(-right[rows], kind="stable")]
        chosen[likeliest[: max(-(-len(rows) // 2), int((right[rows] >= 0.5).sum()))]] = True
    return chosen


def centred_by_class(values: FloatArray, labels: LabelArray) -> FloatArray:
    """Give values, (N,) or (N, H), minus the mean of the examples of the same label."""
    centred = np.array(values, dtype=np.float64)
    for k in np.unique(labels):
        centred[labels == k] -= centred[labels == k].mean(axis=0)
    return centred


def standardised(values: FloatArray) -> FloatArray:
    """Give columns of mean 0 and deviation 1, (N, H); equal values become 0."""
    centred, deviation = values - values.mean(axis=0), values.std(axis=0)
    return np.asarray(centred / np.where(deviation > 1e-9, deviation, np.inf))


def probability_right(features: FloatArray, losses: FloatArray, labels: LabelArray) -> FloatArray:
    """Give the posterior of the component of right labels, (N,), of each large class
    and of all others together.

    Parameters
    ----------
    features : what is parted, (N, F).
    losses : the losses with the given labels, which tell the components apart, (N,).
    labels : the given labels, int64 (N,).
    """
    features, losses = centred_by_class(features, labels), centred_by_class(losses, labels)
    large = np.bincount(labels)[labels] >= LARGE_CLASS
    group = np.where(large, labels, -1)
    right = np.ones(len(labels))
    for k in np.unique(group):
        rows = group == k
        right[rows] = blind_rule(component_of_high_losses(features[rows], losses[rows]), losses[rows])
    return right


def component_of_high_losses(features: FloatArray, losses: FloatArray) -> FloatArray:
    """Give the posterior (N,) of one of two Gaussians of diagonal covariance, which are
    fitted to the principal directions of features (N, F) of mean 0.

    EM starts from the halves of lower and of higher losses (N,). Nothing is drawn.
    """
    # One scale for all: a scale for each column would cancel the weight of its unit.
    scaled = features / max(float(features.std()), 1e-12)
    directions = max(1, min(MOST_DIRECTIONS, len(scaled) // ROWS_A_DIRECTION))
    points = scaled @ np.linalg.eigh(scaled.T @ scaled)[1][:, ::-1][:, :directions]
    high = (losses > np.median(losses)).astype(np.float64)
    for _ in range(ITERATIONS):
        shares = np.stack([1.0 - high, high])
        mass = shares.sum(axis=1) + 1e-9
        means = shares @ points / mass[:, None]
        gaps = (points - means[:, None]) ** 2
        variances = (shares[..., None] * gaps).sum(axis=1) / mass[:, None] + SMALLEST_VARIANCE
        distances = (gaps / variances[:, None]).sum(axis=2) + np.log(variances).sum(axis=1)[:, None]
        densities = np.log(mass / len(points))[:, None] - distances / 2
        high = np.exp(densities[1] - np.logaddexp(*densities))
    return np.asarray(high)


def blind_rule(second: FloatArray, losses: FloatArray) -> FloatArray:
    """Give the posterior of right labels, (N,), from that of one of two components.

    Wrong labels are taken to be in the component whose mean loss is higher. All are
    right where the means lie less than half a deviation apart, where a component has
    fewer than five examples, or where more than 0.6 would be wrong.
    """
    in_second = second > 0.5
    if min(in_second.sum(), (~in_second).sum()) < SMALLEST_COMPONENT:
        return np.ones(len(second))
    gap = losses[in_second].mean() - losses[~in_second].mean()
    wrong = second if gap > 0 else 1.0 - second
    within = np.where(in_second, losses - losses[in_second].mean(), losses - losses[~in_second].mean())
    if abs(gap) < SMALLEST_GAP * within.std() or wrong.mean() > LARGEST_SHARE:
        return np.ones(len(second))
    return np.asarray(1.0 - wrong)


def sensitivities(embeddings: FloatArray, wrong: FloatArray, labels: LabelArray, penalty: float | None) -> FloatArray:
    """Give how much each unit tells wrong labels from right ones, at least 0, (H,).

    It is the size of the weights of a ridge regression of P(wrong) on embeddings that
    are centred within their class and standardised.

    Parameters
    ----------
    embeddings : the units, (N, H).
    wrong : the probability that a label is wrong, (N,).
    labels : the given labels, int64 (N,).
    penalty : the ridge over the number of examples. None chooses it by generalised
        cross-validation.
    """
    units, target = standardised(centred_by_class(embeddings, labels)), centred_by_class(wrong, labels)
    squares, axes = np.linalg.eigh(units.T @ units / len(units))
    known = squares > 1e-10 * max(squares[-1], 1.0)
    squares, axes = squares[known], axes[:, known]
    along = axes.T @ (units.T @ target) / len(units)

    def score(ridge: float) -> float:
        shrunk = squares / (squares + ridge)
        unexplained = (target**2).mean() - (along**2 / squares * shrunk * (2 - shrunk)).sum()
        return float(unexplained / max(1.0 - shrunk.sum() / len(units), 1e-9) ** 2)

    ridge = min(PENALTIES, key=score) if penalty is None else penalty
    return np.asarray(np.abs(axes @ (along / (squares + ridge))))
