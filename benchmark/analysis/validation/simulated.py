"""How often the tests of equal methods err, by simulation.

The scores of a cell are normal: a method has a part that all its seeds share, as they
meet the same test texts, and a part of each seed. All methods are equally good, so each
difference that is found is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from benchmark.analysis.statistics import Prior, Sampled, prior_of
from benchmark.analysis.statistics.interval import half_width
from benchmark.analysis.statistics.within import LEVEL
from benchmark.contracts.arrays import BoolArray, FloatArray
from benchmark.contracts.seeds import generator

OUTLYING = 5.0
"""The deviation of one method where those of all others are 1."""

UNEQUAL = 0.5
"""The standard deviation of the logarithms of methods' deviations."""

CELLS_UNEQUAL = 0.7
"""The standard deviation of the logarithms of what multiplies all those of a cell."""

BETWEEN_TEXTS, INTERACTION = 0.4, 0.6
"""What test texts add where a variance between seeds is 2, about as in the archives."""

Deviations = Callable[[np.random.Generator, tuple[int, int, int]], FloatArray]


def _outlying(rng: np.random.Generator, shape: tuple[int, int, int]) -> FloatArray:
    sets, _, methods = shape
    which = rng.integers(1, methods, (sets, 1, 1))
    return np.where(np.arange(methods) == which, OUTLYING, np.ones(shape))


def _outlying_reference(rng: np.random.Generator, shape: tuple[int, int, int]) -> FloatArray:
    return np.where(np.arange(shape[2]) == 0, OUTLYING, np.ones(shape))


def _unequal_cells(rng: np.random.Generator, shape: tuple[int, int, int]) -> FloatArray:
    sets, cells, methods = shape
    of_cells = np.exp(rng.normal(0, CELLS_UNEQUAL, (sets, cells, 1)))
    return np.asarray(of_cells * np.exp(rng.normal(0, UNEQUAL, (sets, 1, methods))))


VARIANCES: Mapping[str, Deviations] = {
    "equal": lambda rng, shape: np.ones(shape),
    "unequal": lambda rng, shape: np.exp(rng.normal(0, UNEQUAL, shape)),
    "unequal, cells too": _unequal_cells,
    "one method 5 times": _outlying,
    "the reference 5 times": _outlying_reference,
}
"""Deviations between seeds of methods, (sets, cells, methods), the reference first."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A result set of equal methods.

    `methods` counts the reference, too. `texts` says whether test texts vary the mean
    as much as seeds do. `scale` multiplies all deviations, and `packaged` is the prior
    that a small set takes, of a variance between seeds of 2 for each difference.
    `averaged` cells of one corpus, whose seeds depend on each other, make one mean.
    """

    cells: int
    methods: int
    seeds: int
    variances: str
    texts: bool = False
    scale: float = 1.0
    packaged: bool = False
    averaged: int = 1

    @property
    def between(self) -> float:
        """The variance that test texts add to the mean of a difference."""
        return BETWEEN_TEXTS * self.scale**2 if self.texts else 0.0

    @property
    def interaction(self) -> float:
        """The part of the variance of a seed's difference that test texts make."""
        return INTERACTION * self.scale**2 if self.texts else 0.0


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of cells, or of corpora.

    `family` is the share with any false claim after Holm. `covered` is that of the
    intervals of single comparisons that hold the truth. `chosen` is that of the
    intervals of the method with the highest mean that do, with the allowance for the
    choice, and `chosen_alone` without it.
    """

    family: float
    covered: float
    chosen: float
    chosen_alone: float


SHARED = 0.5
"""How much of a seed's part all averaged cells share."""


def rates_of(scenario: Scenario, sets: int) -> Rates:
    """Give the rates over so many simulated result sets of a scenario."""
    rng = generator("validation", *(str(value) for value in _values(scenario)))
    differences = _drawn(scenario, sets, rng)
    means = differences.mean(axis=3)
    variances = differences.var(axis=3, ddof=1)
    joint = np.empty(means.shape, dtype=np.bool_)
    alone = np.empty(means.shape, dtype=np.bool_)
    for place in range(sets):
        joint[place], alone[place] = _found(scenario, means[place], variances[place])
    best = means.argmax(axis=2)[:, :, None]
    return Rates(
        family=float(joint.any(axis=2).mean()),
        covered=float(1 - alone.mean()),
        chosen=float(1 - np.take_along_axis(joint, best, axis=2).mean()),
        chosen_alone=float(1 - np.take_along_axis(alone, best, axis=2).mean()),
    )


def _values(scenario: Scenario) -> tuple[object, ...]:
    """Give what names the random stream of a scenario."""
    return (scenario.cells, scenario.methods, scenario.seeds, scenario.variances, scenario.texts, scenario.scale)


def _drawn(scenario: Scenario, sets: int, rng: np.random.Generator) -> FloatArray:
    """Give differences to the reference, (sets, cells, methods - 1, seeds)."""
    shape = (sets, scenario.cells * scenario.averaged, scenario.methods)
    deviations = scenario.scale * VARIANCES[scenario.variances](rng, shape)[..., None]
    scores = np.sqrt(deviations**2 + scenario.interaction / 2) * rng.normal(0, 1, (*shape, scenario.seeds))
    if scenario.averaged > 1:
        split = (sets, scenario.cells, scenario.averaged, scenario.methods)
        own, wide = scores.reshape(*split, -1), deviations.reshape(*split, 1)
        common = rng.normal(0, 1, (sets, scenario.cells, 1, scenario.methods, scenario.seeds)) * wide
        scores = (np.sqrt(1 - SHARED) * own + np.sqrt(SHARED) * common).mean(axis=2)
    scores = scores + np.sqrt(scenario.between / 2) * rng.normal(0, 1, (*scores.shape[:3], 1))
    return np.asarray(scores[:, :, 1:] - scores[:, :, :1])


def _found(scenario: Scenario, means: FloatArray, variances: FloatArray) -> tuple[BoolArray, BoolArray]:
    """Tell which differences of a result set are significant, with Holm and without.

    All methods are equal, so every difference that is found is an error. Holm makes one
    just where its first step, at the level over the number of comparisons, finds any.
    """
    degrees, comparisons = scenario.seeds - 1, scenario.methods - 1
    packaged = Prior(variance=2.0, source="archive") if scenario.packaged else None
    prior = prior_of([Sampled(cell, degrees) for cell in variances], packaged)
    joint, alone = np.empty(means.shape, dtype=np.bool_), np.empty(means.shape, dtype=np.bool_)
    for place, cell in enumerate(variances):
        drawn, freedom = prior.shrink(cell, degrees)
        seed_part, floor = drawn / scenario.seeds, scenario.interaction / scenario.seeds
        texts = np.full_like(drawn, scenario.between)
        joint[place] = np.abs(means[place]) > half_width(LEVEL / comparisons, freedom, seed_part, texts, floor)
        alone[place] = np.abs(means[place]) > half_width(LEVEL, freedom, seed_part, texts, floor)
    return joint, alone
