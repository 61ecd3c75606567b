"""Whether the classes of two columns or two files are of one kind."""

from __future__ import annotations

from collections.abc import Iterator

from benchmark.contracts import BenchmarkError
from benchmark.corpora.own_tables.examination import Examination

MOST_SHOWN = 20
LEAST_SHARED = 0.5


def refuse_label_sets_that_do_not_fit(found: Examination) -> None:
    """Raise a BenchmarkError with both lists where two columns or files name other
    classes, and where there are fewer than two classes.
    """
    names = found.names()
    path = found.gathered["train"].path
    if len(names) < 2:
        raise BenchmarkError(f"{path} has labels of {len(names)} class; two are needed to tell anything apart.")
    sets = list(label_sets(found))
    for place, (first, ours) in enumerate(sets):
        for second, theirs in sets[place + 1 :]:
            if not _fit(ours, theirs):
                raise BenchmarkError(
                    f"The classes of {first} are {_listed(ours)}; those of {second} are {_listed(theirs)}. They do "
                    "not fit: write the classes alike in both."
                )


def label_sets(found: Examination) -> Iterator[tuple[str, set[str]]]:
    """The classes of every column of labels, named by column and file."""
    for split in found.tables:
        it, own = found.gathered[split], found.own
        given = {name for answers in found.classes(split) for name in answers if name}
        trusted = set(filter(None, found.clean(split)))
        if given:
            yield f"column {', '.join(own.label_columns)} of {it.path.name}", given
        if trusted:
            yield f"column {own.clean_column} of {it.path.name}", trusted


def _fit(ours: set[str], theirs: set[str]) -> bool:
    """Whether one set is a part of the other, or they share half of the smaller."""
    shared = len(ours & theirs)
    smaller = min(len(ours), len(theirs))
    return shared == smaller or shared >= LEAST_SHARED * smaller


def _listed(names: set[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in sorted(names)[:MOST_SHOWN])
    return shown if len(names) <= MOST_SHOWN else f"{shown}, … ({len(names)} in all)"
