"""The Bayesian signed-rank test with a region of practical equivalence.

Benavoli, Corani, Demšar & Zaffalon, Time for a Change, JMLR 18 (2017). With differences
z_1..z_q, a pseudo-observation z_0 = 0 of weight s = 1/2 and w ~ Dirichlet(s, 1, ...,
1),

theta_right = sum_ij w_i w_j [z_i + z_j > 2r],   theta_left = sum_ij w_i w_j [z_i + z_j
< -2r]

and theta_rope is the rest. The three probabilities are those of each theta being the
largest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.contracts.arrays import BoolArray, FloatArray
from benchmark.contracts.seeds import generator

PRIOR_WEIGHT = 0.5
DRAWS = 50_000
CONVINCING = 0.95
FEWEST_TO_DECIDE = 6


@dataclass(frozen=True, slots=True)
class Posterior:
    """Probabilities that differences lie mostly above, inside or below the region of
    practical equivalence.
    """

    better: float
    equivalent: float
    worse: float
    rope: float
    observations: int

    @property
    def decision(self) -> str | None:
        """The region that holds at least 95 %, or None; always None below six
        observations, which look too certain.
        """
        if self.observations < FEWEST_TO_DECIDE:
            return None
        regions = {"better": self.better, "equivalent": self.equivalent, "worse": self.worse}
        return next((name for name, probability in regions.items() if probability >= CONVINCING), None)


def bayesian_signed_rank(differences: FloatArray, rope: float, draws: int = DRAWS) -> Posterior | None:
    """Give the posterior over three regions from one difference a block, shape (q,), or
    None without any difference.

    `rope` is r, in the unit of the differences: from -r to r two methods are
    practically equivalent. Values that are not numbers are left out. Equal input gives
    equal output.
    """
    left = np.round(differences[~np.isnan(differences)], 12)
    if len(left) == 0:
        return None
    observed = np.concatenate([[0.0], left])
    sums = np.round(observed[:, None] + observed[None, :], 12)
    priors = np.concatenate([[PRIOR_WEIGHT], np.ones(len(left))])
    weights = generator("bayesian signed-rank", len(left)).dirichlet(priors, draws)
    right = _share(weights, sums > 2 * rope)
    lower = _share(weights, sums < -2 * rope)
    theta = np.stack([right, 1 - right - lower, lower])
    largest = np.isclose(theta, theta.max(axis=0), rtol=0, atol=1e-12)
    better, equivalent, worse = (float(p) for p in (largest / largest.sum(axis=0)).mean(axis=1))
    return Posterior(better, equivalent, worse, rope, len(left))


def _share(weights: FloatArray, inside: BoolArray) -> FloatArray:
    """Sum w_i w_j over the pairs inside, for each draw."""
    return np.asarray(np.einsum("di,di->d", weights @ inside.astype(np.float64), weights))
