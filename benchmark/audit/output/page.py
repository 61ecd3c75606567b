"""An audit as one self-contained page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.audit.audit import Audit
from benchmark.audit.count import FEWEST_A_CLASS, FEWEST_CHECKED
from benchmark.audit.opinions.soft import CONTRADICTS
from benchmark.audit.output.annotators import annotator_rows, on_votes
from benchmark.audit.reading import LabelledTable
from benchmark.audit.rule import RULE
from benchmark.files.page import html_page

TEMPLATES = Path(__file__).parent / "templates"
MOST_SHOWN = 100
MOST_PAIRS = 20
MOST_ANNOTATORS = 20
MOST_OUTSIDE = 20
MOST_DUPLICATES = 30
FEW_REVIEWED = 3
"""So many reviewed rows, all of them wrong, are hardly there by chance."""

LONGEST_TEXT = 600
FEWEST_EXPECTED = 0.5
"""Pairs of classes with fewer expected texts are not shown."""


Shown = tuple[int | str, str, str]
"""A row's number, its given label and its text."""


@dataclass(frozen=True)
class Suspect:
    """One row of the list."""

    rank: int
    row: int | str
    text: str
    given: str
    proposed: str
    p_wrong: str
    votes: str
    kind_of_votes: str
    near: tuple[Shown, ...]


@dataclass(frozen=True)
class ClassQuality:
    """What is expected of the rows that carry one label."""

    name: str
    rows: int
    wrong: str
    share: str
    taken_for: str


@dataclass(frozen=True)
class Confused:
    """Expected texts with one given label that are of another class."""

    given: str
    true: str
    texts: str


def page(audit: Audit) -> str:
    """Write one HTML page that needs no other file.

    Every text is escaped, and no script but its own may run.
    """
    values = {
        "title": f"Audit of {audit.table.name}",
        "summary": list(summary(audit)),
        "suspects": list(_suspects(audit)),
        "classes": list(_classes(audit)),
        "confused": list(_confused(audit)),
        "duplicates": list(_duplicates(audit)),
        "pairs": len(audit.duplicates),
        "outside": list(_outside(audit)),
        "annotators": list(annotator_rows(audit)),
        "most_annotators": MOST_ANNOTATORS,
        "how": list(_how(audit)),
    }
    return html_page(TEMPLATES / "audit.html", values, styles=(TEMPLATES / "audit.css",), script=TEMPLATES / "audit.js")


def summary(audit: Audit) -> Iterator[str]:
    """Write the sentences that say what was found, for the page and for the
    terminal.
    """
    rows, count = audit.labelled, audit.count
    expected, lowest, highest = count.number(rows)
    if count.checked:
        yield (
            f"About {expected} of {rows} labels are wrong: between {lowest} and {highest}, by {count.checked} checked "
            "rows that were drawn at random (95 % confidence)."
        )
    elif count.reliable:
        yield (
            f"About {expected} of {rows} labels are expected to be wrong; estimates lie between {lowest} and "
            f"{highest}. Systematic mistakes can hide from all of them: check the rows of to_check.csv to be sure."
        )
    else:
        yield (
            f"Ranking only, count unreliable: estimates of the number of wrong labels lie between {lowest} and "
            f"{highest} of {rows}.{_why_too_high(audit)} Fill the column right_label of to_check.csv and run again "
            "with --checked for an interval that holds."
        )
    if count.at_chance:
        yield (
            "Models that did not see a row tell its label no better than chance, so the order, too, says little. Are "
            "these the right columns? Another --encoder or a larger --max-tokens may read more of the texts."
        )
    yield from _of_reviewed(audit)
    if audit.checked and not count.checked:
        yield (
            f"Of the rows of to_check.csv fewer than {FEWEST_CHECKED} are reviewed, which is too few for an interval. "
            f"What was reviewed ({len(audit.checked)} in all) is known, and the count is an estimate."
        )
    unlabelled = len(audit.table) - rows
    if unlabelled:
        yield f"Without a label: {unlabelled} of {len(audit.table)} rows; labels.csv proposes one for each."
    yield from _of_test(audit)
    yield from _of_soft(audit)
    if audit.duplicates:
        yield f"Pairs of nearly equal texts with different labels: {len(audit.duplicates)}."


def _of_reviewed(audit: Audit) -> Iterator[str]:
    """Say that rows seem to be reviewed only where their label is wrong."""
    drawn = audit.to_check.tolist()
    reviewed = [place for place in drawn if place in audit.checked]
    only_wrong = all(audit.checked[place] != audit.table.labels[place] for place in reviewed)
    if FEW_REVIEWED <= len(reviewed) < len(drawn) and only_wrong:
        yield (
            f"Each of the {len(reviewed)} reviewed rows of to_check.csv has a wrong label, and "
            f"{len(drawn) - len(reviewed)} are left empty. An empty right_label is a row that nobody looked at. If "
            "these labels are right, write them there, too: without them there is no count, or one that is far too "
            "high."
        )


def _why_too_high(audit: Audit) -> str:
    """Why fewer labels are likely wrong than the estimates say."""
    if not audit.count.few_rows:
        return ""
    rows, classes = audit.labelled, len(audit.table.label_names)
    return (
        f" With {rows} rows of {classes} classes, fewer than {FEWEST_A_CLASS} a class, hard rows look wrong, so that "
        "these numbers, and with them p_wrong, are likely too high."
    )


def _of_test(audit: Audit) -> Iterator[str]:
    """Say what there is to say of the rows of a test set."""
    test = audit.table.test & (audit.table.labels >= 0)
    if not test.any():
        return
    number = f"; {audit.p_wrong[test].sum():.0f} of the wrong labels are expected there" if audit.count.reliable else ""
    yield (
        f"{int(test.sum())} of these labels are those of test rows{number}. corrected_label leaves them as they are: "
        "correct them by hand."
    )


def _of_soft(audit: Audit) -> Iterator[str]:
    """Say how many rows were given probabilities that a prediction contradicts."""
    if audit.contradicted is not None:
        yield (
            f"{int(np.sum(audit.contradicted >= CONTRADICTS))} of {audit.labelled} rows were given probabilities that "
            "the prediction of models that did not see the row contradicts: half of it or more stands on other "
            "classes (column contradiction)."
        )


def _suspects(audit: Audit) -> Iterator[Suspect]:
    table, names = audit.table, audit.table.label_names
    listed = zip(audit.order[:MOST_SHOWN].tolist(), audit.near[:MOST_SHOWN].tolist(), strict=True)
    for rank, (place, near) in enumerate(listed, start=1):
        yield Suspect(
            rank=rank,
            row=table.where(place),
            text=cut(table.texts[place]),
            given=names[table.labels[place]],
            proposed=names[audit.proposed[place]],
            p_wrong=_probability(audit, place),
            votes=table.votes_of(place),
            kind_of_votes="votes" if table.soft is None else "given as",
            near=tuple(_shown(table, other) for other in near if other >= 0),
        )


def _probability(audit: Audit, place: int) -> str:
    """Write the probability of a wrong label, which is certain only where a person
    looked.
    """
    if place in audit.checked:
        return "checked"
    return f"{np.clip(audit.p_wrong[place], 0.01, 0.99):.2f}"


def _classes(audit: Audit) -> Iterator[ClassQuality]:
    names = audit.table.label_names
    sizes = np.bincount(audit.table.labels[audit.order], minlength=len(names))
    wrong = audit.confused.sum(axis=1) - np.diag(audit.confused)
    for label in np.argsort(-wrong, kind="stable").tolist():
        if sizes[label]:
            others = audit.confused[label].copy()
            others[label] = -1.0
            taken = names[int(others.argmax())] if others.max() >= FEWEST_EXPECTED else "-"
            share = f"{wrong[label] / sizes[label]:.0%}"
            yield ClassQuality(names[label], int(sizes[label]), f"{wrong[label]:.0f}", share, taken)


def _confused(audit: Audit) -> Iterator[Confused]:
    names, counts = audit.table.label_names, audit.confused.copy()
    np.fill_diagonal(counts, 0.0)
    for flat in np.argsort(-counts, axis=None, kind="stable")[:MOST_PAIRS].tolist():
        given, true = divmod(flat, len(names))
        if counts[given, true] >= FEWEST_EXPECTED:
            yield Confused(names[given], names[true], f"{counts[given, true]:.0f}")


def _duplicates(audit: Audit) -> Iterator[tuple[Shown, Shown]]:
    for pair in audit.duplicates[:MOST_DUPLICATES]:
        yield _shown(audit.table, pair.one), _shown(audit.table, pair.other)


def _outside(audit: Audit) -> Iterator[Shown]:
    """Yield the texts that are least like any class."""
    if audit.outside is None:
        return
    places = audit.order[np.argsort(-audit.outside[audit.order], kind="stable")]
    yield from (_shown(audit.table, place) for place in places[:MOST_OUTSIDE].tolist())


def _shown(table: LabelledTable, place: int) -> Shown:
    return table.where(place), table.given(place), cut(table.texts[place])


def _how(audit: Audit) -> Iterator[str]:
    yield from audit.table.remarks
    yield (
        "Texts are read by a fixed encoder. A classifier is trained on all rows with a loss that trusts doubtful "
        "labels less, and linear models judge each row without having seen it. Their probabilities are weighed by how "
        "often each label is given, and by which classes are mistaken for which; the order joins this result with that "
        "of the linear models alone."
    )
    yield from on_votes(audit)
    if audit.contradicted is not None:
        yield (
            "Labels were given as probabilities. The most probable class is the label that is audited; how likely it "
            "is wrong is weighed by all of its row's probabilities, and the linear models' probability of it is "
            "multiplied by the given one. The contradiction is the share of probability that the linear models put on "
            "other classes than the row was given."
        )
    yield f"The rule ({RULE}) was fixed beforehand, and no setting was chosen on this table."
    if audit.consensus is None or not audit.consensus.is_telling:
        yield (
            "p_wrong is the probability that the given label is wrong. Its order is that of the rule; its mean is the "
            "expected share of wrong labels, so it is no better than that count."
        )
    if not audit.count.checked:
        yield (
            "No label was checked by a person, so the count is an estimate. It cannot see mistakes that are as regular "
            "as a rule, such as those of keywords."
        )
    if audit.table.has_test:
        yield (
            "Fair use of what is said of test rows: to leave out or change test rows because a model disagrees with "
            "them raises the scores of models like it. Let a person decide on each, without seeing which method "
            "predicts what, use the same test labels for all methods, and report how many were changed."
        )
    yield (
        "A text with a high p_wrong may also be a rare but right case. Look before you change, and keep what you "
        "changed apart from a test set that others compare on."
    )


def cut(text: str) -> str:
    """Write a text on one line, cut where it is long."""
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST_TEXT else plain[: LONGEST_TEXT - 1] + "…"
