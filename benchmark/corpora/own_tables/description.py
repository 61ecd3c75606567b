"""A user's tables in figures, before anything is trained on them."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmark.corpora.card import SplitName
from benchmark.corpora.own_tables.examination import Examination
from benchmark.corpora.own_tables.remarks import remarks_on, test_rows
from benchmark.corpora.own_tables.same_texts import folded

RARE = 10
"""Rows of a class below which its accuracy is hardly known."""

LETTERS_LOOKED_AT = 200
TEXTS_LOOKED_AT = 2_000


@dataclass(frozen=True)
class ClassCount:
    """A class, how many rows of a split have it, and their share."""

    name: str
    rows: int
    share: float


@dataclass(frozen=True)
class SplitDescription:
    """What one split holds.

    `rows`: those of its files; `used`: those left. `texts`: how many texts they have,
    fewer where a text has a row for each annotator. `unlabelled`: texts without a
    label. `repeated`: rows beyond the first of their text. `contradicting`: texts of
    which two rows have different labels, an example of them as `example`. `scripts`:
    shares of the letters.
    """

    split: SplitName
    files: tuple[str, ...]
    rows: int
    used: int
    texts: int
    classes: tuple[ClassCount, ...]
    unlabelled: int
    checked: int
    repeated: int
    contradicting: int
    example: str
    median_words: int
    most_words: int
    scripts: dict[str, float]


@dataclass(frozen=True)
class Description:
    """All splits, how many rows test gets, and what is to be said and done."""

    splits: tuple[SplitDescription, ...]
    test_rows: int
    carved: bool
    remarks: tuple[str, ...]


def describe(found: Examination, test_share: float) -> Description:
    """Count what a user's files hold."""
    return Description(
        splits=tuple(_split(found, split) for split in found.tables),
        test_rows=test_rows(found, test_share),
        carved=found.carved,
        remarks=(*remarks_on(found, test_share), *_on_rare_classes(found)),
    )


def _split(found: Examination, split: SplitName) -> SplitDescription:
    it = found.gathered[split]
    labels = _labels(found, split)
    counts = Counter(label for label in labels if label)
    total = max(sum(counts.values()), 1)
    by_text: defaultdict[str, set[str]] = defaultdict(set)
    for text, label in zip(it.texts, labels, strict=True):
        by_text[folded(text)] |= {label} - {""}
    contradicting = [text for text, names in by_text.items() if len(names) > 1]
    words = sorted(len(text.split()) for text in it.texts)
    return SplitDescription(
        split=split,
        files=tuple(path.name for path, _ in it.parts),
        rows=it.rows,
        used=sum(len(it.members.get(number, (number,))) for number in it.numbers),
        texts=len(it.texts),
        classes=tuple(ClassCount(name, rows, rows / total) for name, rows in counts.most_common()),
        unlabelled=len(it.texts) - sum(counts.values()),
        checked=found.checked(split),
        repeated=len(it.texts) - len(by_text),
        contradicting=len(contradicting),
        example=contradicting[0] if contradicting else "",
        median_words=words[len(words) // 2] if words else 0,
        most_words=words[-1] if words else 0,
        scripts=_scripts(it.texts),
    )


def _labels(found: Examination, split: SplitName) -> list[str]:
    """One label a row: the most frequent answer, or what is trusted where there is no
    other column.
    """
    if not found.tables[split].labels:
        return found.clean(split)
    return [max((name for name in answers if name), key=answers.count, default="") for answers in found.classes(split)]


def _scripts(texts: Sequence[str]) -> dict[str, float]:
    """Shares of letters by script, the largest first; of the first texts alone."""
    counts: Counter[str] = Counter()
    for text in texts[:TEXTS_LOOKED_AT]:
        for letter, times in Counter(filter(str.isalpha, text[:LETTERS_LOOKED_AT])).items():
            counts[unicodedata.name(letter, "OTHER").split()[0].capitalize()] += times
    total = max(sum(counts.values()), 1)
    return {script: times / total for script, times in counts.most_common()}


def _on_rare_classes(found: Examination) -> Iterator[str]:
    counts = Counter(label for label in _labels(found, "train") if label)
    rare = sorted(name for name, rows in counts.items() if rows < RARE)
    if rare:
        names = ", ".join(f"'{name}' ({counts[name]})" for name in rare[:RARE])
        more = f", … ({len(rare)} in all)" if len(rare) > RARE else ""
        yield (
            f"Classes with fewer than {RARE} rows are kept, but little can be learnt or said of them: {names}{more}. "
            "Join them with others or label more."
        )
