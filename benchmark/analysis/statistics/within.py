"""Differences within a cell: paired by seed, with the luck of the test examples added.

Let d_s be the difference in accuracy of two methods under seed s = 1..n, and x_si in
{-1, 0, 1} the same for test example i = 1..N. Seeds and examples are crossed: every
seed is tested on the same examples, so

    Var(mean d) = S / n + E / N + R / (n N)

with S the variance between seeds, E between examples and R their interaction: what is
left of x once the means of its seed and of its example are taken away. The sample
variance V of d_s over n estimates S / n + R / (n N). From the two-way table of x, R is
estimated by MS_residual and E as (MS_example - MS_residual) / n, not below zero. E / N
does not shrink with more seeds.

S cannot be negative, so the seed part of the variance is at least R / (n N), the floor.
R rests on (n - 1)(N - 1) degrees of freedom, hundreds even with two seeds, V on n - 1.
Seeds whose differences are equal by luck therefore say nothing against the floor. The
interval of these parts is in interval.py.

Whatever the variances, examples that could each have fallen to either side allow no p
below 2^(1 - k), where k counts those on which the methods differ on average: all k on
one side is the most extreme of 2^k patterns. Where that is above 5 % the interval holds
zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmark.analysis.statistics.holm import holm
from benchmark.analysis.statistics.interval import half_width, p_values
from benchmark.analysis.statistics.prior import Prior, Sampled
from benchmark.contracts.arrays import BoolArray, FloatArray

Correct = BoolArray | FloatArray
"""Correctness of a method, (seeds, N): bits, or shares over several cells."""

FEWEST_SEEDS = 2
FEWEST_EXAMPLES = 2
ROUNDING = 1e-12
ROUNDING_OF_SHARES = 1e-6
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Comparison:
    """One method against another in a cell; differences are shares, not points.

    `p`, `low` and `high` are not numbers where no test was possible. `example_variance`
    is E / N, None where correctness for each example was not at hand; `interaction` is
    R / N, zero there. `deviation` is that of the paired differences (ddof 1), and
    `cohens_d` is their mean over it. `smallest_p` is the least p that the test examples
    allow.
    """

    method: str
    against: str
    seeds: int
    difference: float
    low: float = np.nan
    high: float = np.nan
    p: float = np.nan
    p_holm: float = np.nan
    cohens_d: float = np.nan
    example_variance: float | None = None
    deviation: float = np.nan
    interaction: float = 0.0
    smallest_p: float = 0.0

    @property
    def floor(self) -> float:
        """The least that the seed part of the variance of the mean can be, R / (n
        N).
        """
        return self.interaction / self.seeds

    @property
    def tested(self) -> bool:
        """Whether a test was possible."""
        return not np.isnan(self.p)

    @property
    def distinguishable(self) -> bool:
        """Whether the difference is more than luck at the 5 % level, after Holm."""
        return self.tested and self.p_holm <= LEVEL


@dataclass(frozen=True, slots=True)
class ExampleParts:
    """What the test examples say of the variance: `between` is E / N, `interaction` is
    R / N.
    """

    between: float
    interaction: float


def example_parts(correct: BoolArray | FloatArray, other: BoolArray | FloatArray) -> ExampleParts:
    """Give the parts of the variance of the mean difference that come from which
    examples were drawn.

    Parameters
    ----------
    correct, other: correctness of two methods, arrays (seeds, N). Shares of correct
        answers, over several cells with the same examples, do as well as bits.

    Returns
    -------
    E / N and R / N. The interaction is zero with one seed, both are with fewer than two
    examples.
    """
    x: FloatArray = correct.astype(np.float64) - other
    seeds, rows = x.shape
    if rows < FEWEST_EXAMPLES:
        return ExampleParts(0.0, 0.0)
    by_example = x.mean(axis=0)
    by_seed = x.mean(axis=1)
    mean = by_seed.mean()
    between_examples = seeds * float(np.sum((by_example - mean) ** 2)) / (rows - 1)
    if seeds < FEWEST_SEEDS:
        return ExampleParts(between_examples / rows, 0.0)
    # In place: such an array for each pair of methods is most of what a large report takes.
    x -= by_example
    x -= by_seed[:, None]
    x += mean
    residual = float(np.sum(np.square(x, out=x))) / ((seeds - 1) * (rows - 1))
    return ExampleParts(max(between_examples - residual, 0.0) / seeds / rows, residual / rows)


def smallest_p_of_examples(correct: BoolArray | FloatArray, other: BoolArray | FloatArray) -> float:
    """Give the least two-sided p that correctness of two methods allows, at most 1.

    Both are arrays (seeds, N), of bits or of shares over several cells.
    """
    sums = [array.sum(axis=0, dtype=np.float64) for array in (correct, other)]
    differ = np.count_nonzero(np.abs(sums[0] - sums[1]) > ROUNDING_OF_SHARES)
    return min(1.0, 2.0 ** (1 - differ))


def paired_comparison(
    scores: FloatArray,
    other: FloatArray,
    bits: tuple[Correct, Correct] | None = None,
    names: tuple[str, str] = ("", ""),
    prior: Prior | None = None,
) -> Comparison:
    """Compare two methods over the same seeds.

    Parameters
    ----------
    scores, other: one score a seed, in the same order of seeds, shape (n,).
    bits: correctness of both methods, arrays (n, N), where it is at hand.
    names: the two methods.
    prior: what is known of variances between seeds, see prior.py.

    Returns
    -------
    The comparison. With one seed, a score that is not a number, or where nothing varies
    at all, no test is made.
    """
    found = _measured(scores, other, bits, names)
    variances, degrees_of_freedom = (prior or Prior()).shrink(*_sampled([found]))
    return _tested([found], variances, degrees_of_freedom)[0]


def _measured(
    scores: FloatArray, other: FloatArray, bits: tuple[Correct, Correct] | None, names: tuple[str, str]
) -> Comparison:
    """Give the comparison without its test."""
    differences = np.asarray(scores, dtype=np.float64) - other
    seeds, mean = len(differences), float(differences.mean())
    deviation = float(differences.std(ddof=1)) if seeds >= FEWEST_SEEDS else np.nan
    # Equal differences leave rounding noise behind, which must not pass for a tiny but certain variance.
    deviation = 0.0 if deviation < ROUNDING else deviation
    found = Comparison(*names, seeds, mean, deviation=deviation, cohens_d=mean / deviation if deviation > 0 else np.nan)
    if bits is None:
        return found
    parts = example_parts(*bits)
    return replace(
        found,
        example_variance=parts.between,
        interaction=parts.interaction,
        smallest_p=smallest_p_of_examples(*bits),
    )


def _tested(
    found: Sequence[Comparison], variances: FloatArray, degrees_of_freedom: float, level: float = LEVEL
) -> list[Comparison]:
    """Give the comparisons with their intervals and p, by variances between seeds of so
    many degrees of freedom.
    """
    parts = {
        place: (one.difference, variance / one.seeds, one.example_variance or 0.0, one.floor)
        for place, (one, variance) in enumerate(zip(found, variances, strict=True))
        if not np.isnan(one.deviation)
    }
    tested = list(found)
    varying = {place: part for place, part in parts.items() if max(part[1:]) >= ROUNDING**2}
    for place in parts.keys() - varying.keys():
        if abs(found[place].difference) < ROUNDING:
            tested[place] = replace(found[place], low=0.0, high=0.0, p=1.0)
    if not varying:
        return tested
    means, seed_parts, example_parts, floors = np.array(list(varying.values())).T
    halves = half_width(level, degrees_of_freedom, seed_parts, example_parts, floors)
    ps = p_values(means, degrees_of_freedom, seed_parts, example_parts, floors)
    for place, half, p in zip(varying, halves.tolist(), ps.tolist(), strict=True):
        tested[place] = _bounded(found[place], half, p, level)
    return tested


def _bounded(found: Comparison, half: float, p: float, level: float) -> Comparison:
    """Give the comparison with an interval and a p that claim no more than its test
    examples allow.
    """
    mean = found.difference
    if found.smallest_p > level:
        half = max(half, abs(mean))
    return replace(found, low=mean - half, high=mean + half, p=max(p, found.smallest_p))


def compare_with_best(
    scores: Mapping[str, FloatArray],
    bits: Mapping[str, Correct] | None = None,
    best: str | None = None,
    prior: Prior | None = None,
    level: float = LEVEL,
) -> list[Comparison]:
    """Compare every method with the best mean, or with a method named beforehand.

    Parameters
    ----------
    scores : one value a seed, in the same order of seeds for all methods. The first
        name wins a tie.
    bits : correctness by method, where it is at hand.
    best : the method that was named beforehand.
    prior : what is known of variances between seeds, see prior.py.
    level : the two-sided error of each interval; 0.05 / k for k that hold together.

    Returns
    -------
    The comparisons, with Holm over them. Where the best is found in these very scores,
    any of the m (m - 1) / 2 pairs of m methods could have been looked at, so Holm's
    values are multiplied by m / 2. Without it eight equal methods are told apart in
    8 to 13 % of cells.
    """
    against = best_mean(scores)[0] if best is None and scores else best or ""
    found = differences(scores, bits, against)
    variances, degrees_of_freedom = (prior or Prior()).shrink(*_sampled(found))
    found = _tested(found, variances, degrees_of_freedom, level)
    pairs_each = len(scores) / 2 if best is None else 1.0
    adjusted = np.minimum(pairs_each * holm([comparison.p for comparison in found]), 1.0)
    return [replace(comparison, p_holm=float(p)) for comparison, p in zip(found, adjusted, strict=True)]


def differences(scores: Mapping[str, FloatArray], bits: Mapping[str, Correct] | None, against: str) -> list[Comparison]:
    """Give the differences of all methods to one of them, without a test."""
    found = []
    for name in scores:
        if name == against:
            continue
        pair = None
        if bits is not None and name in bits and against in bits and bits[name].shape == bits[against].shape:
            pair = (bits[name], bits[against])
        found.append(_measured(scores[name], scores[against], pair, (name, against)))
    return found


def sampled_variances(scores: Mapping[str, FloatArray], against: str) -> Sampled:
    """Give the sample variances of the differences to one method, for the prior of a
    set.
    """
    return Sampled(*_sampled(differences(scores, None, against)))


def _sampled(found: Sequence[Comparison]) -> tuple[FloatArray, int]:
    return np.array([one.deviation**2 for one in found]), found[0].seeds - 1 if found else 0


def best_mean(scores: Mapping[str, FloatArray]) -> tuple[str, ...]:
    """Give the names with the highest mean, several where they tie, in alphabetical
    order.
    """
    means = {name: float(np.mean(values)) for name, values in scores.items()}
    top = max(means.values())
    return tuple(sorted(name for name, mean in means.items() if top - mean < 1e-12))
