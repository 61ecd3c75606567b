"""The leaderboard of some cells: rank, gain with interval, price.

Below six corpora the cells are one family: gains are means over them, and the intervals
know seeds and, on one corpus, test texts. From six corpora on, blocks of corpus and
noise kind are compared, and the intervals are those over corpora. Both are what
a report gives for the same cells.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from benchmark.analysis.layout.format import plural
from benchmark.analysis.scores.comparable import blocks_of
from benchmark.analysis.site.contents import Setting
from benchmark.analysis.site.full_table import largest_full_table
from benchmark.analysis.statistics import Across, compare_blocks
from benchmark.analysis.statistics.across import FEWEST_CORPORA, AgainstReference
from benchmark.analysis.verdict.families import families_by
from benchmark.analysis.verdict.prices import prices_in
from benchmark.analysis.verdict.recommendation import Gain, gains_of
from benchmark.records.schema import HEADLINE_RULES

ONE_FAMILY = "one family"
NAN = math.nan


@dataclass(frozen=True, slots=True)
class Standing:
    """A method on some cells; gains are means over both rules, as shares.

    `place` counts from 1 by gain, and is None for a method that lacks some of the
    ranked cells. Its gain is then that over the blocks of corpus and noise kind that
    it shares with the reference. `low` and `high` bound the gain. `rank` is the mean
    rank over `blocks` blocks. `ratio` is what a trial takes as a multiple of the
    reference's seconds. What is unknown is not a number.
    """

    method: str
    place: int | None
    gain: float
    low: float = NAN
    high: float = NAN
    rank: float = NAN
    ratio: float = NAN
    blocks: int = 0


@dataclass(frozen=True, slots=True)
class Standings:
    """The standings on some cells, best first; those without a place come last.

    `words` say what they are means of, and are all there is where the reference has no
    other method beside it.
    """

    rows: tuple[Standing, ...]
    words: str


def standings(setting: Setting, cells: pd.DataFrame) -> Standings:
    """Give the leaderboard of noisy cells, which are rows of those of the results."""
    results = setting.results
    complete = _complete(setting, cells)
    chosen, methods = largest_full_table(complete, results.reference)
    if not chosen:
        return Standings((), f"No method was measured here in full beside {results.reference}.")
    ranked = cells.loc[chosen]
    rows = _ranked(setting, ranked, methods)
    rows = [dataclasses.replace(row, place=place) for place, row in enumerate(sorted(rows, key=_order), 1)]
    others = sorted(_others(setting, cells, methods), key=_order)
    return Standings((*rows, *others), _words(ranked, len(methods), len(cells) - len(ranked)))


def _order(row: Standing) -> tuple[float, str]:
    return -round(row.gain, 12), row.method


def _complete(setting: Setting, cells: pd.DataFrame) -> pd.DataFrame:
    """Tell by cell and ranked method whether every seed was scored under both rules."""
    by_rule = [setting.scores[rule] for rule in HEADLINE_RULES]
    found = {
        cell: {
            one: all(cell in scores and one in scores[cell].scores for scores in by_rule)
            for one in setting.results.ranked
        }
        for cell in map(str, cells.index)
    }
    return pd.DataFrame.from_dict(found, orient="index", columns=list(setting.results.ranked)).astype(bool)


def _ranked(setting: Setting, cells: pd.DataFrame, methods: Collection[str]) -> list[Standing]:
    """Give the methods that have all of these cells."""
    reference = setting.results.reference
    across = _across(setting, cells, methods)
    gains = _family_gains(setting, cells) or {one.method: one for one in across.comparisons}
    ratios = prices_in(setting.results, list(cells.index)).ratios
    rows = [Standing(one, None, gains[one].difference, gains[one].low, gains[one].high) for one in gains]
    return [
        dataclasses.replace(
            row,
            rank=across.ranks.get(row.method, NAN),
            ratio=ratios.get(row.method, NAN),
            blocks=len(across.blocks),
        )
        for row in [*rows, Standing(reference, None, 0.0)]
    ]


def _family_gains(setting: Setting, cells: pd.DataFrame) -> Mapping[str, Gain | AgainstReference]:
    """Give the gains over all cells as one family.

    There are none where corpora are the units, and where cells have different numbers
    of seeds.
    """
    if cells["corpus"].nunique() >= FEWEST_CORPORA:
        return {}
    family = families_by(setting.scores, setting.results, cells.assign(corpus=ONE_FAMILY), setting.labels)
    return gains_of(family[0]) if family else {}


def _others(setting: Setting, cells: pd.DataFrame, ranked: Collection[str]) -> list[Standing]:
    """Give the methods that lack some of the ranked cells, over the blocks that they
    share with the reference.
    """
    results = setting.results
    ratios = prices_in(results, list(cells.index)).ratios
    return [
        Standing(one.method, None, one.difference, ratio=ratios.get(one.method, NAN), blocks=one.blocks)
        for one in _across(setting, cells, results.ranked).comparisons
        if one.method not in ranked
    ]


def _across(setting: Setting, cells: pd.DataFrame, methods: Collection[str]) -> Across:
    """Compare the means over both rules, block by block."""
    results = setting.results
    found = [blocks_of(results.scores(rule, setting.column), cells, setting.column) for rule in HEADLINE_RULES]
    (first, corpora), (second, _) = found
    return compare_blocks(((first + second) / 2)[list(methods)], results.reference, corpora, list(methods))


def _words(cells: pd.DataFrame, methods: int, without: int) -> str:
    corpora = cells["corpus"].nunique()
    where = f"{plural(len(cells), 'cell')} of {plural(corpora, 'corpus', 'corpora')}"
    if corpora < FEWEST_CORPORA:
        known = "seeds and test texts" if corpora == 1 else "seeds, not over other corpora"
        said = f"Means over {where} and both rules. Intervals are over {known}, and hold together for all methods."
    else:
        blocks = cells[["corpus", "noise_kind"]].drop_duplicates().shape[0]
        said = (
            f"Means over {where} ({plural(blocks, 'block')} of corpus and noise kind) and both rules. Intervals are "
            "over corpora, each for its method alone; each corpus counts once there, and each block in a gain."
        )
    if without:
        more = f"{plural(without, 'more cell')} lack{'s' if without == 1 else ''} some"
        said += f" Ranked are the {methods} methods that have all of these; {more}, as do the methods without a rank."
    return said
