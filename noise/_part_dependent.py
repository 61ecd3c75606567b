"""What the part-dependent noise models share: who is flipped at a rate, and to which
class.
"""

from __future__ import annotations

import numpy as np

from benchmark.contracts import LabelArray, NoiseInputs
from benchmark.contracts.arrays import FloatArray
from noise._counts import chosen_by_class

SPREAD = 0.1
"""Standard deviation of the flip rates before truncation, as in the paper."""

HALVINGS = 50


def corrupt_by_parts(
    inputs: NoiseInputs, rate: float, features: FloatArray, projection_draws: np.random.Generator
) -> LabelArray:
    """Give noisy labels by P(ỹ = j | x, y) = q · softmax over j ≠ y of (x · W_y)_j,
    int64 (N,).

    They are nested across rates. `features` are x, float64 (N, F), and
    `projection_draws` gives the normal entries of W, (C, F, C). `turning_rates` decides
    who is flipped, with an exact count in each class. A third uniform picks the target
    by inverse cdf.
    """
    clean, classes, draws = inputs.clean_labels, inputs.num_classes, inputs.draws
    flip = draws.uniform("flip")
    turning = turning_rates(draws.uniform("propensity"), flip)
    rows = np.flatnonzero(chosen_by_class(rate, clean, classes, turning, flip))
    noisy = clean.astype(np.int64, copy=True)
    if len(rows):
        projections = projection_draws.standard_normal((classes, features.shape[1], classes))
        targets = target_probabilities(features[rows], projections, clean[rows])
        noisy[rows] = inverse_cdf(targets, draws.uniform("target")[rows])
    return noisy


def flip_rates(uniforms: FloatArray, means: FloatArray | float) -> FloatArray:
    """Give quantiles of the normal of these means and SPREAD, truncated to [0, 1],
    float64 of the arguments' shape.
    """
    from scipy.special import ndtr, ndtri

    below, above = ndtr(-np.asarray(means) / SPREAD), ndtr((1.0 - np.asarray(means)) / SPREAD)
    quantile = means + SPREAD * ndtri(below + uniforms * (above - below))
    clipped: FloatArray = np.clip(quantile, 0.0, 1.0)
    return clipped


def mean_flip_rates(means: FloatArray | float) -> FloatArray:
    """Give the means of the truncated normals of `flip_rates`, float64 of the
    argument's shape.
    """
    from scipy.special import ndtr

    low, high = -np.asarray(means) / SPREAD, (1.0 - np.asarray(means)) / SPREAD
    density = (np.exp(-(low**2) / 2) - np.exp(-(high**2) / 2)) / np.sqrt(2 * np.pi)
    shifted: FloatArray = means + SPREAD * density / (ndtr(high) - ndtr(low))
    return shifted


def flip_probabilities(uniforms: FloatArray, rates: FloatArray | float) -> FloatArray:
    """Give π(u, r) of `Instance`, float64 (N,).

    It rises with r for every u, and its mean over u is r up to .8.
    """
    scaled: FloatArray = flip_rates(uniforms, rates) * (rates / mean_flip_rates(rates))
    return np.minimum(scaled, 1.0)


def turning_rates(propensity_uniforms: FloatArray, flip_uniforms: FloatArray) -> FloatArray:
    """Give the lowest rate at which each example is flipped, float64 (N,), by bisection
    of `flip_probabilities`.
    """
    low, high = np.zeros_like(flip_uniforms), np.ones_like(flip_uniforms)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        turned = flip_uniforms < flip_probabilities(propensity_uniforms, middle)
        low, high = np.where(turned, low, middle), np.where(turned, middle, high)
    return high


def unit_length(features: FloatArray) -> FloatArray:
    """Divide rows by their length, float64 (N, F); a row of zeros stays one."""
    length = np.linalg.norm(features, axis=1, keepdims=True)
    scaled: FloatArray = features / np.where(length > 0, length, 1.0)
    return scaled


def target_probabilities(features: FloatArray, projections: FloatArray, clean_labels: LabelArray) -> FloatArray:
    """Give the chances of the class that a flipped example goes to, float64 (N, C).

    They are the softmax of x · W_y without the true class. `features`, (N, F), are as
    they enter the product. `projections`, (C, F, C), are one W a true class.
    """
    scores = np.empty((len(features), projections.shape[2]))
    for k in np.unique(clean_labels):
        members = clean_labels == k
        scores[members] = features[members] @ projections[k]
    rows = np.arange(len(scores))
    scores[rows, clean_labels] = -np.inf
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: FloatArray = weights / weights.sum(axis=1, keepdims=True)
    return shares


def label_probabilities(
    features: FloatArray, projections: FloatArray, clean_labels: LabelArray, rates: FloatArray
) -> FloatArray:
    """Give P(ỹ = j | x, y) of examples with flip rates (N,), float64 (N, C).

    The other arguments are those of `target_probabilities`.
    """
    probabilities: FloatArray = rates[:, None] * target_probabilities(features, projections, clean_labels)
    probabilities[np.arange(len(probabilities)), clean_labels] = 1.0 - rates
    return probabilities


def inverse_cdf(probabilities: FloatArray, uniforms: FloatArray) -> LabelArray:
    """Draw a class for each row of (N, C) by its own uniform draw, int64 (N,).

    Classes of probability zero are never drawn.
    """
    cumulative = np.cumsum(probabilities, axis=1)
    drawn: LabelArray = (cumulative <= uniforms[:, None] * cumulative[:, -1:]).sum(axis=1, dtype=np.int64)
    return drawn
