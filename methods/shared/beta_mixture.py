"""A mixture of two beta densities, which can be fitted a few iterations at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.contracts.arrays import FloatArray

MARGIN = 1e-6
"""Values are kept this far inside (0, 1)."""

CONCENTRATION = (1e-2, 1e6)
"""Bounds of α + β, so that a component over equal values stays a density."""


def scaled_counts(counts: npt.NDArray[np.int64]) -> FloatArray:
    """Give counts (N,), scaled by minimum and maximum into (0, 1).

    Equal counts all lie at the lower end.
    """
    values = counts.astype(np.float64) - counts.min()
    return np.asarray(np.clip(values / max(float(values.max()), 1.0), MARGIN, 1.0 - MARGIN), dtype=np.float64)


@dataclass(frozen=True)
class BetaMixture:
    """Two weighted beta densities on (0, 1), the one of lower mean first.

    Each array is float64 (2,).

    The one of lower mean comes first.

    EM with an M-step by moments, α = m (m (1 - m) / s² - 1) and β = α (1 - m) / m, from
    Beta(1, 2) and Beta(2, 1). Zhang et al., NeurIPS 2025, arXiv:2505.00812; the moments
    are those of Arazo et al., arXiv:1904.11238.
    """

    weights: FloatArray
    alphas: FloatArray
    betas: FloatArray

    @classmethod
    def initial(cls) -> BetaMixture:
        """Give the mixture where EM starts: equal weights, one density falling, one
        rising.
        """
        return cls(np.array([0.5, 0.5]), np.array([1.0, 2.0]), np.array([2.0, 1.0]))

    def fitted(self, values: FloatArray, iterations: int) -> BetaMixture:
        """Give the mixture after some more iterations of EM on values (N,) in (0,
        1).
        """
        mixture = self
        for _ in range(iterations):
            mixture = _from_shares(values, mixture.posteriors(values))
        order = np.argsort(mixture.alphas / (mixture.alphas + mixture.betas), kind="stable")
        return BetaMixture(mixture.weights[order], mixture.alphas[order], mixture.betas[order])

    def posteriors(self, values: FloatArray) -> FloatArray:
        """Give π, the share of each component in each value, (2, N)."""
        from scipy.special import betaln

        a, b = self.alphas[:, None], self.betas[:, None]
        density = (a - 1.0) * np.log(values) + (b - 1.0) * np.log1p(-values) - betaln(a, b)
        joint = np.log(self.weights)[:, None] + density
        return np.asarray(np.exp(joint - np.logaddexp(*joint)), dtype=np.float64)

    def distributions(self, values: FloatArray) -> FloatArray:
        """Give F, each component's distribution function at each value, (2, N)."""
        from scipy.special import betainc

        return np.asarray(betainc(self.alphas[:, None], self.betas[:, None], values), dtype=np.float64)


def _from_shares(values: FloatArray, shares: FloatArray) -> BetaMixture:
    mass = np.maximum(shares.sum(axis=1), 1e-12)
    means = np.clip(shares @ values / mass, MARGIN, 1.0 - MARGIN)
    variances = (shares * (values - means[:, None]) ** 2).sum(axis=1) / mass
    concentrations = np.clip(means * (1.0 - means) / np.maximum(variances, 1e-12) - 1.0, *CONCENTRATION)
    alphas, betas = means * concentrations, (1.0 - means) * concentrations
    # A low density that rose towards 1, or a high one that rose towards 0, would name the components wrongly.
    betas[0] = betas[0] if betas[0] >= 1.02 else 1.1
    alphas[1] = alphas[1] if alphas[1] >= 1.02 else 1.1
    return BetaMixture(mass / mass.sum(), alphas, betas)
