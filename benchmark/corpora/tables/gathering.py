"""The texts and labels of one split, row by row, with the rows that cannot be used."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

from benchmark.contracts import BenchmarkError
from benchmark.corpora.tables.cells import found_cell, label_text
from benchmark.corpora.tables.joining import joined
from benchmark.corpora.tables.layout import HEADER_AGAIN
from benchmark.corpora.tables.probabilities import NO_PROBABILITIES, most_probable, shares_of
from benchmark.corpora.tables.reading import read_table
from benchmark.corpora.tables.schema import TEXT_SEPARATOR, SplitTable

HALF = re.compile("[\ud800-\udfff]")
NO_TEXT = "no text in column {columns}"
NO_STRING = "a list or an object, and no text, in column {columns} (points lead into objects, as in data.text)"
HALF_LETTER = (
    "half a letter (a lone surrogate, as \\ud83d, left where a text was cut within an emoji; take it out, or put "
    "U+FFFD in its place)"
)
ZERO = "a zero byte (U+0000), which no text has (take it out)"
SEVERAL_LABELS = "several labels in one cell (one label a row can be learnt)"


@dataclass
class Gathered:
    """What the files of one split hold.

    Lists are aligned: `texts`, `answers` (the labels of a row, one for each annotator,
    empty where there is none), `shares` (the probabilities of the classes, none where
    labels are names), `clean` and `numbers` (rows from 1 over all files).
    `problems` maps what is wrong to the numbers of rows, which the lists do not have.
    `members`: the rows of a text that has a row for each annotator, by its first, and
    `voters`: the annotators' names in the order of the answers.
    `headers`: rows that repeat the header. `parts`: the files with their numbers of
    rows. `unmatched`: what is said of texts whose labels another file lacks.
    `sparse`: whether some row lacks one of the columns.
    """

    texts: list[str] = field(default_factory=list)
    answers: list[list[str]] = field(default_factory=list)
    shares: list[tuple[float, ...]] = field(default_factory=list)
    clean: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    problems: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    members: dict[int, list[int]] = field(default_factory=dict)
    voters: list[str] = field(default_factory=list)
    headers: list[int] = field(default_factory=list)
    parts: list[tuple[Path, int]] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    sparse: bool = False

    @property
    def rows(self) -> int:
        """How many rows the files have, whether they can be used or not."""
        return sum(rows for _, rows in self.parts)

    @property
    def path(self) -> Path:
        """The first file."""
        return self.parts[0][0]

    def keep(self, wanted: list[bool]) -> None:
        """Leave out the rows that are not wanted."""
        for name in ("texts", "answers", "shares", "clean", "numbers"):
            setattr(self, name, [it for it, keep in zip(getattr(self, name), wanted, strict=True) if keep])

    def by_file(self, numbers: Iterable[int]) -> Iterator[tuple[Path, list[int]]]:
        """The files that have some of the rows, each with their numbers in it."""
        before = 0
        wanted = sorted(set(numbers))
        for path, rows in self.parts:
            if inside := [number - before for number in wanted if before < number <= before + rows]:
                yield path, inside
            before += rows

    def named(self, number: int) -> str:
        """A row by its number in its file, and the file where there are several.

        >>> Gathered(parts=[(Path("a.csv"), 3), (Path("b.csv"), 2)]).named(5)
        'b.csv row 2'
        """
        if len(self.parts) == 1:
            return str(number)
        ((path, inside),) = self.in_files([number])
        return f"{path.name} row {inside}"

    def in_files(self, numbers: Iterable[int]) -> Iterator[tuple[Path, int]]:
        """The file of each row, and the row's number in it."""
        ends = list(accumulate(rows for _, rows in self.parts))
        for number in numbers:
            part = bisect_left(ends, number)
            if part == len(ends):
                raise BenchmarkError(f"There is no row {number} behind the last file.")
            path, rows = self.parts[part]
            yield path, number - ends[part] + rows


def gather(files: Mapping[str, Path], table: SplitTable) -> Gathered:
    """Read the files of a split; a row that cannot be used is a problem, no error."""
    found = Gathered()
    rows = _rows(files, table, found)
    if table.label_files is not None:
        rows = joined(rows, files, table.label_files, found.unmatched, several=table.annotator is not None)
    left_out = frozenset(table.left_out)
    voters: list[str] = []
    columns = [name for name in (*table.text, *table.labels, table.clean) if isinstance(name, str)]
    for number, row in rows:
        if number in left_out:
            continue
        found.sparse = found.sparse or any(name not in row for name in columns)
        text, answers, clean, problem = _example(row, table)
        if problem:
            found.problems[problem].append(number)
            continue
        found.texts.append(text)
        found.answers.append(answers)
        found.shares.append(_shares(row, table))
        found.clean.append(clean)
        found.numbers.append(number)
        if table.annotator is not None:
            voters.append(str(found_cell(row, table.annotator)))
    if table.annotator is not None:
        _by_text(found, voters)
    return found


def _rows(files: Mapping[str, Path], table: SplitTable, found: Gathered) -> Iterator[tuple[int, Any]]:
    before = 0
    left_out = frozenset(table.left_out)
    for part in table.files:
        path, rows = files[part.file], 0
        found.parts.append((path, 0))
        for row in read_table(path, part.layout):
            rows += 1
            found.parts[-1] = (path, rows)
            number = before + row.number
            if row.problem == HEADER_AGAIN:
                found.headers.append(number)
            elif row.problem:
                if number not in left_out:
                    found.problems[row.problem].append(number)
            else:
                yield number, row.cells
        before += rows


def _example(row: Any, table: SplitTable) -> tuple[str, list[str], str, str]:
    """Text, answers, clean label, and what is wrong with the row."""
    parts = [found_cell(row, column) for column in table.text]
    shown = ", ".join(f"'{column}'" if isinstance(column, str) else str(column) for column in table.text)
    if any(isinstance(part, list | dict) for part in parts):
        return "", [], "", NO_STRING.format(columns=shown)
    text = TEXT_SEPARATOR.join("" if part is None or part != part else str(part) for part in parts)
    if not text.replace(TEXT_SEPARATOR.strip(), "").strip():
        return "", [], "", NO_TEXT.format(columns=shown)
    cells = [found_cell(row, column) for column in table.labels]
    checked = None if table.clean is None else found_cell(row, table.clean)
    if any(isinstance(it, dict) or (isinstance(it, list) and it[1:] != it[:-1]) for it in (*cells, checked)):
        return "", [], "", SEVERAL_LABELS
    if not table.probabilities:
        answers = [label_text(it) for it in cells]
    elif shares_of(cells) is None:
        return "", [], "", NO_PROBABILITIES.format(columns=", ".join(map(str, table.labels)))
    else:
        answers = most_probable(_shares(row, table), table.probabilities)
    clean = label_text(checked)
    if any(map(HALF.search, (text, *answers, clean))):
        return "", [], "", HALF_LETTER
    if any("\0" in cell for cell in (text, *answers, clean)):
        return "", [], "", ZERO
    return text, answers, clean, ""


def _shares(row: Any, table: SplitTable) -> tuple[float, ...]:
    """The probabilities of a row that can be used; none where labels are names."""
    cells = [found_cell(row, column) for column in table.labels] if table.probabilities else []
    return shares_of(cells) or ()


def _by_text(found: Gathered, voters: list[str]) -> None:
    """One row a text, its answers in the order of the annotators' names."""
    found.voters = sorted(set(voters))
    who = {name: place for place, name in enumerate(found.voters)}
    places: dict[str, int] = {}
    first: list[int] = []
    answers: list[list[str]] = []
    for row, (text, answer, voter) in enumerate(zip(found.texts, found.answers, voters, strict=True)):
        if text not in places:
            places[text] = len(first)
            first.append(row)
            answers.append([""] * len(who))
        mine = answers[places[text]]
        found.members.setdefault(found.numbers[first[places[text]]], []).append(found.numbers[row])
        if mine[who[voter]] not in ("", answer[0]):
            raise BenchmarkError(
                f"{found.path}, row {found.named(found.numbers[row])}: annotator '{voter}' has two labels for one "
                f"text, '{mine[who[voter]]}' and '{answer[0]}'. Keep one."
            )
        mine[who[voter]] = answer[0]
        if not found.clean[first[places[text]]]:
            found.clean[first[places[text]]] = found.clean[row]
    wanted = set(first)
    found.keep([row in wanted for row in range(len(found.texts))])
    found.answers = answers
