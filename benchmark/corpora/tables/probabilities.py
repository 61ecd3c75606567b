"""Labels as probabilities, a column a class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmark.corpora.tables.cells import label_text

SUM_TOLERANCE = 0.02
PERCENT = 100.0
ABSENT = frozenset({"", "nan", "null", "none", "n/a", "na", "-"})
NO_PROBABILITIES = "no probabilities in the columns {columns} (they must sum to 1 or to 100 %, or all be empty)"


def shares_of(cells: Sequence[Any]) -> tuple[float, ...] | None:
    """The cells of a row as probabilities with the sum one; None where they are none.

    They may be written as shares or as per cent, and with a decimal comma. Of cells
    that are all empty each is 0.

    >>> shares_of(["0,75", "0.25"]), shares_of(["75 %", "25 %"])
    ((0.75, 0.25), (0.75, 0.25))
    >>> shares_of(["good", "bad"]), shares_of(["0.7", "0.7"]), shares_of(["", ""])
    (None, None, (0.0, 0.0))
    """
    written = [label_text(cell).casefold() for cell in cells]
    if all(cell in ABSENT for cell in written):
        return (0.0,) * len(written)
    numbers = [_number(cell) for cell in written]
    if len(numbers) < 2 or any(number is None or not 0.0 <= number <= PERCENT for number in numbers):
        return None
    kept = [number for number in numbers if number is not None]
    total = sum(kept)
    whole = PERCENT if total > PERCENT / 2 else 1.0
    return tuple(number / total for number in kept) if abs(total / whole - 1.0) <= SUM_TOLERANCE else None


def are_probabilities(cells: Sequence[Sequence[str]]) -> bool:
    """Whether several columns are meant as probabilities.

    They are where every row that is not empty sums to one, or more than half of these
    rows do by fractions, so that the others are mistakes and no votes.
    """
    rows = [shares_of(row) for row in cells if any(cell.casefold() not in ABSENT for cell in row)]
    told = [shares for shares in rows if shares is not None]
    if not told or len(told) == len(rows):
        return bool(told)
    return 2 * sum(max(shares) < 1.0 for shares in told) > len(rows)


def classes_of(columns: Sequence[str]) -> tuple[str, ...]:
    """The classes that columns of probabilities are named after, without what all names
    begin with.

    >>> classes_of(["p_good", "p_bad"])
    ('good', 'bad')
    """
    agree = (len(set(letters)) == 1 for letters in zip(*columns, strict=False))
    start = columns[0][: next((place for place, same in enumerate(agree) if not same), len(columns[0]))]
    shared = max((start.rfind(sign) for sign in "_-.: "), default=-1) + 1
    return tuple(name[shared:] or name for name in columns)


def most_probable(shares: Sequence[float], classes: Sequence[str]) -> list[str]:
    """The class of the highest probability as the only answer, empty where two share
    it.
    """
    highest = [name for name, share in zip(classes, shares, strict=True) if share == max(shares)]
    return [highest[0] if len(highest) == 1 else ""]


def _number(cell: str) -> float | None:
    """A cell as a number, with a point or a comma, and without a sign for per cent."""
    try:
        return float(cell.removesuffix("%").strip().replace(",", "."))
    except ValueError:
        return None
