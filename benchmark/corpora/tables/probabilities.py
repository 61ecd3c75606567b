"""Labels as probabilities, a column a class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SUM_TOLERANCE = 0.02


def probability(value: Any) -> float | None:
    """A cell as a probability, also with a decimal comma; None for what is none.

    >>> probability("0,25"), probability("good")
    (0.25, None)
    """
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        return None
    return number if 0.0 <= number <= 1.0 else None


def are_probabilities(cells: Sequence[Sequence[str]]) -> bool:
    """Whether the cells of every row are probabilities that sum to one."""
    for row in cells:
        numbers = [probability(cell) for cell in row]
        if len(row) < 2 or None in numbers or abs(sum(filter(None, numbers)) - 1.0) > SUM_TOLERANCE:
            return False
    return bool(cells)


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


def shares_of(cells: Sequence[Any], classes: Sequence[str]) -> tuple[float, ...]:
    """The probabilities of a row with the sum one; none where there are no classes.

    >>> shares_of(["0,75", "0.25"], ["good", "bad"]), shares_of(["good"], [])
    ((0.75, 0.25), ())
    """
    numbers = [probability(cell) or 0.0 for cell in cells] if classes else []
    return tuple(number / sum(numbers) for number in numbers)


def most_probable(cells: Sequence[Any], classes: Sequence[str]) -> list[str]:
    """The class of the highest probability as the only answer, empty where two share
    it.
    """
    numbers = [probability(cell) or 0.0 for cell in cells]
    highest = [name for name, number in zip(classes, numbers, strict=True) if number == max(numbers)]
    return [highest[0] if len(highest) == 1 else ""]
