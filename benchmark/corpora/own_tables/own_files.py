"""From a user's files to the tables of their splits: formats and columns found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmark.contracts import BenchmarkError, UnknownNameError
from benchmark.corpora.card import SplitName
from benchmark.corpora.own_tables.own_data import OwnData
from benchmark.corpora.tables.cells import Column
from benchmark.corpora.tables.columns import NAMELESS, Found, find_columns
from benchmark.corpora.tables.reading import numbered_classes
from benchmark.corpora.tables.schema import LabelFiles, SplitTable, TableFile
from benchmark.corpora.tables.sniffing import sniff

MOST_NUMBERED = 30
"""Of so many classes it is said what their numbers stand for."""


@dataclass
class OwnFiles:
    """The tables of the splits, their files by name, and what was found of them."""

    tables: dict[SplitName, SplitTable] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def own_files(own: OwnData) -> OwnFiles:
    """Find how the files are written and where their columns are.

    A column that is in no file is an error with the nearest names.
    """
    own.check()
    made = OwnFiles()
    labels = _labels(own, made) if own.label_data else None
    wanted = _wanted(own, in_data=labels is None)
    every: dict[SplitName, list[Found]] = {}
    for split, paths in own.files().items():
        founds = [_find(own, path, wanted, made) for path in paths]
        every[split] = founds
        files = []
        for number, (path, found) in enumerate(zip(paths, founds, strict=True)):
            name = split if number == 0 else f"{split}-{number + 1}"
            made.paths[name] = path
            files.append(TableFile(file=name, layout=found.layout))
        made.tables[split] = _table(own, paths, founds, files, labels)
    if labels is None:
        _refuse_absent(own, every)
    return made


def _wanted(own: OwnData, in_data: bool) -> tuple[str, ...]:
    """The columns of files with texts."""
    labels = (*own.label_columns, own.annotator_column) if in_data else ()
    ids = own.id_columns[:1] if own.label_data else ()
    return tuple(dict.fromkeys(name for name in (*own.text_columns, *ids, *labels, own.clean_column) if name))


def _find(own: OwnData, path: Path, wanted: Sequence[str], made: OwnFiles) -> Found:
    sniffed = sniff(path, wanted, own.separator, own.encoding)
    labels = [name for name in (*own.label_columns, own.clean_column) if name]
    layout = sniffed.layout
    if own.no_header and layout.format in NAMELESS:
        raise BenchmarkError(f"{path} names the cells of each row and has no header: leave out --no-header.")
    if own.no_header:
        layout = layout.model_copy(update={"header": False, "by_number": False})
    found = find_columns(path, layout, wanted, labels)
    made.remarks += [*sniffed.remarks, *([found.remark] if found.remark else [])]
    for column, names in numbered_classes(path, layout).items():
        if column in labels:
            numbers = ", ".join(f"{number} is {name}" for number, name in enumerate(names[:MOST_NUMBERED]))
            more = f", … ({len(names)} in all)" if len(names) > MOST_NUMBERED else ""
            made.remarks.append(f"{path.name}: column '{column}' holds the numbers of classes: {numbers}{more}.")
    return found


def _labels(own: OwnData, made: OwnFiles) -> tuple[LabelFiles, Mapping[str, Column]]:
    """The files of labels, and where their columns are."""
    id_column = own.id_columns[-1]
    wanted = tuple(name for name in (id_column, *own.label_columns, own.annotator_column, own.clean_column) if name)
    needed = tuple(name for name in wanted if name != own.clean_column)
    files = []
    columns: dict[str, Column] = {}
    for number, path in enumerate(own.label_data):
        found = _find(own, path, wanted, made)
        _require(path, found, needed, "--label-data")
        if found.layout.by_number or not found.layout.header:
            raise BenchmarkError(f"{path}: files that an id brings together need a header with one name a column.")
        name = f"labels-{number + 1}"
        made.paths[name] = path
        files.append(TableFile(file=name, layout=found.layout))
        columns |= found.columns
    return LabelFiles(files=tuple(files), id=id_column, text_id=own.id_columns[0]), columns


def _table(
    own: OwnData,
    paths: Sequence[Path],
    founds: Sequence[Found],
    files: Sequence[TableFile],
    labels: tuple[LabelFiles, Mapping[str, Column]] | None,
) -> SplitTable:
    for path, found in zip(paths, founds, strict=True):
        _require(path, found, (*own.text_columns, *(own.id_columns[:1] if labels else ())), "--text-column")
    first = founds[0]
    for path, found in zip(paths[1:], founds[1:], strict=True):
        if found.columns != first.columns:
            raise BenchmarkError(
                f"{path} has other columns than {paths[0]}: of those asked for it has "
                f"{', '.join(map(str, found.columns)) or 'none'}, the first {', '.join(map(str, first.columns))}, or "
                "they stand in another place. Give files of one form."
            )
    columns = {**first.columns, **(labels[1] if labels else {})}
    there = [columns[name] for name in own.label_columns if name in columns]
    if there and len(there) < len(own.label_columns):
        _require(paths[0], first, own.label_columns, "--label-column")
    voter = columns.get(own.annotator_column) if own.annotator_column and there else None
    if own.annotator_column and there and voter is None:
        _require(paths[0], first, (own.annotator_column,), "--annotator-column")
    return SplitTable(
        files=tuple(files),
        text=tuple(columns[name] for name in own.text_columns),
        labels=tuple(there),
        clean=columns.get(own.clean_column) if own.clean_column else None,
        annotator=voter,
        label_files=labels[0] if labels else None,
    )


def _require(path: Path, found: Found, names: Sequence[str], option: str) -> None:
    for name in names:
        if name not in found.columns:
            raise UnknownNameError("column", name, found.known, _hint(option, path))


def _hint(option: str, path: Path) -> str:
    return f"Asked for by {option} in {path}. Without a header, columns have numbers, from 0."


def _refuse_absent(own: OwnData, every: Mapping[SplitName, list[Found]]) -> None:
    """A clean column may be missing from some files, and a label column where the clean
    one is; not from all.
    """
    train = every["train"][0]
    for role, names in (("label", own.label_columns), ("clean", _one(own.clean_column))):
        for name in names:
            if not any(name in found.columns for founds in every.values() for found in founds):
                raise UnknownNameError("column", name, train.known, _hint(f"--{role}-column", own.data))
    if any(name not in train.columns for name in own.label_columns):
        raise BenchmarkError(
            f"{own.data} has no column '{own.label_columns[0]}': --label-column names the labels to learn from. Leave "
            "it out to inject noise into the clean ones."
        )
    for split, founds in every.items():
        if not _has_labels(own, founds[0]):
            name = own.label_columns[0] if own.label_columns else str(own.clean_column)
            raise UnknownNameError("column", name, founds[0].known, _hint("--label-column", own.files()[split][0]))


def _has_labels(own: OwnData, found: Found) -> bool:
    return any(name in found.columns for name in (*own.label_columns, *_one(own.clean_column)))


def _one(name: str | None) -> Iterator[str]:
    yield from [name] if name else []
