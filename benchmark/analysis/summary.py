"""What stands behind a verdict, in a few sentences."""

from __future__ import annotations

import pandas as pd

from benchmark.analysis.layout.format import plural, seeds_text
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.tables import claims_under_both
from benchmark.records.metric_specs import CHECKED_TEXTS
from benchmark.records.schema import HEADLINE_RULES

WITHOUT_CLEAN_TEST = (
    "No clean test labels are at hand: the tables show agreement with the noisy ones, and what takes clean labels to "
    "know is absent."
)

CHECKED = (
    "Of the test labels only those that were checked are clean: tables on checked labels say how accurate methods are, "
    "the others how far they agree with noisy labels."
)


def sentences(results: ResultSet) -> tuple[str, ...]:
    """Say what was compared, and what holds across cells where that can be decided."""
    if results.without_clean_test:
        checked = results.holds(results.metric.column(CHECKED_TEXTS))
        return _compared(results), CHECKED if checked else WITHOUT_CLEAN_TEST
    decidable = any(results.across(rule).decidable for rule in HEADLINE_RULES)
    return (_compared(results), *([claims_under_both(results)] if decidable else []))


def environment(frame: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    """Name the code, libraries and devices under which the records were made, with
    their values.
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
