"""What a user should know of their files before they are used."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

import numpy as np

from benchmark.contracts import uniform_by_id
from benchmark.corpora.card import SplitName
from benchmark.corpora.own_tables.bad_rows import count_bad_rows, named_bad_rows
from benchmark.corpora.own_tables.examination import Examination
from benchmark.corpora.own_tables.label_kinds import CODES, INVISIBLE, PARTS
from benchmark.corpora.own_tables.label_sets import label_sets
from benchmark.corpora.own_tables.same_texts import groups_from, representative_texts
from benchmark.corpora.readers.splitting import with_checked_key
from benchmark.corpora.tables.decoding import places

WIDEST = 0.05
"""Half the width of an interval beyond which a test set decides little."""

MOST_SHOWN = 5
MARKUP = re.compile(
    r"</?(?:p|div|br|span|a|b|i|ul|ol|li|table|tr|td|html|body|strong|em|img|font|h[1-6])\b[^<>]*>|&nbsp;"
)
FEWEST_WITH_MARKUP = 0.01
"""Share of the texts from which on it is said that they hold HTML."""

LONGEST_TAG = 40


def remarks_on(found: Examination, test_share: float) -> Iterator[str]:
    """Sentences on what was found and what is done about it.

    Parameters
    ----------
    found: the files, as they are used.
    test_share: the share of texts that becomes test where no file has test rows.
    """
    yield from remarks_on_reading(found)
    for (split, other), rows in found.moved.items():
        yield (
            f"{rows} rows of {split} have texts that {other} has, too, compared as an encoder sees them: left out of "
            f"{split}."
        )
    yield from _on_lone_classes(found)
    yield from _on_cut_texts(found)
    yield from _on_test_size(found, test_share)


def remarks_on_reading(found: Examination) -> Iterator[str]:
    """Sentences on how files were read, whatever they are used for."""
    yield from found.remarks
    for it in found.gathered.values():
        yield from it.unmatched
        for path, rows in it.by_file(it.headers):
            yield f"{path.name} repeats its header, or goes on with it, in row {places(rows)}: left out."
    yield from _on_bad_rows(found)
    yield from _on_labels(found)
    yield from _on_lists_of_classes(found)
    yield from _on_markup(found)


def _on_bad_rows(found: Examination) -> Iterator[str]:
    bad = sum(count_bad_rows(found, split) for split in found.tables)
    if bad:
        rows = sum(it.rows for it in found.gathered.values())
        yield f"{bad} of {rows} rows cannot be used and are left out. {' '.join(named_bad_rows(found))}"


def _on_labels(found: Examination) -> Iterator[str]:
    for split, it in found.gathered.items():
        table = found.tables[split]
        codes = Counter(cell for answers in it.answers for cell in answers if cell in found.kinds.absent and cell)
        for code, rows in sorted(codes.items()):
            is_code = code.strip(INVISIBLE).casefold() in CODES and found.own.no_label is None
            yield (
                f"{it.path.name}: '{code}' in column {', '.join(found.own.label_columns)} is read as no label "
                f"({rows} rows)." + (" If it is a class, --no-label= (with nothing behind it) says so." * is_code)
            )
        if table.clean is not None and not found.has_clean_labels(split):
            yield (
                f"{it.path.name}: {found.checked(split)} of {len(it.texts)} rows are checked (they have a label in "
                f"column '{found.own.clean_column}'); the clean label of the others is not known. "
                f"{_use_of_checked(found, split)}"
            )
        if table.votes and it.answers:
            yield f"{it.path.name}: {_on_votes(found, split)}"
    if found.kinds.spellings:
        pairs = [_spelling(cell, name) for cell, name in found.kinds.spellings.items()]
        yield f"Labels that are written in several ways are one class: {_some(pairs)}."
    for group in found.kinds.cases:
        names = ", ".join(f"'{name}'" for name in group)
        yield f"The classes {names} differ in case alone and are kept apart; --fold-case makes them one."


def _on_lists_of_classes(found: Examination) -> Iterator[str]:
    """Say which classes look like lists of several, one of them a class by itself."""
    names = found.names()
    lists = [name for name in names if {part.strip() for part in PARTS.split(name)} & {*names} - {name}]
    if lists:
        yield (
            f"The classes {_some([repr(name) for name in lists])} name another class among others. If these cells list "
            "several labels, a text may have one here: keep one of them."
        )


def _on_markup(found: Examination) -> Iterator[str]:
    """Say how many texts are pages rather than plain words."""
    for it in found.gathered.values():
        tags = [match[0] for text in it.texts if (match := MARKUP.search(text))]
        if len(tags) >= FEWEST_WITH_MARKUP * len(it.texts) and tags:
            yield (
                f"{it.path.name}: {len(tags)} of {len(it.texts)} texts hold HTML (as in '{tags[0][:LONGEST_TAG]}'). "
                "It is read as it is and takes tokens of the words: take it out, or raise --max-tokens."
            )


def _on_votes(found: Examination, split: SplitName) -> str:
    """Say how many annotators vote, how often they differ and how often no label
    wins.
    """
    voters = len(found.gathered[split].answers[0])
    rows = [Counter(filter(None, answers)).most_common() for answers in found.classes(split)]
    several = [votes for votes in rows if len(votes) > 1 or (votes and votes[0][1] > 1)]
    differing = [votes for votes in several if len(votes) > 1]
    drawn = sum(votes[0][1] == votes[1][1] for votes in differing)
    said = f"{voters} annotators vote on the label of a text"
    if not several:
        return f"{said}, and no row has votes of two of them, so that nothing tells how often they agree."
    if not differing:
        return f"{said}, and they agree on each of {len(several)} rows with several votes."
    share = "All" if drawn == len(differing) else str(drawn)
    draws = f" {share} of these are draws, which chance decides, the same in every run." if drawn else ""
    return f"{said}. They differ on {len(differing)} of {len(several)} rows with several votes.{draws}"


def _spelling(cell: str, name: str) -> str:
    """Say how a class is written; what looks alike is told by its letters' numbers."""
    alike = unicodedata.normalize("NFC", cell).strip(INVISIBLE) == name
    codes = " ".join(f"U+{ord(letter):04X}" for letter in cell if letter not in name)
    return f"'{cell}' is '{name}'" + (f" (they look alike: the first has {codes})" if alike and codes else "")


def _use_of_checked(found: Examination, split: SplitName) -> str:
    """What the checked rows of a split are used for, where others are not checked."""
    if split == "test" or (split == "train" and found.carved):
        where = "" if split == "test" else "They are test rows. "
        return f"{where}They choose the method and say how accurate it is; no method sees their clean labels."
    return (
        f"Rows of {split} keep their label of column {', '.join(found.own.label_columns)}, and their clean labels "
        "choose nothing: give the checked rows as --test-data to choose by them."
    )


def _on_lone_classes(found: Examination) -> Iterator[str]:
    """Classes that cannot be learnt since train lacks them."""
    in_train = {name for where, names in label_sets(found) for name in names if where.endswith(_train(found))}
    lone = [name for name in found.names() if name not in in_train]
    if lone:
        yield f"No row of train has the classes {_some([repr(name) for name in lone])}: they cannot be learnt."


def _train(found: Examination) -> str:
    return f" of {found.gathered['train'].path.name}"


def _on_cut_texts(found: Examination) -> Iterator[str]:
    if not found.own.cuts:
        return
    texts = [text for it in found.gathered.values() for text in it.texts]
    longest = [min(seen, key=len) for seen in zip(*(cut(texts) for cut in found.own.cuts), strict=True)]
    cut = [row for row, seen in enumerate(longest) if len(seen) < len(texts[row])]
    if not cut:
        return
    again = Counter(longest)
    equal = sum(again[longest[row]] > 1 for row in cut)
    alike = f", and {equal} of them are then equal to another" if equal else ""
    yield (
        f"{len(cut)} of {len(texts)} texts are longer than {found.own.max_tokens} tokens and are cut there{alike}; "
        "--max-tokens cuts later."
    )


def test_rows(found: Examination, test_share: float) -> int:
    """How many rows test has, or gets of train."""
    if not found.carved:
        return len(found.gathered["test"].texts)
    texts = found.gathered["train"].texts
    keys = representative_texts(texts, groups_from(found.shared, len(texts)))
    drawn = uniform_by_id(keys, "split", "test") < test_share
    if found.is_partly_checked:
        drawn |= with_checked_key(keys, np.array([bool(name) for name in found.clean("train")]))
    if found.has_clean_labels("train") or not found.tables["train"].labels:
        return int(drawn.sum())
    return sum(taken and any(answers) for taken, answers in zip(drawn.tolist(), found.classes("train"), strict=True))


def _on_test_size(found: Examination, test_share: float) -> Iterator[str]:
    rows = test_rows(found, test_share)
    half = 0.98 / max(rows, 1) ** 0.5
    if rows and half > WIDEST:
        yield (
            f"Test has {rows} rows: an accuracy of one half on them is known to ± {100 * half:.0f} points, so that "
            "small differences between methods cannot be told."
        )


def _some(names: list[str]) -> str:
    return ", ".join(names[:MOST_SHOWN]) + (f", … ({len(names)} in all)" if len(names) > MOST_SHOWN else "")
