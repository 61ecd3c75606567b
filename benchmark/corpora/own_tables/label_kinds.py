"""What a cell of labels can mean: a class in its spellings, or no label."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmark.contracts import BenchmarkError

NULLS = frozenset({"nan", "null", "n/a", "#n/a", "<na>", "\\n", "nat", "[]"})
"""What programs write for an empty cell, in small letters."""

CODES = frozenset({"-1", "-1.0", "-1,0", "none", "na", "-", "?"})
"""What stands for no label unless a trusted label says that it is a class."""

NUMBER = re.compile(r"[+-]?(0|[1-9]\d*)([.,]0*)?")
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]000")
"""A number of thousands, or a whole number with three decimals: which
cannot be told by itself.
"""

THREE_DECIMALS = re.compile(r"[+-]?0[.,]000")
INVISIBLE = "\ufeff\u200b\u200e\u200f\u2060 \t\r\n\u00a0"
PARTS = re.compile(r"\s*[;|,/]\s*")
TWO_SIGNS = frozenset({"-1", "1"})
THREE_SIGNS = frozenset({"-1", "0", "1"})


@dataclass(frozen=True)
class LabelKinds:
    """What the cells of labels mean.

    `spellings` maps cells to the class that they name where that is written otherwise.
    `absent`: cells that are no label, the empty one among them. `several`: cells that
    name more than one class. `cases`: classes that differ in case alone.
    """

    spellings: Mapping[str, str]
    absent: tuple[str, ...]
    several: frozenset[str]
    cases: tuple[tuple[str, ...], ...]

    def class_of(self, cell: str) -> str:
        """The class that a cell names, empty where it is no label."""
        return "" if cell in self.absent else self.spellings.get(cell, cell)


def label_kinds(
    labels: Iterable[str], clean: Iterable[str], no_label: Sequence[str] | None = None, fold_case: bool = False
) -> LabelKinds:
    """Find what cells mean from all of them.

    Parameters
    ----------
    labels: cells of labels that may be wrong.
    clean: cells of labels that can be trusted.
    no_label: the codes for no label where the user names them.
    fold_case: whether classes that differ in case alone are one.
    """
    given, trusted = Counter(labels), Counter(clean)
    absent = _absent(given, trusted, no_label)
    counts = Counter({cell: count for cell, count in (given + trusted).items() if cell not in absent})
    plain = {cell: _plain(cell) for cell in counts}
    numbers = _are_numbers(set(plain.values()))
    if numbers:
        plain = {cell: str(int(re.split("[.,]", name)[0])) for cell, name in plain.items()}
    cases = _cases(counts, plain)
    if fold_case:
        one = {name: group[0] for group in cases for name in group}
        plain = {cell: one.get(name, name) for cell, name in plain.items()}
    known = set(plain.values())
    parts = {} if numbers else {cell: _parts(cell, known) for cell in plain}
    several = frozenset(cell for cell, named in parts.items() if len(named) > 1)
    plain |= {cell: min(named) for cell, named in parts.items() if len(named) == 1}
    spellings = {cell: name for cell, name in sorted(plain.items()) if cell != name and cell not in several}
    return LabelKinds(spellings, absent, several, () if fold_case else cases)


def _are_numbers(names: set[str]) -> bool:
    """Whether all names are forms of whole numbers.

    With '1,000' or '1.000' among them they are not, since that can be a thousand,
    unless a zero with three decimals stands beside it.
    """
    if not all(map(NUMBER.fullmatch, names)):
        return False
    return not any(map(THOUSANDS.fullmatch, names)) or any(map(THREE_DECIMALS.fullmatch, names))


def _plain(cell: str) -> str:
    """A cell in composed letters, without blanks at its ends or brackets around one."""
    text = unicodedata.normalize("NFC", cell).strip(INVISIBLE)
    listed = _listed(text)
    return listed[0] if len(set(listed)) == 1 else text


def _absent(given: Counter[str], trusted: Counter[str], no_label: Sequence[str] | None) -> tuple[str, ...]:
    """The cells that are no label."""
    nulls = {cell for cell in (given | trusted) if cell.strip(INVISIBLE).casefold() in {"", *NULLS}}
    if no_label is not None:
        named = {code.strip().casefold() for code in no_label}
        return tuple(sorted({"", *nulls, *(cell for cell in (given | trusted) if cell.casefold() in named)}))
    known = {cell for cell in trusted if cell not in nulls}
    codes = {cell for cell in given if cell.casefold() in CODES and cell not in known}
    others = {cell.removesuffix(".0") for cell in given if cell not in nulls}
    if not known and others == THREE_SIGNS:
        raise BenchmarkError(
            "The labels are -1, 0 and 1, and -1 can be a class or stand for no label. Give --no-label=-1 if it is no "
            "label, or --no-label= (with nothing behind it) if it is a class."
        )
    if not known and others == TWO_SIGNS:
        codes = set()
    return tuple(sorted({"", *nulls, *codes}))


def _cases(counts: Mapping[str, int], plain: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """Classes that differ in case alone, the most frequent spelling of each first."""
    sizes: Counter[str] = Counter()
    for cell, name in plain.items():
        sizes[name] += counts[cell]
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(sizes, key=lambda it: (-sizes[it], it)):
        groups[name.casefold()].append(name)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def _listed(text: str) -> list[str]:
    """The texts of a list that was written into a cell; none for any other cell."""
    if not (text.startswith("[") and text.endswith("]")):
        return []
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return []
    return [str(item).strip() for item in found] if isinstance(found, list) else []


def _parts(cell: str, names: set[str]) -> set[str]:
    """The classes that a cell lists, each of which stands alone in another row, too;
    none for any other cell.
    """
    listed = set(_listed(cell.strip()))
    if len(listed) > 1:
        return listed
    parts = [part for part in PARTS.split(cell.strip()) if part]
    return set(parts) if len(parts) > 1 and names.issuperset(parts) else set()


def sorted_names(names: Iterable[str]) -> tuple[str, ...]:
    """Class names, whole numbers by value and others by their letters."""
    found = list(names)
    numbers = all(name.removeprefix("-").isdecimal() for name in found)
    return tuple(sorted(found, key=int)) if numbers else tuple(sorted(found))
