"""Variances between few seeds, drawn towards what many of them say.

Smyth, Statistical Applications in Genetics and Molecular Biology 3 (2004), article 3.
With true variances that are scaled inverse chi-square, d0 s0^2 / chi2(d0), a sample
variance s^2 of d degrees of freedom becomes

    (d0 s0^2 + d s^2) / (d0 + d)    with d0 + d degrees of freedom.

**The prior of a result set.** d0 and s0^2 come from the differences of all methods to
the reference in all cells, by the mean and variance of log s^2 (section 6.2). d0 is at
most two. With more, a method whose seeds vary more than those of the others is told
apart too often.

**The prior of a small set.** A set of few cells or few differences cannot tell d0. It
gets two degrees, which is what large sets have, and never more than half of those that
each variance has of its own: with three seeds one. In each cell s0^2 is the mean of the
cell's own variances, or that of a packaged prior if it is larger: seeds may vary more
here than where the prior was measured. All of them share the reference, and where that
varies most they err together, which a greater weight would not survive. With two seeds
or fewer than five differences each variance stands alone.

The simulations behind these limits are in `results/measured/verdict/statistics.md`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from benchmark.contracts.arrays import FloatArray

MOST_DEGREES = 2.0
SMALL_SET_DEGREES = 2.0
FEWEST_CELLS = 3
FEWEST_OF_SET = 30
FEWEST_IN_CELL = 5
FEWEST_SEEDS = 3
RANGE = (1e-3, 1e6)


@dataclass(frozen=True, slots=True)
class Sampled:
    """Sample variances (k,), each of `degrees_of_freedom` degrees."""

    variances: FloatArray
    degrees_of_freedom: int


@dataclass(frozen=True, slots=True)
class Prior:
    """What is known of variances between seeds before a cell is looked at.

    Parameters
    ----------
    degrees_of_freedom : d0.
    variance : s0^2, a variance of differences of shares.
    of_set : whether both were estimated from the result set itself.
    source : where a packaged prior was measured, empty for another.
    """

    degrees_of_freedom: float = SMALL_SET_DEGREES
    variance: float = 0.0
    of_set: bool = False
    source: str = ""

    def shrink(self, variances: FloatArray, degrees_of_freedom: int) -> tuple[FloatArray, float]:
        """Draw the variances of one cell towards the prior.

        Parameters
        ----------
        variances : sample variances of the cell's differences, shape (k,).
        degrees_of_freedom : the degrees of each.

        Returns
        -------
        The variances and their degrees of freedom, both unchanged where the cell says
        too little.

        >>> Prior().shrink(np.full(5, 2.0), 2)[1]
        3.0
        """
        location, own = self.variance, self.degrees_of_freedom
        if not self.of_set:
            told = variances[variances > 0]
            if len(told) < FEWEST_IN_CELL or degrees_of_freedom < FEWEST_SEEDS - 1:
                return variances, float(degrees_of_freedom)
            location, own = max(location, float(np.mean(told))), min(own, degrees_of_freedom / 2)
        total = own + degrees_of_freedom
        return (own * location + degrees_of_freedom * variances) / total, total


def prior_of(cells: Sequence[Sampled], packaged: Prior | None = None) -> Prior:
    """Estimate the prior of a result set, or take that of a small one.

    Parameters
    ----------
    cells : the sample variances of each cell. A variance of zero, as of two methods
        that predict alike under every seed, says nothing of the others.
    packaged : a prior that was measured under the same encoder and recipe, if there is
        one, for a set that is too small to have its own.
    """
    positive = [Sampled(cell.variances[cell.variances > 0], cell.degrees_of_freedom) for cell in cells]
    told = [cell for cell in positive if len(cell.variances)]
    if len(told) < FEWEST_CELLS or sum(len(cell.variances) for cell in told) < FEWEST_OF_SET:
        return packaged or Prior()
    logs = np.concatenate([_unbiased_logs(cell) for cell in told])
    sampling = np.concatenate([np.full(len(cell.variances), _sampling_spread(cell)) for cell in told])
    degrees = _degrees_of_freedom(float(logs.var(ddof=1) - sampling.mean()))
    shift = 0.0 if math.isinf(degrees) else float(special.digamma(degrees / 2)) - math.log(degrees / 2)
    return Prior(min(degrees, MOST_DEGREES), math.exp(float(logs.mean()) + shift), of_set=True)


def _unbiased_logs(cell: Sampled) -> FloatArray:
    """Give the logarithms of the variances, whose mean is that of the true ones."""
    half = cell.degrees_of_freedom / 2
    logs: FloatArray = np.log(cell.variances) - special.digamma(half) + math.log(half)
    return logs


def _sampling_spread(cell: Sampled) -> float:
    """Give the variance of log s^2 that sampling alone makes."""
    return float(special.polygamma(1, cell.degrees_of_freedom / 2))


def _degrees_of_freedom(spread: float) -> float:
    """Give d0 from the variance of log s^2 beyond that of sampling.

    It solves trigamma(d0 / 2) = spread and is infinite where there is no such variance.
    """
    low, high = RANGE
    if spread <= special.polygamma(1, high):
        return math.inf
    return 2 * float(optimize.brentq(lambda half: special.polygamma(1, half) - spread, low, high))
