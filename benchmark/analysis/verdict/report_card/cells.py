"""The noisy cells of a result set as arrays, and the halves that their seeds form."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from benchmark.analysis.result_set import ResultSet, complete_scores
from benchmark.contracts.arrays import BoolArray, FloatArray
from benchmark.records.schema import HEADLINE_RULES

OBSERVED = "observed"
VALID = "noisy_valid_accuracy"
MOST_SEEDS = 5
CHOOSING = {2: 1, 3: 2, 4: 2, 5: 3}
"""How many seeds choose, by how many there are; the others score."""


@dataclass(frozen=True, slots=True)
class CellScores:
    """The ranked methods of a noisy cell that have every seed, the reference first.

    `scores` is the test accuracy and `valid` the accuracy on noisy validation labels,
    both of shape (rules, methods, seeds). `right` holds the correctness of each test
    text, (rules, methods, seeds, N), or None where a method lacks it.
    """

    cell: str
    corpus: str
    observed: bool
    methods: tuple[str, ...]
    seeds: tuple[int, ...]
    scores: FloatArray
    valid: FloatArray
    right: BoolArray | None


@dataclass(frozen=True, slots=True)
class Half:
    """The seeds that choose a method, and those that score it."""

    choosing: tuple[int, ...]
    scoring: tuple[int, ...]


def halves(seeds: tuple[int, ...]) -> list[Half]:
    """Give every way to choose on some of the first five seeds; none with one seed.

    >>> len(halves((1, 2, 3, 4, 5))), halves((1,))
    (10, [])
    """
    first = seeds[:MOST_SEEDS]
    size = CHOOSING.get(len(first), 0)
    chosen = itertools.combinations(first, size) if size else ()
    return [Half(some, tuple(seed for seed in first if seed not in some)) for some in chosen]


def noisy_cells(results: ResultSet) -> list[CellScores]:
    """Give the noisy cells that have the reference and another method in full."""
    arrays = {rule: complete_scores(results, rule, results.column) for rule in HEADLINE_RULES}
    valid = {
        rule: results.values(rule, VALID).pivot_table(index=["cell", "method"], columns="seed", values="value")
        for rule in HEADLINE_RULES
    }
    by_cell = results.trials.groupby("cell")["seed"].unique().items()
    seeds = {str(cell): tuple(sorted(map(int, mine))) for cell, mine in by_cell}
    found = []
    for cell, place in results.noisy_cells.iterrows():
        if any(str(cell) not in arrays[rule] for rule in HEADLINE_RULES):
            continue
        mine = [arrays[rule][str(cell)] for rule in HEADLINE_RULES]
        methods = [name for name in results.ranked if all(name in values for values, _ in mine)]
        if results.reference not in methods or len(methods) == 1:
            continue
        methods.sort(key=lambda name: name != results.reference)
        whole = all(name in bits for _, bits in mine for name in methods)
        places, own = [(cell, name) for name in methods], seeds[str(cell)]
        found.append(
            CellScores(
                cell=str(cell),
                corpus=str(place["corpus"]),
                observed=str(place["noise"]).startswith(OBSERVED),
                methods=tuple(methods),
                seeds=own,
                scores=np.stack([[values[name] for name in methods] for values, _ in mine]),
                valid=np.stack([valid[rule].loc[places, list(own)] for rule in HEADLINE_RULES]),
                right=np.stack([[bits[name] for name in methods] for _, bits in mine]) if whole else None,
            )
        )
    return found
