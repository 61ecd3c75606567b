"""What a report is about: its corpora, when it was measured, and under which code."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from benchmark.analysis.layout.format import plural

MOST_CORPORA = 3
MOST_COMMITS = 2


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a page, and the facts below it, each a few words."""

    title: str
    facts: tuple[str, ...]


def heading(frame: pd.DataFrame) -> Heading:
    """Give the heading of a report on the trials of a tidy frame."""
    corpora = sorted(set(frame["corpus"].astype(str)))
    few = len(corpora) <= MOST_CORPORA
    title = f"Learning with noisy labels: {', '.join(corpora) if few else plural(len(corpora), 'corpus', 'corpora')}"
    facts = [] if few else [", ".join(corpora)]
    return Heading(title, (*facts, *_measured(frame), _commits(frame)))


def _measured(frame: pd.DataFrame) -> list[str]:
    """Give the day of the trials, or the first and the last."""
    days = sorted({str(moment)[:10] for moment in frame["created"].dropna()})
    if not days:
        return []
    return [f"measured {days[0]}" if len(days) == 1 else f"measured {days[0]} to {days[-1]}"]


def _commits(frame: pd.DataFrame) -> str:
    counts = frame.drop_duplicates("trial")["git_commit"].dropna().astype(str).value_counts()
    commits = sorted(counts.index, key=lambda name: (-counts[name], name))
    if not commits:
        return "commit not known"
    if len(commits) == 1:
        return f"commit {commits[0]}"
    rest = len(commits) - MOST_COMMITS
    named = f"commits {', '.join(commits[:MOST_COMMITS])}"
    return named + (f" and {plural(rest, 'other')}" if rest > 0 else "")
