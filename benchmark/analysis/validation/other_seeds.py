"""Whether what some seeds say of the archives holds on the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.analysis.layout.format import number
from benchmark.analysis.layout.table import Cell, Column, Row, Table
from benchmark.analysis.result_set import ResultSet, complete_scores
from benchmark.analysis.scores.priors import packaged_prior
from benchmark.analysis.scores.seed_arrays import SeedArrays
from benchmark.analysis.statistics import Comparison, Prior, compare_with_best, prior_of, sampled_variances
from benchmark.analysis.statistics.interval import half_width
from benchmark.analysis.statistics.within import FEWEST_SEEDS, LEVEL, differences
from benchmark.analysis.verdict.report_card.cells import Half, halves
from benchmark.contracts.arrays import FloatArray
from benchmark.records.schema import HEADLINE_RULES

ALONE = Prior(degrees_of_freedom=0.0, of_set=True)
"""A prior that leaves each variance as it is."""
COVERAGE = (
    "Differences to {reference} in a cell: on some seeds, and on the others. Covers: how many of 100 differences on "
    "the others lie in the interval that the first seeds give for them. Half width: the median one of an interval for "
    "the mean of the first seeds, in points. Alone: each variance by itself; drawn: drawn towards the others. The test "
    "texts are the same on both sides and have no part here."
)
DECIDED = (
    "Differences to {reference} in a cell that are decided on three seeds, after Holm over the cell's methods, mean "
    "over all ways to take three of five. Against: decided differences that have the other sign on the two seeds that "
    "are left."
)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often the intervals of some seeds hold the differences on the others.

    `covered` and `half_width` are by whether variances are drawn towards the others.
    The former is a share of the comparisons, and the latter a median in shares of
    correct answers.
    """

    comparisons: int
    covered: Mapping[bool, float]
    half_width: Mapping[bool, float]


Cells = Mapping[str, SeedArrays]


def coverage_in(results: ResultSet, rule: str) -> Coverage | None:
    """Check the intervals of an archive's differences; None where seeds are too few."""
    covered: dict[bool, list[FloatArray]] = {False: [], True: []}
    widths: dict[bool, list[FloatArray]] = {False: [], True: []}
    for cells, half, places in _by_half(results, rule):
        some = {cell: _of_seeds(arrays, places[0]) for cell, arrays in cells.items()}
        priors = {False: ALONE, True: _prior(results, rule, some)}
        for cell, arrays in cells.items():
            found = differences(*some[cell], results.reference)
            others = differences(*_of_seeds(arrays, places[1]), results.reference)
            pairs = zip(found, others, strict=True)
            distances = np.array([abs(one.difference - other.difference) for one, other in pairs])
            for drawn, prior in priors.items():
                inside, width = _covered(found, distances, prior, half)
                covered[drawn].append(inside)
                widths[drawn].append(width)
    if not covered[True]:
        return None
    return Coverage(
        comparisons=sum(map(len, covered[True])),
        covered={drawn: float(np.concatenate(values).mean()) for drawn, values in covered.items()},
        half_width={drawn: float(np.median(np.concatenate(values))) for drawn, values in widths.items()},
    )


def _by_half(results: ResultSet, rule: str) -> Iterator[tuple[Cells, Half, tuple[list[int], list[int]]]]:
    """Yield cells of the same seeds with each way to halve these, and the places of
    both parts.
    """
    scores = complete_scores(results, rule, results.column)
    seeds = results.trials.groupby("cell")["seed"].unique().map(lambda mine: tuple(sorted(map(int, mine))))
    for own in dict.fromkeys(seeds):
        mine = [str(cell) for cell in seeds.index[seeds == own]]
        cells = {cell: scores[cell] for cell in mine if cell in scores and results.reference in scores[cell].scores}
        for half in halves(own):
            if len(half.choosing) >= FEWEST_SEEDS and cells:
                yield cells, half, ([own.index(s) for s in half.choosing], [own.index(s) for s in half.scoring])


def _of_seeds(arrays: SeedArrays, places: Sequence[int]) -> SeedArrays:
    """Give the arrays cut to the seeds at these places."""
    return SeedArrays(
        {name: row[places] for name, row in arrays.scores.items()},
        {name: rows[places] for name, rows in arrays.correct.items()},
    )


def _prior(results: ResultSet, rule: str, some: Cells) -> Prior:
    """Give the prior of these cells, as a report on their seeds would take it."""
    sampled = [sampled_variances(scores, results.reference) for scores, _ in some.values()]
    packaged = packaged_prior(results.encoder, results.recipe, rule, results.column)
    return prior_of([one for one in sampled if one.degrees_of_freedom], packaged)


def _covered(
    found: Sequence[Comparison], distances: FloatArray, prior: Prior, half: Half
) -> tuple[FloatArray, FloatArray]:
    """Tell which differences on the other seeds lie in their interval, as 0 or 1, and
    the intervals' half widths for the means of the first seeds.

    `distances` are those between the differences on both parts of the seeds. Such a
    distance varies as both means do, so its interval is wider than that of one mean.
    """
    first, others = len(half.choosing), len(half.scoring)
    variances, freedom = prior.shrink(np.array([one.deviation**2 for one in found]), first - 1)
    inside, widths = [], []
    for one, variance, distance in zip(found, variances.tolist(), distances.tolist(), strict=True):
        parts = 1 / first + 1 / others
        reach = half_width(LEVEL, freedom, variance * parts, 0.0, one.interaction * parts)
        inside.append(distance <= reach + 1e-12)
        widths.append(half_width(LEVEL, freedom, variance / first, 0.0, one.interaction / first))
    return np.array(inside, dtype=np.float64), np.array(widths)


def coverage_table(named: Sequence[tuple[str, ResultSet]]) -> Table:
    """Give the check of each archive that has enough seeds, a row a rule."""
    rows = []
    for name, results in named:
        for rule in HEADLINE_RULES:
            if (found := coverage_in(results, rule)) is None:
                continue
            texts = [str(found.comparisons)]
            for drawn in (False, True):
                texts += [number(100 * found.covered[drawn]), number(100 * found.half_width[drawn], 2)]
            rows.append(Row(f"{name}, {rule}", tuple(map(Cell, texts))))
    groups = [Column(name, group) for group in ("alone", "drawn") for name in ("covers", "half width")]
    caption = COVERAGE.format(reference=named[0][1].reference)
    title = "Some seeds of each archive against the others"
    return Table(
        "other-seeds", "across", title, caption, "archive, rule", (Column("differences"), *groups), tuple(rows)
    )


def power_table(name: str, results: ResultSet) -> Table:
    """Give what three seeds of an archive decide, and what the others contradict."""
    rows = []
    for rule in HEADLINE_RULES:
        counts: dict[bool, list[tuple[int, int]]] = {False: [], True: []}
        total = 0
        for cells, _, places in _by_half(results, rule):
            some = {cell: _of_seeds(arrays, places[0]) for cell, arrays in cells.items()}
            total = sum(len(scores) - 1 for scores, _ in some.values())
            for drawn, prior in {False: ALONE, True: _prior(results, rule, some)}.items():
                counts[drawn].append(_decided(results, cells, some, places[1], prior))
        means = [np.mean(counts[drawn], axis=0) for drawn in (False, True)]
        texts = [str(total), *(number(float(value)) for mean in means for value in mean)]
        rows.append(Row(rule, tuple(map(Cell, texts))))
    groups = [Column(head, group) for group in ("alone", "drawn") for head in ("decided", "against")]
    caption = DECIDED.format(reference=results.reference)
    title = f"Three seeds of {name}: what is decided"
    return Table("power", "across", title, caption, "rule", (Column("differences"), *groups), tuple(rows))


def _decided(results: ResultSet, cells: Cells, some: Cells, others: Sequence[int], prior: Prior) -> tuple[int, int]:
    """Count the differences to the reference that are significant on some seeds, and
    those of them with the other sign on the others.
    """
    decided = against = 0
    for cell, (scores, bits) in some.items():
        left = _of_seeds(cells[cell], others).scores
        for one in compare_with_best(scores, bits, results.reference, prior):
            if one.distinguishable:
                decided += 1
                other = float(np.mean(left[one.method] - left[results.reference]))
                against += one.difference * other < 0
    return decided, against
