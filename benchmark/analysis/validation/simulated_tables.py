"""The rates of simulated errors as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from benchmark.analysis.layout.format import number
from benchmark.analysis.layout.table import Cell, Column, Row, Table
from benchmark.analysis.validation.simulated import VARIANCES, Rates, Scenario, rates_of

METHODS = (6, 25)
SEEDS = (2, 3, 5, 10)
MODERATED = (3, 5, 10)
SCALES = (0.5, 1.0, 2.0, 4.0)
LARGE_CELLS, CORPORA, NOISES = 28, 8, 4
ALONE_SETS, LARGE_SETS, CORPORA_SETS = 3000, 120, 400
WORDS = (
    "All methods are equally good. First number: in how many cells or corpora of 100 any method is told from the "
    "reference after Holm, which must be 5 at most. In brackets: how many intervals of 100 hold the truth. Standard "
    "error of the first number: about 0.4."
)
CHOSEN = (
    "How many of 100 intervals of the method with the highest mean hold the truth, which must be 95 at least, with "
    "the allowance for the choice. In brackets: without it."
)

Shape = tuple[int, int]


def simulated_tables() -> Iterator[Table]:
    """Simulate each statement of docs/statistics.md, a table a statement."""
    one = _rates(lambda shape, name, texts: Scenario(1, *shape, name, texts), ALONE_SETS, SEEDS)
    yield _table("one-cell", "One cell, no prior at hand", WORDS, one, SEEDS, _errors)
    large = _rates(lambda shape, name, texts: Scenario(LARGE_CELLS, *shape, name, texts), LARGE_SETS, SEEDS)
    title = f"A set of {LARGE_CELLS} cells, its own prior"
    yield _table("large-set", title, WORDS, large, SEEDS, _errors)
    yield _packaged()
    for corpora, sets in ((1, ALONE_SETS), (CORPORA, CORPORA_SETS)):
        found = _rates(partial(_averaged, corpora), sets, SEEDS)
        title = f"Means over {NOISES} noises of {'one corpus' if corpora == 1 else f'each of {corpora} corpora'}"
        yield _table(f"corpora-{corpora}", title, WORDS, found, SEEDS, _errors)
        yield _table(f"chosen-{corpora}", f"{title}: the interval after the choice", CHOSEN, found, SEEDS, _chosen)


def _averaged(corpora: int, shape: Shape, name: str, texts: bool) -> Scenario:
    return Scenario(corpora, *shape, name, texts, averaged=NOISES)


def _packaged() -> Table:
    """Give a cell of five comparisons that takes the packaged prior, by its own
    scale.
    """
    columns = tuple(
        Column(f"{seeds} seeds", f"deviation {number(scale)} times the archive's")
        for scale in SCALES
        for seeds in MODERATED
    )
    rows = tuple(
        Row(
            name,
            tuple(
                _errors(rates_of(Scenario(1, METHODS[0], seeds, name, True, scale, packaged=True), ALONE_SETS))
                for scale in SCALES
                for seeds in MODERATED
            ),
        )
        for name in VARIANCES
    )
    title = "One cell of six methods, a prior of another archive"
    return Table("packaged", "across", title, WORDS, "variances between seeds", columns, rows)


Rated = dict[str, list[Rates]]


def _rates(scenario: Callable[[Shape, str, bool], Scenario], sets: int, seeds: Sequence[int]) -> Rated:
    """Give, by the label of a row, the rates of each number of methods and seeds."""
    return {
        f"{name}{', and texts' if texts else ''}": [
            rates_of(scenario((methods, each), name, texts), sets) for methods in METHODS for each in seeds
        ]
        for texts in (False, True)
        for name in VARIANCES
    }


def _table(
    key: str, title: str, words: str, found: Rated, seeds: Sequence[int], shown: Callable[[Rates], Cell]
) -> Table:
    columns = tuple(Column(f"{each} seeds", f"{methods} methods") for methods in METHODS for each in seeds)
    rows = tuple(Row(label, tuple(map(shown, rates))) for label, rates in found.items())
    return Table(key, "across", title, words, "what varies", columns, rows)


def _errors(rates: Rates) -> Cell:
    return Cell(f"{number(100 * rates.family)} ({number(100 * rates.covered)})")


def _chosen(rates: Rates) -> Cell:
    return Cell(f"{number(100 * rates.chosen)} ({number(100 * rates.chosen_alone)})")
