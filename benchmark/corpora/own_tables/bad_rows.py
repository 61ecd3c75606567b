"""Rows that cannot be used: found, named, and left out where that is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from benchmark.contracts import BenchmarkError
from benchmark.corpora.card import SplitName
from benchmark.corpora.own_tables.examination import Examination
from benchmark.corpora.tables.decoding import places
from benchmark.corpora.tables.gathering import SEVERAL_LABELS

NO_LABEL = "no label in column '{column}' (only labels to learn from may be missing)"
MOST_SHOWN = 5


def find_bad_labels(found: Examination, scored: bool = True) -> None:
    """Add the rows whose labels cannot be used to the problems, and leave them out.

    `scored`: whether the test rows are scored, so that they need a label.
    """
    for split in found.tables:
        it, several = found.gathered[split], found.kinds.several
        both = zip(it.numbers, it.answers, it.clean, strict=True)
        listed = [number for number, answers, clean in both if not several.isdisjoint((*answers, clean))]
        _add(found, split, SEVERAL_LABELS, listed)
        by_label = bool(found.tables[split].labels)
        if by_label and (split != "test" or not scored or found.has_clean_labels(split)):
            continue
        # A row with no label of either kind can neither be scored nor be given noise.
        own = found.own
        column = own.label_columns[0] if by_label else str(own.clean_column)
        known = [any(answers) for answers in found.classes(split)] if by_label else map(bool, found.clean(split))
        missing = [number for number, one in zip(it.numbers, known, strict=True) if not one]
        _add(found, split, NO_LABEL.format(column=column), missing)


def find_classes_seen_once(found: Examination) -> None:
    """Find the classes of train that a single row has, and leave these rows out."""
    while True:
        labels = list(found.named_labels("train"))
        counts = Counter(name for _, name in labels)
        once = [(name, number) for number, name in labels if counts[name] == 1]
        if not once:
            return
        found.once += once
        found.leave_out("train", [number for _, number in once])


def _add(found: Examination, split: SplitName, what: str, numbers: list[int]) -> None:
    if numbers:
        found.problems[split].setdefault(what, []).extend(numbers)
        found.leave_out(split, numbers)


def count_bad_rows(found: Examination, split: SplitName) -> int:
    """How many rows of a split cannot be used."""
    numbers = {number for numbers in found.problems[split].values() for number in numbers}
    return len(numbers) + (len({number for _, number in found.once}) if split == "train" else 0)


def named_bad_rows(found: Examination) -> Iterator[str]:
    """Every kind of row that cannot be used with its rows, a line each."""
    for split, by_kind in found.problems.items():
        it = found.gathered[split]
        for what, numbers in by_kind.items():
            for path, rows in it.by_file(numbers):
                named = places(rows)
                yield f"{path}, row {named} {what}." if what.startswith("(") else f"{path} has {what}: row {named}."
    if found.once:
        it = found.gathered["train"]
        shown = ", ".join(f"'{name}' (row {it.named(number)})" for name, number in found.once[:MOST_SHOWN])
        more = f", … ({len(found.once)} in all)" if len(found.once) > MOST_SHOWN else ""
        yield (
            f"{it.path} has classes seen once: {shown}{more}. One row cannot be learnt from and tested on: correct a "
            "misspelt label, or join the class with another."
        )


def refuse_bad_rows(found: Examination) -> None:
    """Raise a BenchmarkError that names the rows that cannot be used, unless they may
    be skipped, and one where no row is left.
    """
    lines = list(named_bad_rows(found))
    if lines and not found.own.skip_bad_rows:
        raise BenchmarkError(
            "\n".join(lines) + "\nMend these rows or take them out. --skip-bad-rows goes on without them."
        )
    for split, it in found.gathered.items():
        if not it.texts:
            left = f" left for {split} of {it.rows}: " + " ".join(lines) if it.rows else "."
            raise BenchmarkError(f"{it.path} has no rows{left}")
