"""The verdict in plain words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchmark.analysis.layout.format import duration, metric_gain, metric_text, number, plural
from benchmark.analysis.reproduce import command_for
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.statistics.within import LEVEL
from benchmark.analysis.verdict.archives import fallback
from benchmark.analysis.verdict.families import kinds_of, named
from benchmark.analysis.verdict.next_step import NextStep
from benchmark.analysis.verdict.recommendation import Recommendation, RuleGain, recommendations
from benchmark.records.metric_specs import MetricSpec

MOST_NAMED = 4
MOST_FAILING = 2
CHECKED_WELL = 100
NO_VERDICT = "No verdict: it takes a noisy cell in which {reference} and another ranked method have every seed."
INCOMPLETE = (
    "{name}: no verdict. It takes {reference} and another ranked method with every seed in all of its noisy cells, and "
    "trials are missing or failed."
)
TENTHS_BELOW = 10.0
AT = {"last": "at the last point of training", "noisy_valid": "at the best point on noisy validation labels"}


def opening(results: ResultSet) -> tuple[str, ...]:
    """Give what a report opens with: a sentence or a few for each corpus."""
    found = [one for one in recommendations(results) if one.compared]
    told = *(sentence(one, results.metric) for one in found), *without_verdict(results)
    return told or (NO_VERDICT.format(reference=results.reference),)


def without_verdict(results: ResultSet) -> tuple[str, ...]:
    """Name each corpus that has no verdict although the reference and another ranked
    method ran on its noisy cells, and say what is missing.
    """
    of = dict(zip(results.cells.index, kinds_of(results.cells), strict=True))
    ran: dict[str, set[str]] = {named(*of[cell]): set() for cell in results.noisy_cells.index}
    trials = results.trials[results.trials["method"].isin(results.ranked)]
    for cell, method in zip(trials["cell"], trials["method"], strict=True):
        ran.get(named(*of[cell]), set()).add(method)
    told = {one.name for one in recommendations(results) if one.compared}
    return tuple(
        INCOMPLETE.format(name=name, reference=results.reference)
        for name, methods in ran.items()
        if name not in told and results.reference in methods and len(methods) > 1
    )


def next_steps(results: ResultSet, prefix: str = "") -> tuple[str, ...]:
    """Say for each corpus what would settle what is open, with the command.

    The names of the grid files that a report writes begin with the prefix.
    """
    return tuple(_step(results, one, one.next_step, prefix) for one in recommendations(results) if one.next_step)


def command_of(results: ResultSet, found: Recommendation, step: NextStep, prefix: str = "") -> str:
    """Give the command of a next step, empty where the trials' conditions are not
    known.
    """
    return command_for(results, found.corpus, found.noises, step.methods, step.seeds, prefix)


def step_words(found: Recommendation, step: NextStep) -> str:
    """Say what a next step is and what it costs, without a stop and without the
    command.
    """
    minutes = "" if step.seconds is None else f", about {duration(step.seconds)} of one worker"
    return (
        f"To be surer of {found.name}: {plural(len(step.seeds), 'more seed')} of {some(step.methods)}, "
        f"{plural(step.trials, 'trial')}{minutes}"
    )


def _step(results: ResultSet, found: Recommendation, step: NextStep, prefix: str) -> str:
    said, command = step_words(found, step), command_of(results, found, step, prefix)
    return f"{said}: {command}" if command else f"{said}."


def sentence(found: Recommendation, metric: MetricSpec) -> str:
    """Say what to use on one corpus, what it brings, and what it costs."""
    return " ".join(sentences_of(found, metric))


def sentences_of(found: Recommendation, metric: MetricSpec) -> tuple[str, ...]:
    """Give the verdict on one corpus sentence by sentence: what to use, what that
    brings, and what else is to be known.
    """
    if found.standing == "noisy labels":
        said = [
            f"{found.name}: noisy test labels do not settle which method to use where the noise is real.",
            *_beforehand(found),
        ]
    elif found.standing == "checked labels":
        said = [
            *_by_checked(found, metric),
            _close(found),
            _needs(found),
            _failed(found),
            _more(found),
        ]
    elif found.standing == "untested":
        untested = f"{found.name}: nothing is decided yet, as a test takes two seeds and there is one."
        said = [untested, _highest(found, metric)]
    elif found.standing == "none better":
        said = [f"{found.name}: stay with {found.reference}.", _none_better(found), _highest(found, metric)]
    else:
        said = [
            f"{found.name}: use {found.method}.",
            _better(found, metric),
            _close(found),
            _needs(found),
            _failed(found),
        ]
    return (*filter(None, said), *found.warnings)


def _better(found: Recommendation, metric: MetricSpec) -> str:
    gain = found.gain
    assert gain is not None
    amount = f"{metric_text(metric, gain.difference)} {metric.unit}{interval(gain.low, gain.high, metric)}"
    than = "above" if metric.higher_is_better else "better than"
    return f"It is {amount} {than} {found.reference}{_where(found.noises)}{_price(found)}."


def _beforehand(found: Recommendation) -> list[str]:
    """Say what to use where noisy labels cannot choose, and what would choose."""
    known = fallback()
    said = [
        f"Use {known.method}, at {times(known.ratio)} the time: of the methods that nowhere in the archives lost three "
        f"points or more, it gained most on {known.cells} observed noises (archive {known.archive}), {known.gain:.1f} "
        "points over cross_entropy.",
        "It was not run here." if found.networks is None else "",
        f"To run all methods and choose one by noisy labels gained {known.noisy_labels:.1f} there.",
    ]
    if found.checked:
        said.append(
            f"{plural(found.checked, 'checked label')} {'is' if found.checked == 1 else 'are'} too few to choose."
        )
    if known.enough is not None:
        (size, gain), more = known.enough, dict(known.checked)[CHECKED_WELL]
        said.append(
            f"Better check the labels of {size} to {CHECKED_WELL} texts, in a column that is empty for the others "
            f"(--clean-column): a choice by {size} gained {gain:.1f} points there, and one by {CHECKED_WELL} "
            f"{more:.1f}."
        )
    return said


def _by_checked(found: Recommendation, metric: MetricSpec) -> list[str]:
    """Say what the checked labels chose, and what it brings on them."""
    if found.method == found.reference:
        better = "higher" if metric.higher_is_better else "lower"
        stay = f"stay with {found.reference}, which {found.checked} checked labels chose: no mean on them is {better}."
        return [f"{found.name}: {stay}", _highest(found, metric)]
    return [f"{found.name}: use {found.method}, which {found.checked} checked labels chose.", _better(found, metric)]


def _more(found: Recommendation) -> str:
    """Say what more checked labels have brought where it was measured."""
    known = fallback()
    sizes = dict(known.checked)
    now = max((size for size in sizes if size <= found.checked), default=0)
    more = min((size for size in sizes if size > found.checked), default=0)
    if not now or not more:
        return ""
    return (
        f"On {known.cells} observed noises (archive {known.archive}) a choice by {now} checked labels gained "
        f"{sizes[now]:.1f} points, and one by {more} {sizes[more]:.1f}."
    )


def _failed(found: Recommendation) -> str:
    """Say what broke the method where it was measured."""
    cells = found.failing[:MOST_FAILING]
    if not cells:
        return ""
    each = [f"{-one.difference:.1f} points below on {one.corpus} {one.noise} with {one.encoder}" for one in cells]
    rest = len(found.failing) - len(cells)
    more = f", and so in {plural(rest, 'other cell')}" if rest else ""
    return f"It has failed elsewhere: {' and '.join(each)}{more}."


def _none_better(found: Recommendation) -> str:
    if found.compared == 1:
        return "The other method is not better than it beyond luck under both ways to stop."
    return f"None of {found.compared} other methods is better than it beyond luck under both ways to stop."


def _highest(found: Recommendation, metric: MetricSpec) -> str:
    gain = found.gain
    assert gain is not None
    ways = ", and ".join(_under(one, metric) for one in found.by_rule)
    best = "Highest" if metric.higher_is_better else "Lowest"
    return f"{best if gain.difference > 0 else 'Nearest'} is {gain.method}{_where(found.noises)}: {ways}."


def _under(one: RuleGain, metric: MetricSpec) -> str:
    # Differences are positive where a method is better, and a lower value is told as lower.
    change = one.difference if metric.higher_is_better else -one.difference
    said = f"{metric_gain(metric, change)} {metric.unit} {AT[one.rule]}"
    if math.isnan(one.p_holm):
        return said
    return f"{said}, {'' if one.p_holm <= LEVEL else 'not '}beyond luck"


def _close(found: Recommendation) -> str:
    if not found.not_told_from:
        return "It is told apart from all others." if found.compared > 1 else ""
    return f"Not told apart from {some(found.not_told_from)}."


def _needs(found: Recommendation) -> str:
    return f"It needs {' and '.join(found.needs)}." if found.needs else ""


def _price(found: Recommendation) -> str:
    return "" if found.ratio is None else f", at {times(found.ratio)} the time"


def _where(noises: Sequence[str]) -> str:
    return f" under {noises[0]}" if len(noises) == 1 else f" on average over {len(noises)} noises"


def interval(low: float, high: float, metric: MetricSpec) -> str:
    """Give an interval in brackets with a blank before it, or nothing without one."""
    if math.isnan(low):
        return ""
    return f" (95 % interval {metric_text(metric, low)} to {metric_text(metric, high)})"


def times(ratio: float) -> str:
    """Give a ratio of seconds in words.

    >>> times(5.13), times(1.0), times(23.4)
    ('5.1 times', '1.0 times', '23 times')
    """
    return f"{number(ratio, 1 if ratio < TENTHS_BELOW else 0)} times"


def some(names: Sequence[str]) -> str:
    """List the first names, and count the others.

    >>> some(["a", "b"]), some(list("abcdefg"))
    ('a and b', 'a, b, c, d and 3 others')
    """
    if len(names) <= MOST_NAMED:
        return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return f"{', '.join(names[:MOST_NAMED])} and {plural(len(names) - MOST_NAMED, 'other')}"
