"""Two-component mixtures on one number per example, such as its loss, of which right
labels are the low component.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from benchmark.contracts.arrays import FloatArray, LabelArray, at_labels

Family = Literal["beta", "gaussian"]

CLIPPED: dict[Family, tuple[int, int]] = {"beta": (5, 95), "gaussian": (0, 100)}
"""Percentiles that become the ends of the scaled range."""

MARGIN = 1e-3
"""Scaled values are kept this far inside (0, 1), where a beta density is finite."""

SMALLEST_VARIANCE = 5e-4
"""Floor under a component's variance, so that none collapses on equal values."""

SMALLEST_PROBABILITY = 1e-7
"""Floor under the probabilities whose logarithm is taken."""


@dataclass(frozen=True)
class TwoComponents:
    """A fitted mixture: `weights` and `means` float64 (2,), low mean first;
    `high_posterior` float64 (N,).
    """

    weights: FloatArray
    means: FloatArray
    high_posterior: FloatArray

    @property
    def low_posterior(self) -> FloatArray:
        """P(low component) of each value, float64 (N,): of losses, P(label right)."""
        return np.asarray(1.0 - self.high_posterior)


def label_losses(probabilities: npt.NDArray[np.floating[Any]], labels: LabelArray) -> FloatArray:
    """Give -log p_y of each example, float64 (N,) from probabilities (N, C), or (N, K)
    from (N, K, C).

    p_y is kept at 1e-7 or above.
    """
    given = at_labels(probabilities, labels).astype(np.float64)
    return np.asarray(-np.log(np.maximum(given, SMALLEST_PROBABILITY)))


def fit_two_components(values: npt.NDArray[np.floating[Any]], family: Family, iterations: int = 10) -> TwoComponents:
    """Fit a mixture of two components of one family to finite `values` (N,), N >= 1, by
    EM. Nothing is drawn.

    Values are scaled to (0, 1). `beta`: Arazo et al., ICML 2019, arXiv:1904.11238, with
    values clipped to their 5th and 95th percentile and the M-step by moments, a = m (m
    (1 - m) / v - 1) and b = (1 - m) a / m. `gaussian`: Li, Socher & Hoi, ICLR 2020,
    arXiv:2002.07394, scaled by minimum and maximum. Both start from the posterior z of
    the high component, z the scaled value.
    """
    ends = np.percentile(values, CLIPPED[family])
    scaled = _scale(np.asarray(values, dtype=np.float64), float(ends[0]), float(ends[1]))
    log_density = _log_beta if family == "beta" else _log_normal
    high = scaled
    for _ in range(iterations):
        weights, means, variances = _moments(scaled, high)
        high = _posterior(scaled, weights, means, variances, log_density)
    weights, means, _ = _moments(scaled, high)
    order = np.argsort(means, kind="stable")
    return TwoComponents(weights[order], means[order], high if order[1] == 1 else 1.0 - high)


def _scale(values: FloatArray, low: float, high: float) -> FloatArray:
    if high - low < 1e-12:
        return np.full_like(values, MARGIN)
    return np.asarray(np.clip((values - low) / (high - low), MARGIN, 1.0 - MARGIN), dtype=np.float64)


def _moments(scaled: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    shares = np.stack([1.0 - high, high])
    mass = shares.sum(axis=1) + 1e-12
    means = np.clip((shares @ scaled) / mass, MARGIN, 1.0 - MARGIN)
    variances = (shares * (scaled - means[:, None]) ** 2).sum(axis=1) / mass
    return mass / mass.sum(), means, np.maximum(variances, SMALLEST_VARIANCE)


def _posterior(
    scaled: FloatArray,
    weights: FloatArray,
    means: FloatArray,
    variances: FloatArray,
    log_density: Callable[[FloatArray, float, float], FloatArray],
) -> FloatArray:
    low, high = (np.log(weights[c]) + log_density(scaled, means[c], variances[c]) for c in (0, 1))
    return np.asarray(np.exp(high - np.logaddexp(low, high)), dtype=np.float64)


def _log_beta(scaled: FloatArray, mean: float, variance: float) -> FloatArray:
    from scipy.special import betaln

    concentration = max(mean * (1.0 - mean) / variance - 1.0, 1e-2)
    a, b = mean * concentration, (1.0 - mean) * concentration
    return np.asarray((a - 1.0) * np.log(scaled) + (b - 1.0) * np.log1p(-scaled) - betaln(a, b), dtype=np.float64)


def _log_normal(scaled: FloatArray, mean: float, variance: float) -> FloatArray:
    return np.asarray(-0.5 * ((scaled - mean) ** 2 / variance + np.log(2.0 * np.pi * variance)), dtype=np.float64)
