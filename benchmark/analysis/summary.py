"""A report in a few sentences."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from benchmark.analysis.layout.format import plural, rule_name, seeds_text
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.tables import claims_under_both
from benchmark.analysis.tables.winners import NO_TEST, lead
from benchmark.records.schema import HEADLINE_RULES

MOST_NAMED = 3
WITHOUT_CLEAN_TEST = (
    "No clean test labels are at hand: the tables show agreement with the noisy ones, and what takes clean labels to "
    "know is absent."
)


def sentences(results: ResultSet) -> tuple[str, ...]:
    """What was compared, who is best and whether distinguishable, and what holds across
    cells.
    """
    if results.without_clean_test:
        return (_compared(results), WITHOUT_CLEAN_TEST)
    verdicts = [f"Across cells, {rule_name(rule)}: {results.across(rule).verdict}." for rule in HEADLINE_RULES]
    found = [_compared(results), *(_best(results, rule) for rule in HEADLINE_RULES), *verdicts]
    return (*found, claims_under_both(results))


def environment(frame: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    """Under which code, libraries and devices the records were made: name and
    values.
    """
    trials = frame.drop_duplicates(["trial", "status", "created"])
    found = [(name, _values(trials[column])) for name, column in _ENVIRONMENT.items()]
    created = trials["created"].dropna()
    if len(created):
        found.append(("made", f"{created.min()} to {created.max()}"))
    return tuple((name, value) for name, value in found if value)


_ENVIRONMENT = {
    "protocol version": "protocol",
    "benchmark version": "benchmark_version",
    "git commit": "git_commit",
    "device": "device",
    "threads a trial": "threads",
    "libraries": "versions",
}


def _values(column: pd.Series) -> str:
    counts = column.dropna().astype(str).value_counts()
    ordered = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    if len(ordered) == 1:
        return str(ordered[0][0])
    return "; ".join(f"{value} ({plural(int(count), 'record')})" for value, count in ordered)


def _compared(results: ResultSet) -> str:
    methods, trials, cells = results.methods, results.trials, results.cells
    failed = int((trials["status"] == "failed").sum())
    unranked = int((methods["oracle"] | methods["control"]).sum())
    words = (
        f"Compared: {plural(len(methods), 'method')} on {plural(cells['corpus'].nunique(), 'corpus', 'corpora')} in "
        f"{plural(len(cells), 'cell')} with {seeds_text(*results.seed_range)} each ({results.name}); "
        f"{plural(len(trials) - failed, 'finished trial')}, {failed} failed."
    )
    return words + (f" {plural(unranked, 'method')} shown but never ranked (oracle or control)." if unranked else "")


def _best(results: ResultSet, rule: str) -> str:
    verdicts = results.verdicts(rule)
    name = f"{rule_name(rule)[:1].upper()}{rule_name(rule)[1:]}"
    if not verdicts:
        return f"{name}: no cell has a ranked method with every seed."
    wins = Counter(method for verdict in verdicts.values() for method in verdict.best)
    alone = Counter(verdict.best[0] for verdict in verdicts.values() if lead(verdict) == "all")
    tested = any(lead(verdict) != NO_TEST for verdict in verdicts.values())
    ordered = sorted(wins, key=lambda method: (-wins[method], method))
    named = [
        f"{method} is best in {wins[method]} of {plural(len(verdicts), 'cell')}"
        + (f" (distinguishable from all others in {alone[method]})" if tested else "")
        for method in ordered[:MOST_NAMED]
    ]
    rest = len(ordered) - MOST_NAMED
    more = f"; {plural(rest, 'other method')} in fewer or as many" if rest > 0 else ""
    untested = "" if tested else " (no test within a cell: it takes two seeds)"
    return f"{name}: {'; '.join(named)}{more}{untested}."
