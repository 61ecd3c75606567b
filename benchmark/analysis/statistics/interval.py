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

import math
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy import special

V = TypeVar("V", float, npt.NDArray[np.float64])

POWER = 1.5
USUAL = 0.05
SMALLEST_P = 1e-12
"""No p is told below it: neither quantile says anything true of accuracies so far
out.
"""
HALVINGS = 60


def half_width(level: float, degrees_of_freedom: float, seed_part: V, example_part: V, floor: float = 0.0) -> V:
    """The half width at a two-sided level.

    Parameters
    ----------
    level: the two-sided error, above zero and below one.
    freedom: the degrees of freedom of `seed_part`, at least one.
    seed_part: V, the sample variance of the mean over seeds; a number or an array.
    example_part: E, the variance from test examples, of the same shape.
    floor: F, the least that the seed part can be in truth.

    Returns
    -------
    The half width in the shape of the parts; zero where every part is.

    >>> [round(float(half_width(0.05, 4, v, 1.0 - v)), 3) for v in (1.0, 0.0)]
    [2.776, 1.96]
    """
    t, z = float(special.stdtrit(degrees_of_freedom, level / 2)), float(special.ndtri(level / 2))
    usual = min(1.0, math.sqrt(level / USUAL))
    explained = floor * max(1 - 0.9 / degrees_of_freedom**0.6, 0.0)
    whole = _greater(seed_part, floor) + example_part
    unsure = usual * _greater(seed_part - explained, 0.0) + (1 - usual) * _greater(seed_part, explained)
    share = unsure / (whole + (whole == 0))
    squared: V = whole * (z**2 + (t**2 - z**2) * share**POWER)
    return squared**0.5  # type: ignore[no-any-return]


def _greater(value: V, least: float) -> V:
    """The greater of the two; numpy takes far longer over a single number."""
    return max(value, least) if isinstance(value, float) else np.maximum(value, least)


def p_value(mean: float, degrees_of_freedom: float, seed_part: float, example_part: float, floor: float = 0.0) -> float:
    """The level whose half width is the mean difference, by bisection of its logarithm;
    never below 1e-12.

    Parameters are those of `half_width`.

    Returns
    -------
    A p value from 1e-12 to 1.
    """
    low, high = math.log10(SMALLEST_P), 0.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if half_width(10.0**middle, degrees_of_freedom, seed_part, example_part, floor) > abs(mean):
            low = middle
        else:
            high = middle
    return float(10.0**high)
