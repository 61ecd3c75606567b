"""Which records may be averaged together; the others are named and set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pandas as pd

from benchmark.analysis.layout.format import plural

Frame = pd.DataFrame
SETTING = ["encoder", "recipe"]
PLACE = [*SETTING, "corpus", "noise"]
CONDITIONS = (
    ("weights", SETTING, "other encoder weights under the same name"),
    ("recipe_digest", [*SETTING, "corpus"], "another recipe under the same name, as with other epochs"),
    ("threads", [*SETTING, "corpus"], "another number of threads a trial"),
)
TEXTS = ("corpus_fingerprint", [*SETTING, "corpus"], "other texts or clean labels under the same name, or other limits")
"""What must be the same for all records that a table puts together: column, within
what, and why it matters.
"""
MOST_TRIALS_NAMED = 5


@dataclass(frozen=True, slots=True)
class Group:
    """Records that were set aside: what they are, how many, and what was kept in their
    place.
    """

    name: str
    records: int
    kept: str
    reason: str

    def __str__(self) -> str:
        records = plural(self.records, "record")
        return f"{self.name}: {records} kept apart ({self.reason}); the tables show {self.kept}."


@dataclass(frozen=True)
class Comparable:
    """The rows that may meet in a mean, and the groups that were set aside.

    `settings` lists the pairs of encoder and recipe: all are kept, each with its own
    tables.
    """

    kept: Frame
    groups: tuple[Group, ...]
    settings: tuple[tuple[str, str], ...]

    def sentences(self) -> tuple[str, ...]:
        """Give what was kept apart, in words."""
        found = [str(group) for group in self.groups]
        if len(self.settings) > 1:
            names = "; ".join(f"{encoder} with recipe {recipe}" for encoder, recipe in self.settings)
            found.insert(0, f"Encoders and recipes are never averaged together, each has its own tables: {names}.")
        return tuple(found)


def comparable_groups(frame: Frame) -> Comparable:
    """Tell which rows may be averaged together, and in words what was set aside.

    Of each of these the following is kept, and of equals the newest:

    - of the protocol, the newest version
    - of an encoder and recipe, the weights that most records have, and on each of its
      corpora their recipe's content, texts and threads
    - of a corpus and noise, the cell with the most records, if there are still several
    - of a method, the highest version, and the noise-rate estimator of most records
    - of a seed, the noisy labels that most records saw
    - of a trial that is found twice, a finished and then the newest record
    """
    groups: list[Group] = []
    whole = len(frame)
    conditions = [partial(_condition, *condition) for condition in CONDITIONS]
    steps: list[Callable[[Frame], Step]] = [_protocols, *conditions, _cells, _corpora, partial(_condition, *TEXTS)]
    for step in [*steps, _versions, _estimators, _manifests, _repeats, _contradictions]:
        stays = _collect(step(frame), frame, groups)
        frame = frame if stays.all() else frame[stays]
    again = frame.duplicated(RESULT)
    frame = frame[~again] if again.any() else frame
    settings = frame[SETTING].drop_duplicates().sort_values(SETTING)
    pairs = tuple((str(encoder), str(recipe)) for encoder, recipe in settings.itertuples(index=False))
    # A large frame is not copied without need.
    kept = frame if len(frame) == whole else frame.reset_index(drop=True)
    return Comparable(kept, tuple(groups), pairs)


RESULT = ["cell", "method", "seed", "rule"]

Step = Iterator[tuple["pd.Index[int]", str, str, str]]
"""Rows to set aside, their name, what is kept instead, and why."""


def _collect(step: Step, frame: Frame, groups: list[Group]) -> pd.Series[bool]:
    stays = pd.Series(True, index=frame.index)
    for index, name, kept, reason in step:
        stays[index] = False
        groups.append(Group(name, _count(frame.loc[index]), kept, reason))
    return stays


def _count(rows: Frame) -> int:
    return len(rows[["trial", "status", "created"]].drop_duplicates())


def _protocols(frame: Frame) -> Step:
    newest = frame["protocol"].max() if len(frame) else None
    for version, rows in frame.groupby("protocol"):
        if version != newest:
            name, kept = f"Protocol version {version}", f"version {newest}"
            yield rows.index, name, kept, "versions of the protocol never meet"


def _condition(column: str, within: list[str], reason: str, frame: Frame) -> Step:
    what = column.removesuffix("_digest").replace("_", " ")
    for key, rows in _split(frame, within, column):
        best = _foremost(rows, column)
        encoder, recipe, *corpus = key
        where = f"{''.join(corpus)} ({encoder}, {recipe})".strip()
        for value, others in rows.groupby(column):
            if str(value) != best:
                yield others.index, f"{where}, {what} {_short(value)}", f"{what} {_short(best)}", reason


def _cells(frame: Frame) -> Step:
    reason = "same corpus and noise, but another version of the noise, another card or other limits"
    for place, rows in _split(frame, PLACE, "cell"):
        best = _foremost(rows, "cell")
        for cell, others in rows.groupby("cell"):
            if cell != best:
                name, kept = f"{_where(place)}, cell {_short(cell)}", f"cell {_short(best)}"
                yield others.index, name, kept, reason


def _corpora(frame: Frame) -> Step:
    """Set aside the trials of a cell that saw other texts than most.

    A card's digest does not say what is installed, so the texts themselves must be the
    same for all seeds of a cell.
    """
    for _, rows in _split(frame, ["cell"], "corpus_fingerprint"):
        best = _foremost(rows, "corpus_fingerprint")
        where = _where(tuple(rows[PLACE].iloc[0]))
        for fingerprint, others in rows.groupby("corpus_fingerprint"):
            if fingerprint != best:
                name = f"{where}, corpus {_short(fingerprint)}: {_trials(others)}"
                yield others.index, name, f"corpus {_short(best)}", "other texts or clean labels in the same cell"


def _versions(frame: Frame) -> Step:
    for (encoder, recipe, method), rows in _split(frame, [*SETTING, "method"], "method_version"):
        newest = rows["method_version"].max()
        for version, others in rows.groupby("method_version"):
            if version != newest:
                name, kept = f"{method} version {version} ({encoder}, {recipe})", f"version {newest}"
                yield others.index, name, kept, "an older version of the method"


def _estimators(frame: Frame) -> Step:
    for (encoder, recipe, method), rows in _split(frame, [*SETTING, "method"], "rate_estimator"):
        best = _foremost(rows, "rate_estimator")
        for estimator, others in rows.groupby("rate_estimator"):
            if estimator != best:
                name = f"{method} with noise rates by {estimator} ({encoder}, {recipe})"
                yield others.index, name, f"those by {best}", "another estimator of the noise rate"


def _manifests(frame: Frame) -> Step:
    for (_, seed), rows in _split(frame, ["cell", "seed"], "manifest_fingerprint"):
        best = _foremost(rows, "manifest_fingerprint")
        where = _where(tuple(rows[PLACE].iloc[0]))
        for fingerprint, others in rows.groupby("manifest_fingerprint"):
            if fingerprint != best:
                name = f"{where}, seed {seed}, noisy labels {_short(fingerprint)}: {_trials(others)}"
                kept = f"noisy labels {_short(best)}"
                yield others.index, name, kept, "other noisy labels in the same cell"


def _repeats(frame: Frame) -> Step:
    key = ["cell", "method", "seed"]
    each = frame.drop_duplicates([*key, "trial", "status", "created"])
    ordered = each.sort_values(["status", "created", "trial"], ascending=[True, False, True], kind="stable")
    first = ordered.drop_duplicates(key)[[*key, "trial", "status", "created"]]
    if len(first) == len(each):
        return
    marked = frame.merge(first.assign(_first=True), how="left", on=[*key, "trial", "status", "created"])
    index = frame.index[marked["_first"].isna().to_numpy()]
    yield index, "Repeated trials", "one record a trial", "finished before failed, then the newest"


def _contradictions(frame: Frame) -> Step:
    """Set aside what repeats a result and says something else."""
    again = frame.duplicated(RESULT)
    if not again.any():
        return
    other = again & ~frame.duplicated()
    if other.any():
        name = f"Other results of the same trials: {_trials(frame[other])}"
        yield frame.index[other], name, "the first of each", "at most one of them is what the trial gave"


def _split(frame: Frame, by: list[str], column: str) -> Iterator[tuple[tuple[str, ...], Frame]]:
    """Yield the groups in which a column takes several values.

    The others are never touched, which keeps this quick.
    """
    several = frame.groupby(by)[column].transform("nunique") > 1
    for key, rows in frame[several].groupby(by):
        yield tuple(str(part) for part in key), rows


def _foremost(rows: Frame, column: str) -> str:
    """Give the value with the most finished records, then the most records, then the
    newest one.
    """
    each = rows.drop_duplicates(["trial", "status", "created"]).assign(done=lambda r: r["status"] == "done")
    counts = each.groupby(column).agg(done=("done", "sum"), size=("trial", "size"), newest=("created", "max"))
    ordered = counts.reset_index().sort_values(
        ["done", "size", "newest", column], ascending=[False, False, False, True]
    )
    return str(ordered[column].iloc[0])


def _trials(rows: Frame) -> str:
    """Name each trial by its method and the beginning of its id."""
    each = rows[["method", "trial"]].drop_duplicates()
    shown = [f"{method} ({_short(trial)})" for method, trial in each.head(MOST_TRIALS_NAMED).itertuples(index=False)]
    rest = len(each) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def _where(place: tuple[str, ...]) -> str:
    encoder, recipe, corpus, noise = place
    return f"{corpus} {noise} ({encoder}, {recipe})"


def _short(name: object) -> str:
    return str(name)[:10]
