"""A user's own tables without a card: checked row by row, then described by a card made
for them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast, get_args

from benchmark.contracts import BenchmarkError, UnknownNameError
from benchmark.corpora.card import Card, Observed, Source, SplitName
from benchmark.corpora.catalogue import add_card, is_own, load_card
from benchmark.corpora.files import give
from benchmark.corpora.readers.rows import Format, places, read_rows
from benchmark.corpora.readers.table import TableSplit, cell, joined_text, label_text

SOURCE = "given"
"""What the user's own labels are called as observed noise: `observed(given)`."""

TEST_SHARE = 0.2
SEPARATOR = " | "
ENCODING = "utf-8-sig"
FORMATS: Mapping[str, Format] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
MOST_CLASSES_SHOWN = 5
HALF = re.compile("[\ud800-\udfff]")

Role = Literal["label", "clean"]


@dataclass(frozen=True)
class OwnData:
    """A user's files and what their columns are.

    `text_columns`: one, or several that are joined by ` | `. `label_column`: the labels
    to learn from, which may be wrong. `clean_column`: labels that can be trusted, in
    some files, some rows of them, or none: an empty cell leaves the row's clean label
    unknown. Without `test` a fifth of `data` becomes test, by hash of the
    text; without `valid` a tenth of train becomes validation. `max_tokens`: texts are
    cut there.
    """

    data: Path
    text_columns: tuple[str, ...]
    label_column: str | None = None
    clean_column: str | None = None
    valid: Path | None = None
    test: Path | None = None
    max_tokens: int = 128

    @property
    def name(self) -> str:
        """What the corpus is called: the file's name in letters, digits and
        underscores.
        """
        return re.sub(r"\W+", "_", self.data.stem, flags=re.ASCII).strip("_") or "own"

    def files(self) -> dict[SplitName, Path]:
        """The files by split, train first."""
        given: dict[SplitName, Path | None] = {"train": self.data, "valid": self.valid, "test": self.test}
        return {split: path for split, path in given.items() if path is not None}


@dataclass
class Scan:
    """What one file holds: which of the label columns it has, and its labels by role,
    with their rows.
    """

    path: Path
    columns: dict[Role, str]
    rows: int = 0
    labels: dict[Role, defaultdict[str, list[int]]] = field(default_factory=dict)
    unchecked: list[int] = field(default_factory=list)
    empty_texts: list[int] = field(default_factory=list)
    halves: list[int] = field(default_factory=list)

    @property
    def has_clean_labels(self) -> bool:
        """Whether every row has a label that can be trusted."""
        return "clean" in self.columns and not self.unchecked


def add_own_data(own: OwnData) -> str:
    """Check the files and add a card for them to this process; gives the corpus's name.

    Raises BenchmarkError for a file or column that is not there, empty texts and
    labels, bytes of another encoding, and classes seen once, each with its rows.
    """
    if not own.text_columns or not (own.label_column or own.clean_column):
        raise BenchmarkError(
            "Data of your own needs --text-column, and --label-column (labels that may be wrong) or --clean-column "
            "(labels that can be trusted)."
        )
    scans = {split: _scan(path, own) for split, path in own.files().items()}
    _check_columns(own, scans)
    _check_labels(scans, own)
    names = _label_names(scans)
    add_card(_card(own, scans, names))
    return own.name


def _scan(path: Path, own: OwnData) -> Scan:
    if not path.is_file():
        raise BenchmarkError(f"There is no file {path}.")
    if path.suffix.lower() not in FORMATS:
        raise UnknownNameError("kind of table", path.suffix or path.name, FORMATS, f"It is the end of {path}.")
    wanted: dict[Role, str | None] = {"label": own.label_column, "clean": own.clean_column}
    options = TableSplit(file="", text=own.text_columns, separator="")
    found = Scan(path, {})
    for number, row in enumerate(_rows(path), start=1):
        if number == 1:
            found.columns = {role: name for role, name in wanted.items() if name is not None and name in row}
            found.labels = {role: defaultdict(list) for role in found.columns}
            if not found.columns:
                cell(row, own.label_column or own.clean_column or "", str(path))
        found.rows = number
        text = joined_text(row, options, f"{path}, row {number}")
        if not text.strip():
            found.empty_texts.append(number)
        labels = {role: label_text(cell(row, name, f"{path}, row {number}")) for role, name in found.columns.items()}
        if any(map(HALF.search, (text, *labels.values()))):
            found.halves.append(number)
        for role, label in labels.items():
            found.labels[role][label].append(number)
    if not found.rows:
        raise BenchmarkError(f"{path} has no rows.")
    if found.empty_texts:
        raise BenchmarkError(
            f"{path} has no text in column {', '.join(own.text_columns)} of row {places(found.empty_texts)}. "
            "Fill these rows or take them out."
        )
    if found.halves:
        raise BenchmarkError(
            f"{path} has half a letter (a lone surrogate, as \\ud83d, left where a text was cut within an emoji) in "
            f"row {places(found.halves)}. Take it out there, or put U+FFFD in its place."
        )
    return found


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    return read_rows(path, FORMATS[path.suffix.lower()], ENCODING)


def _check_columns(own: OwnData, scans: Mapping[SplitName, Scan]) -> None:
    """A clean column may be missing from some files, and a label column where the clean
    one is; not from all.
    """
    for role, column in (("label", own.label_column), ("clean", own.clean_column)):
        if column is not None and not any(role in scan.columns for scan in scans.values()):
            first = next(iter(scans.values()))
            columns = list(next(_rows(first.path)))
            raise UnknownNameError("column", column, columns, f"Asked for by --{role}-column in {first.path}.")
    if own.label_column is not None and "label" not in scans["train"].columns:
        raise BenchmarkError(
            f"{own.data} has no column '{own.label_column}': --label-column names the labels to learn from. Leave it "
            "out to inject noise into the clean ones."
        )


def _check_labels(scans: Mapping[SplitName, Scan], own: OwnData) -> None:
    for split, scan in scans.items():
        empty = {role: scan.labels[role].pop("", []) for role in scan.columns}
        scan.unchecked = empty.get("clean", [])
        # A row with no label of either kind can neither be scored nor be given noise.
        role: Role = "label" if "label" in scan.columns else "clean"
        needed = empty[role] if role == "clean" or (split == "test" and not scan.has_clean_labels) else []
        if needed:
            raise BenchmarkError(
                f"{scan.path} has no label in column '{scan.columns[role]}' of row {places(needed)}. Fill these rows "
                "or take them out; only labels to learn from may be missing."
            )
    train = scans["train"]
    seen: Counter[str] = Counter()
    where: dict[str, int] = {}
    for by_label in train.labels.values():
        for label, rows in by_label.items():
            seen[label] += len(rows)
            where[label] = rows[0]
    once = sorted((where[label], label) for label, rows in seen.items() if rows == 1)
    if once:
        shown = ", ".join(f"'{label}' (row {row})" for row, label in once[:MOST_CLASSES_SHOWN])
        more = f", … ({len(once)} in all)" if len(once) > MOST_CLASSES_SHOWN else ""
        raise BenchmarkError(
            f"{train.path} has classes seen once: {shown}{more}. One row cannot be learnt from and tested on: correct "
            "a misspelt label, join the class with another, or take the row out."
        )


def _label_names(scans: Mapping[SplitName, Scan]) -> tuple[str, ...]:
    """All class names, whole numbers by value and others by their letters."""
    names = {label for scan in scans.values() for by_label in scan.labels.values() for label in by_label}
    if len(names) < 2:
        path = scans["train"].path
        raise BenchmarkError(f"{path} has labels of {len(names)} class; two are needed to tell anything apart.")
    numbers = all(name.removeprefix("-").isdecimal() for name in names)
    return tuple(sorted(names, key=int)) if numbers else tuple(sorted(names))


def _card(own: OwnData, scans: Mapping[SplitName, Scan], names: tuple[str, ...]) -> Card:
    files = [give(split, scan.path) for split, scan in scans.items()]
    options: dict[str, Any] = {"splits": {split: _split_options(split, scan, own) for split, scan in scans.items()}}
    if own.test is None:
        options["test_share"] = TEST_SHARE
    no_clean = [split for split, scan in scans.items() if not scan.has_clean_labels]
    if own.test is None and "train" in no_clean:
        no_clean.append("test")
    observed = {}
    if own.label_column is not None:
        description = f"Labels of column '{own.label_column}'."
        observed[SOURCE] = Observed(reads="given", ties="none", description=description)
    return Card(
        name=own.name,
        title=own.data.name,
        licence="the user's own",
        citation="",
        homepage="",
        language="und",
        label_names=names,
        default_max_tokens=own.max_tokens,
        description=f"Rows of {', '.join(path.name for path in own.files().values())}.",
        defects=tuple(_remarks(scans)),
        sources=(Source(name="own", reader="table", options=options, files=tuple(files)),),
        observed=observed,
        no_clean=cast(tuple[SplitName, ...], tuple(split for split in get_args(SplitName) if split in no_clean)),
    )


def own_remarks(name: str) -> tuple[str, ...]:
    """What the user should know of their own data before it is used, a sentence each.

    A corpus of the project has none.
    """
    return load_card(name).defects if is_own(name) else ()


def _remarks(scans: Mapping[SplitName, Scan]) -> Iterator[str]:
    for scan in scans.values():
        if scan.unchecked:
            yield (
                f"{scan.path.name}: {scan.rows - len(scan.unchecked)} of {scan.rows} rows are checked (they have a "
                f"label in column '{scan.columns['clean']}'); the clean label of the others is not known."
            )


def _split_options(split: SplitName, scan: Scan, own: OwnData) -> dict[str, Any]:
    return {
        "file": split,
        "text": own.text_columns,
        "label": scan.columns.get("clean"),
        "observed": {SOURCE: scan.columns["label"]} if "label" in scan.columns else {},
        "format": FORMATS[scan.path.suffix.lower()],
        "encoding": ENCODING,
        "separator": SEPARATOR,
        "absent": ("",),
    } | ({"unchecked": ("",)} if scan.unchecked else {})
