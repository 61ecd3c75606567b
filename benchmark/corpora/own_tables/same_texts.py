"""Texts that an encoder cannot tell apart: equal once blanks and case are folded and
the rest behind its last token is cut.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from benchmark.contracts import LabelArray

Cut = Callable[[Sequence[str]], Sequence[str]]
"""Gives what an encoder sees of each text."""


def folded(text: str) -> str:
    """A text in composed small letters with single blanks.

    >>> folded("  Two\\u00a0 WORDS ")
    'two words'
    """
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def same_text_groups(texts: Sequence[str], cuts: Sequence[Cut] = ()) -> list[int]:
    """The group of each text: two texts that fold to the same, whole or as
    one of the encoders sees them, are in one group.

    A group's number is that of its first text.
    """
    groups = list(range(len(texts)))
    for seen in [texts, *(cut(texts) for cut in cuts)]:
        first: dict[str, int] = {}
        for row, text in enumerate(seen):
            _join(groups, first.setdefault(folded(text), row), row)
    return [_root(groups, row) for row in range(len(texts))]


def representative_texts(texts: Sequence[str], groups: LabelArray) -> list[str]:
    """For each text the smallest text of its group, whatever the order of rows."""
    smallest: dict[int, str] = {}
    for text, group in zip(texts, groups.tolist(), strict=True):
        smallest[group] = min(text, smallest.get(group, text))
    return [smallest[group] for group in groups.tolist()]


def shared_rows(groups: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """The rows of each group that has several."""
    rows: defaultdict[int, list[int]] = defaultdict(list)
    for row, group in enumerate(groups):
        rows[group].append(row)
    return tuple(tuple(members) for members in rows.values() if len(members) > 1)


def shared_among(shared: Sequence[Sequence[int]], kept: Sequence[bool]) -> tuple[tuple[int, ...], ...]:
    """The rows of each group by their places among the rows that are kept.

    >>> shared_among([(0, 2, 3), (4, 5)], [True, False, True, True, False, True])
    ((0, 1, 2),)
    """
    place = np.cumsum(kept) - 1
    left = [tuple(int(place[row]) for row in members if kept[row]) for members in shared]
    return tuple(members for members in left if len(members) > 1)


def groups_from(shared: Sequence[Sequence[int]], count: int) -> LabelArray:
    """The group of each of `count` rows, given the rows of those that have several."""
    groups = np.arange(count, dtype=np.int64)
    for members in shared:
        groups[list(members)] = members[0]
    return groups


def _root(groups: list[int], row: int) -> int:
    while groups[row] != row:
        groups[row] = groups[groups[row]]
        row = groups[row]
    return row


def _join(groups: list[int], one: int, other: int) -> None:
    first, second = sorted((_root(groups, one), _root(groups, other)))
    groups[second] = first
