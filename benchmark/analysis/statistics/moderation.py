"""Variances of many comparisons from few seeds each, drawn towards what all of them
say.

Smyth, Statistical Applications in Genetics and Molecular Biology 3 (2004), article 3.
With true variances that are scaled inverse chi-square, d0 s0^2 / chi2(d0), a sample
variance s^2 of d degrees of freedom becomes

    (d0 s0^2 + d s^2) / (d0 + d)    with d0 + d degrees of freedom,

d0 and s0^2 by the mean and variance of log s^2 (section 6.2). Two or four degrees alone
miss differences of eight standard deviations once a cell has dozens of comparisons. The
comparisons of a cell share one side, so that their variances say less than as many
independent ones: the degrees are at most doubled, and below seven comparisons nothing
is moved. In simulation (8 and 27 equal methods; 2, 3, 5 seeds) a cell holds a false
claim in at most 4 % where true deviations are equal or have a log deviation of 0.5, and
in about 6 % where it is 1. The two limits were chosen by that simulation: degrees up to
3, 4 or 8 times their own, or fewer comparisons, gave false claims in up to 10 % of
cells.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize, special

from benchmark.contracts.arrays import FloatArray

FEWEST = 7
MOST_OF_OWN = 2
RANGE = (1e-3, 1e6)


def moderated(variances: FloatArray, degrees_of_freedom: int) -> tuple[FloatArray, float]:
    """The variances, each drawn towards the others, and their degrees of freedom.

    `variances` are sample variances of `degrees_of_freedom` degrees each, shape
    (comparisons,). A variance of zero, as of two methods that predict alike under every
    seed, says nothing of the others.

    >>> moderated(np.full(8, 2.0), degrees_of_freedom=2)[1]
    4.0
    """
    positive = variances[variances > 0]
    if len(positive) < FEWEST:
        return variances, float(degrees_of_freedom)
    log_ratio = np.log(positive) - special.digamma(degrees_of_freedom / 2) + math.log(degrees_of_freedom / 2)
    prior = _prior_freedom(float(log_ratio.var(ddof=1) - special.polygamma(1, degrees_of_freedom / 2)))
    shift = 0.0 if math.isinf(prior) else float(special.digamma(prior / 2)) - math.log(prior / 2)
    total = min(degrees_of_freedom + prior, MOST_OF_OWN * degrees_of_freedom)
    return (
        (total - degrees_of_freedom) * math.exp(log_ratio.mean() + shift) + degrees_of_freedom * variances
    ) / total, float(total)


def _prior_freedom(spread: float) -> float:
    """d0, from the variance of log s^2 beyond that of sampling: trigamma(d0 / 2) =
    spread; infinite without any.
    """
    low, high = RANGE
    if spread <= special.polygamma(1, high):
        return math.inf
    return 2 * float(optimize.brentq(lambda half: special.polygamma(1, half) - spread, low, high))
