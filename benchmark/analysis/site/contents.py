"""What a site is made of: result sets, and of each trial what its page tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from sys import intern

from benchmark.analysis.comparability import Comparable
from benchmark.analysis.files import slug
from benchmark.analysis.frame import comparable_groups, tidy
from benchmark.analysis.result_set import ResultSet, complete_scores
from benchmark.analysis.scores.seed_arrays import SeedArrays
from benchmark.analysis.settings import result_sets
from benchmark.analysis.site.explained import PARTS, part_lines, rerun_command
from benchmark.analysis.verdict.families import Labels
from benchmark.contracts.errors import BenchmarkError, UnknownNameError
from benchmark.records.metric_specs import CHECKED_TEXTS
from benchmark.records.schema import HEADLINE_RULES, Record

OF_THE_CELL = "manifest"
"""The part of a record that all methods of a cell and seed share."""

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class TrialText:
    """What the page of a trial tells beside its scores.

    `parts` holds the lines of each part of the record, and `command` runs the trial
    again.
    """

    source: str
    parts: dict[str, tuple[str, ...]]
    command: str


@dataclass(frozen=True)
class Setting:
    """One encoder and recipe: its results, and the scores that comparisons take.

    `key` names it in addresses. `labels` says which labels of test texts made the
    scores in `column`: noisy ones only where no text has a better one. `scores` holds,
    by headline rule and cell, scores and correctness of the methods that have every
    seed.
    """

    key: str
    results: ResultSet
    labels: Labels
    column: str
    scores: dict[str, dict[str, SeedArrays]]


@dataclass(frozen=True)
class Contents:
    """All that a site shows.

    `trials` is by the trial's id, its status and the time at which it was made.
    """

    separation: Comparable
    settings: tuple[Setting, ...]
    trials: dict[Key, TrialText]


def contents_of(sources: Iterable[Path], records_of: Callable[[Path], Iterable[Record]], reference: str) -> Contents:
    """Read archives and separate what must not be averaged together.

    Parameters
    ----------
    sources
        The archives or run folders. The same record in several counts once.
    records_of
        Gives the records of one of them.
    reference
        The method that the others are compared with.

    Returns
    -------
    Contents
        What the site shows. No records, or none of the reference, is a BenchmarkError.
    """
    trials: dict[Key, TrialText] = {}
    frame = tidy(_passing(sources, records_of, trials))
    if frame.empty:
        raise BenchmarkError("There are no records to show. Run a grid first, or name an archive that holds some.")
    if reference not in set(frame["method"]):
        raise UnknownNameError("reference method", reference, set(frame["method"]))
    separation = comparable_groups(frame)
    return Contents(separation, tuple(map(_setting, result_sets(separation, reference))), trials)


def _setting(results: ResultSet) -> Setting:
    labels, column = _labels(results)
    scores = {rule: complete_scores(results, rule, column) for rule in HEADLINE_RULES}
    return Setting(slug(f"{results.encoder} {results.recipe}"), results, labels, column, scores)


def _labels(results: ResultSet) -> tuple[Labels, str]:
    """Give the best labels of test texts that there are, and the column of their
    scores.
    """
    checked = results.metric.column(CHECKED_TEXTS)
    if results.holds(results.column) or not (results.holds(checked) or results.without_clean_test):
        return "clean test labels", results.column
    return ("checked labels", checked) if results.holds(checked) else ("noisy test labels", results.agreement_column)


def _passing(
    sources: Iterable[Path], records_of: Callable[[Path], Iterable[Record]], trials: dict[Key, TrialText]
) -> Iterator[Record]:
    """Yield the records, and put into `trials` what the page of each tells."""
    for source in sources:
        for record in records_of(source):
            key = (record.trial, record.status, record.provenance.created)
            if key not in trials:
                trials[key] = _text(record, source)
            yield record


def _text(record: Record, source: Path) -> TrialText:
    told = record.model_copy(update={"curve": []})
    content = told.model_dump(mode="json", include=set(PARTS))
    parts = {part: tuple(intern(line) for line, _ in part_lines(content, part)) for part in PARTS if content.get(part)}
    return TrialText(str(source), parts, rerun_command(record, source))
