"""What would settle what a verdict leaves open: how many more seeds of which methods.

Methods whose means differ by less than what counts as practically none are not told
apart by more seeds, as either will do. The number of seeds is that with which the test
finds the measured difference with 80 % power at the first step of Holm. It rests on the
deviation of few seeds and is rough.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.statistics import Comparison, compare_with_best
from benchmark.analysis.statistics.power_within import seeds_needed
from benchmark.analysis.statistics.within import FEWEST_SEEDS, LEVEL
from benchmark.analysis.verdict.families import Family

MOST_MORE = 20
FIRST_SEEDS = 5
"""How many seeds a first test should have."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """Trials that would settle what is open on a corpus.

    `settles` are the methods in question, and `methods` those to be run. The reference
    is among these, since a method is compared only where it has every seed. `seeds` are
    the new ones. `seconds` are those of one worker, and None where they are unknown.
    """

    settles: tuple[str, ...]
    methods: tuple[str, ...]
    seeds: tuple[int, ...]
    trials: int
    seconds: float | None


def next_step(
    results: ResultSet, family: Family, method: str, close: Sequence[str], seconds: Mapping[str, float]
) -> NextStep | None:
    """Give the seeds that would settle what is open; None where seeds would not.

    Parameters
    ----------
    results, family : the corpus.
    method : the recommended method, which may be the reference.
    close : the methods that are not told apart from it.
    seconds : the median seconds of a trial by method.
    """
    if family.seeds < FEWEST_SEEDS:
        every = (family.reference, *(name for name in family.compared if name != family.reference))
        return _step(results, family, every[1:], every, FIRST_SEEDS - family.seeds, seconds)
    if method == family.reference:
        needed = _for_a_gain(results, family)
    else:
        needed = _to_tell_apart(results, family, method, close)
    more = {name: seeds - family.seeds for name, seeds in needed.items() if 0 < seeds - family.seeds <= MOST_MORE}
    if not more:
        return None
    settles = tuple(sorted(more, key=family.score, reverse=True))
    run = tuple(dict.fromkeys([method, *settles, family.reference]))
    return _step(results, family, settles, run, max(more.values()), seconds)


def _to_tell_apart(results: ResultSet, family: Family, method: str, close: Sequence[str]) -> dict[str, int]:
    """Tell how many seeds tell each close method from the recommended one."""
    found = compare_with_best(*family.both, method, family.prior)
    level = LEVEL / max(len(close), 1)
    return _needed(results, {one.method: [one] for one in found if one.method in close}, level)


def _for_a_gain(results: ResultSet, family: Family) -> dict[str, int]:
    """Tell how many seeds show the highest mean to be better than the reference under
    both rules.
    """
    if not family.compared:
        return {}
    highest = max(family.compared, key=family.score)
    found = [by_method[highest] for by_method in family.by_rule.values()]
    if min(one.difference for one in found) <= 0:
        return {}
    return _needed(results, {highest: found}, LEVEL / len(family.compared))


def _needed(results: ResultSet, found: Mapping[str, Iterable[Comparison]], level: float) -> dict[str, int]:
    """Tell how many seeds decide every comparison of a method.

    Differences that are practically none count for nothing. A method is left out where
    no number of seeds decides one of the others.
    """
    needed = {}
    for method, several in found.items():
        seeds = [
            seeds_needed(abs(one.difference), one.deviation, one.example_variance or 0.0, level, one.interaction)
            for one in several
            if abs(one.difference) >= results.metric.practically_equal
        ]
        if seeds and None not in seeds:
            needed[method] = max(each for each in seeds if each is not None)
    return needed


def _step(
    results: ResultSet,
    family: Family,
    settles: Sequence[str],
    methods: Sequence[str],
    more: int,
    seconds: Mapping[str, float],
) -> NextStep:
    cells = len(family.noises)
    known = all(name in seconds for name in methods)
    trials = results.trials[results.trials["cell"].isin(family.cells(results))]
    taken = sorted(set(map(int, trials["seed"])))
    new = [seed for seed in range(taken[-1] + 1 + more) if seed not in taken][:more]
    return NextStep(
        settles=tuple(settles),
        methods=tuple(methods),
        seeds=tuple(new),
        trials=more * cells * len(methods),
        seconds=more * cells * sum(seconds[name] for name in methods) if known else None,
    )
