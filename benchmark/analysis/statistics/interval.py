"""The half width of an interval whose variance has a part from few seeds and parts that
are as good as known.

Let V be the sample variance of the mean from n seeds, E the variance from test examples
and F the least that V can be in truth. E and F are estimated from hundreds of examples.
With t the Student quantile of d = n - 1 degrees of freedom and z the normal one,

    W = max(V, F) + E
    h^2 = W * (z^2 + (t^2 - z^2) * (u / W)^(3/2))

where u is the part of W that rests on few seeds. Without a floor u = V: it is the t
interval where E = 0 and the normal one where V = 0. In between, power 1 (both quantiles
added in squares, Cochran & Cox 1957) covers too much and power 2 (first order of Welch,
Biometrika 1947) too little.

With a floor, c = 1 - 0.9 / d^0.6 and s = sqrt(level / 0.05), at most 1,

    u = s max(V - c F, 0) + (1 - s) max(V, c F)

At 5 % what lies below c F is explained by the floor. At smaller levels that would be
too bold, as a V that is small by luck would leave the normal tail alone, so u moves up
to max(V, c F) and the tail to that of t.

An interval that is never below the normal one of the known parts must cover too often
where two or three seeds differ by little more than the floor. The constants keep it
from covering too seldom anywhere and let it cover too often only there; the tests hold
both.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from benchmark.contracts.arrays import FloatArray

POWER = 1.5
USUAL = 0.05
SMALLEST_P = 1e-12
"""No p is told below it: neither quantile says anything true of accuracies so far
out.
"""
HALVINGS = 60


def half_width(
    level: float | FloatArray,
    degrees_of_freedom: float,
    seed_part: float | FloatArray,
    example_part: float | FloatArray,
    floor: float | FloatArray = 0.0,
) -> FloatArray:
    """Give the half widths at a two-sided level.

    Each of the level and the parts is a number or an array; arrays have one shape.

    Parameters
    ----------
    level: the two-sided error, above zero and below one.
    degrees_of_freedom: those of `seed_part`, at least one.
    seed_part: V, the sample variance of the mean over seeds.
    example_part: E, the variance from test examples.
    floor: F, the least that the seed part can be in truth.

    Returns
    -------
    The half widths in the shape of the arrays; zero where every part is.

    >>> [round(float(half_width(0.05, 4, v, 1.0 - v)), 3) for v in (1.0, 0.0)]
    [2.776, 1.96]
    """
    t, z = special.stdtrit(degrees_of_freedom, level / 2), special.ndtri(level / 2)
    usual = np.minimum(np.sqrt(level / USUAL), 1.0)
    explained = floor * max(1 - 0.9 / degrees_of_freedom**0.6, 0.0)
    whole = np.maximum(seed_part, floor) + example_part
    unsure = usual * np.maximum(seed_part - explained, 0.0) + (1 - usual) * np.maximum(seed_part, explained)
    share = unsure / (whole + (whole == 0))
    return np.asarray(np.sqrt(whole * (z**2 + (t**2 - z**2) * share**POWER)))


def p_values(
    means: FloatArray,
    degrees_of_freedom: float,
    seed_parts: FloatArray,
    example_parts: FloatArray,
    floors: float | FloatArray = 0.0,
) -> FloatArray:
    """Give the levels whose half widths are the mean differences, by bisection of their
    logarithms.

    Parameters
    ----------
    means: the mean differences, shape (m,).
    degrees_of_freedom, seed_parts, example_parts, floors: see `half_width`.

    Returns
    -------
    The p values, shape (m,), from 1e-12 to 1.
    """
    low, high = np.full(len(means), np.log10(SMALLEST_P)), np.zeros(len(means))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        wider = half_width(10.0**middle, degrees_of_freedom, seed_parts, example_parts, floors) > np.abs(means)
        low, high = np.where(wider, middle, low), np.where(wider, high, middle)
    return np.asarray(10.0**high)
