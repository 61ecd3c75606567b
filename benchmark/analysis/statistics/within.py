"""Differences within a cell: paired by seed, with the luck of the test examples added.

Let d_s be the difference in accuracy of two methods under seed s = 1..n, and x_si in {-1, 0, 1} the same for test
example i = 1..N. Seeds and examples are crossed: every seed is tested on the same examples, so

    Var(mean d) = S / n + E / N + R / (n N)

with S the variance between seeds, E between examples and R their interaction. The sample variance of d_s over n
estimates S / n + R / (n N). The example part E is estimated as (MS_example - MS_residual) / n from the two-way table
of x, not below zero; E / N does not shrink with more seeds. The interval of the two parts is in interval.py. In
simulation it covers 93 to 97 % at three and five seeds, where the seeds alone cover 50 to 93 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from benchmark.analysis.statistics.holm import holm
from benchmark.analysis.statistics.interval import half_width, p_value
from benchmark.analysis.statistics.moderation import moderated

Floats = npt.NDArray[np.float64]
Bits = npt.NDArray[np.bool_]

FEWEST_SEEDS = 2
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Comparison:
    """One method against another in a cell; differences are shares, not points.

    `p`, `low` and `high` are not numbers where no test was possible. `example_variance` is None where correctness
    for each example was not at hand; `deviation` is that of the paired differences (ddof 1), and `cohens_d` is their
    mean over it.
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

    @property
    def tested(self) -> bool:
        """Whether a test was possible."""
        return not np.isnan(self.p)

    @property
    def distinguishable(self) -> bool:
        """Whether the difference is more than luck at the 5 % level, after Holm."""
        return self.tested and self.p_holm <= LEVEL


def example_variance(correct: Bits | Floats, other: Bits | Floats) -> float:
    """E / N: the variance of the mean difference that comes from which examples were drawn; arrays (seeds, N).

    Shares of correct answers, over several cells with the same examples, do as well as bits.
    """
    x: Floats = correct.astype(np.float64) - other
    seeds, rows = x.shape
    if rows < 2:
        return 0.0
    by_example = x.mean(axis=0)
    by_seed = x.mean(axis=1)
    mean = by_seed.mean()
    between_examples = seeds * float(np.sum((by_example - mean) ** 2))
    between_seeds = rows * float(np.sum((by_seed - mean) ** 2))
    residual = max(float(np.sum((x - mean) ** 2)) - between_examples - between_seeds, 0.0)
    mean_square_residual = residual / ((seeds - 1) * (rows - 1)) if seeds > 1 else 0.0
    part = (between_examples / (rows - 1) - mean_square_residual) / seeds
    return float(max(part, 0.0) / rows)


def paired_comparison(
    scores: Floats,
    other: Floats,
    bits: tuple[Bits, Bits] | None = None,
    names: tuple[str, str] = ("", ""),
) -> Comparison:
    """The difference of two methods over the same seeds; scores (n,), bits a pair of (n, N).

    With one seed, or where nothing varies at all, no test is made.
    """
    found = _measured(scores, other, bits, names)
    return _tested(found, found.deviation**2, found.seeds - 1)


def _measured(scores: Floats, other: Floats, bits: tuple[Bits, Bits] | None, names: tuple[str, str]) -> Comparison:
    """The comparison without its test."""
    differences = np.asarray(scores, dtype=np.float64) - other
    seeds, mean = len(differences), float(differences.mean())
    deviation = float(differences.std(ddof=1)) if seeds >= FEWEST_SEEDS else np.nan
    from_examples = None if bits is None else example_variance(*bits)
    effect = mean / deviation if deviation > 1e-12 else np.nan
    return Comparison(*names, seeds, mean, example_variance=from_examples, deviation=deviation, cohens_d=effect)


def _tested(found: Comparison, variance: float, freedom: float) -> Comparison:
    """The comparison with its interval and p, by a variance between seeds of so many degrees of freedom."""
    if found.seeds < FEWEST_SEEDS:
        return found
    mean, seed_part, example_part = found.difference, variance / found.seeds, found.example_variance or 0.0
    # Identical predictions leave rounding noise behind, which must not pass for a tiny but certain difference.
    if found.deviation < 1e-12 and example_part < 1e-24:
        return replace(found, low=0.0, high=0.0, p=1.0) if abs(mean) < 1e-12 else found
    half = half_width(LEVEL, freedom, seed_part, example_part)
    return replace(found, low=mean - half, high=mean + half, p=p_value(mean, freedom, seed_part, example_part))


def compare_with_best(
    scores: Mapping[str, Floats], bits: Mapping[str, Bits] | None = None, best: str | None = None
) -> list[Comparison]:
    """Every method against the best mean, or a method named beforehand, with Holm over these comparisons.

    Scores hold one value a seed, in the same order of seeds for all methods; the first name wins a tie. Where the best
    is found in these very scores, any of the m (m - 1) / 2 pairs of m methods could have been looked at: Holm's values
    are then multiplied by m / 2. Without it eight equal methods are told apart in 8 to 13 % of cells. The variances
    between seeds are drawn towards each other, see moderation.py.
    """
    against = best_mean(scores)[0] if best is None and scores else best or ""
    found = []
    for name in scores:
        if name == against:
            continue
        pair = None
        if bits is not None and name in bits and against in bits and bits[name].shape == bits[against].shape:
            pair = (bits[name], bits[against])
        found.append(_measured(scores[name], scores[against], pair, (name, against)))
    variances, freedom = moderated(np.array([one.deviation**2 for one in found]), found[0].seeds - 1 if found else 0)
    found = [_tested(one, float(variance), freedom) for one, variance in zip(found, variances, strict=True)]
    pairs_each = len(scores) / 2 if best is None else 1.0
    adjusted = np.minimum(pairs_each * holm([comparison.p for comparison in found]), 1.0)
    return [replace(comparison, p_holm=float(p)) for comparison, p in zip(found, adjusted, strict=True)]


def best_mean(scores: Mapping[str, Floats]) -> tuple[str, ...]:
    """The names with the highest mean, several where they tie, in alphabetical order."""
    means = {name: float(np.mean(values)) for name, values in scores.items()}
    top = max(means.values())
    return tuple(sorted(name for name, mean in means.items() if top - mean < 1e-12))
