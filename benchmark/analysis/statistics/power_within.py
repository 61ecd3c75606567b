"""What the test within a cell can find: its power, the smallest detectable difference,
and the seeds that it takes.

The power is exact for normal differences: the mean of n seeds is normal around the true
difference with variance sigma^2 / n + E, the test compares it with the half width h of
interval.py, which depends on the sample variance of the seeds, and the latter is
integrated out over its chi-square distribution.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from scipy import special

from benchmark.analysis.statistics.interval import half_width
from benchmark.contracts.arrays import FloatArray

LEVEL = 0.05
POWER = 0.8
MOST_SEEDS = 1000
FEWEST_SEEDS = 2
STEPS = 200
HALVINGS = 50


def power(
    difference: float,
    seeds: int,
    deviation: float,
    example_variance: float = 0.0,
    level: float = LEVEL,
    interaction: float = 0.0,
) -> float:
    """Give the probability that the test of a cell finds a true `difference` (a share)
    with so many seeds.

    Parameters
    ----------
    difference: the true difference, a share.
    seeds: how many seeds there are, at least two.
    deviation: the standard deviation of the seed-paired differences; what lies below
        the interaction's is raised to it.
    example_variance: E / N of within.py.
    level: the two-sided level of the test.
    interaction: R / N of within.py.

    Returns
    -------
    A probability.

    >>> round(power(0.0, 3, 0.01), 3), round(power(0.02, 5, 0.01), 3)
    (0.05, 0.909)
    """
    floor = interaction / seeds
    seed_part = max(deviation**2 / seeds, floor)
    whole = seed_part + example_variance
    if whole <= 0:
        return 1.0 if difference else 0.0
    sampled = seed_part * _variance_ratios(seeds - 1)
    half = half_width(level, seeds - 1, sampled, np.full_like(sampled, example_variance), floor)
    above = special.ndtr((difference - half) / math.sqrt(whole))
    below = special.ndtr((-difference - half) / math.sqrt(whole))
    return float(np.mean(above + below))


def smallest_detectable(
    seeds: int, deviation: float, example_variance: float = 0.0, level: float = LEVEL, interaction: float = 0.0
) -> float:
    """Give the true difference that the test of a cell finds with 80 % power, infinite
    below two seeds.
    """
    if seeds < FEWEST_SEEDS:
        return math.inf
    low, high = 0.0, math.sqrt(max(deviation**2, interaction) + example_variance)
    if high == 0:
        return 0.0
    while power(high, seeds, deviation, example_variance, level, interaction) < POWER:
        high *= 2
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if power(middle, seeds, deviation, example_variance, level, interaction) < POWER:
            low = middle
        else:
            high = middle
    return high


def seeds_needed(
    difference: float,
    deviation: float,
    example_variance: float = 0.0,
    level: float = LEVEL,
    interaction: float = 0.0,
) -> int | None:
    """Give the fewest seeds with which the test of a cell finds a true `difference`
    with 80 % power.

    None where no number of seeds does, because the test texts alone leave more doubt; a
    larger test set would help.
    """

    def enough(seeds: int) -> bool:
        return power(difference, seeds, deviation, example_variance, level, interaction) >= POWER

    if difference == 0 or not enough(MOST_SEEDS):
        return None
    low, high = FEWEST_SEEDS - 1, MOST_SEEDS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


@cache
def _variance_ratios(degrees_of_freedom: int) -> FloatArray:
    """Sample variance over true variance at evenly spaced probabilities."""
    at = (np.arange(STEPS) + 0.5) / STEPS
    return np.asarray(special.chdtri(degrees_of_freedom, 1 - at) / degrees_of_freedom)
