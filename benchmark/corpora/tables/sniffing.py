"""From a file to how it is written, and what of that a user should be told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.contracts import BenchmarkError, UnknownNameError
from benchmark.corpora.tables.compression import ENDS as COMPRESSED
from benchmark.corpora.tables.compression import inner_name
from benchmark.corpora.tables.decoding import (
    ENCODING,
    check_encoding,
    decoded,
    example_of,
    find_encoding,
    read_content,
)
from benchmark.corpora.tables.dialects import SEPARATOR_NAMES, find_quotes, find_separator, separator_named
from benchmark.corpora.tables.json_rows import json_format
from benchmark.corpora.tables.layout import DELIMITERS, FORMATS, Format, Layout
from benchmark.corpora.tables.workbooks import sheet_of

MARKS: tuple[tuple[bytes, Format], ...] = (
    (b"PAR1", "parquet"),
    (b"PK\x03\x04", "workbook"),
    (b"\xd0\xcf\x11\xe0", "workbook"),
    (b"ARROW1", "arrow"),
    (b"\xff\xff\xff\xff", "arrow"),
)
"""First bytes of files that are no text, whatever their names say."""


@dataclass(frozen=True)
class Sniffed:
    """How a file is written, and what was found that its name does not say."""

    layout: Layout
    remarks: tuple[str, ...] = ()


def stem_of(path: Path) -> str:
    """The file's name without the ends that say its format.

    >>> stem_of(Path("exports/tickets.csv.gz"))
    'tickets'
    """
    inner = path.with_suffix("") if path.suffix.lower() in COMPRESSED else path
    return inner.stem if inner.suffix.lower() in FORMATS else inner.name


def format_of(path: Path) -> Format:
    """The format that the end of the name says; an unknown end is an error."""
    name = inner_name(path)
    end = Path(name).suffix.lower()
    if end not in FORMATS:
        where = f"It is the end of {path}." if name == path.name else f"It is the end of {name} in {path}."
        packed = f"Each may be compressed ({', '.join(COMPRESSED)}). Save what you have as one of them."
        raise UnknownNameError("kind of table", end or name, FORMATS, f"{where} {packed}")
    return FORMATS[end]


def sniff(path: Path, wanted: Sequence[str] = (), separator: str | None = None, encoding: str | None = None) -> Sniffed:
    """Find how a file is written.

    Parameters
    ----------
    path: the file.
    wanted: the columns that it should have, by which its separator is known.
    separator, encoding: what the user says of them, where they do.
    """
    if not path.is_file():
        raise BenchmarkError(f"There is no file {path}.")
    form = format_of(path)
    content = read_content(path)
    packed = path.read_bytes()[:2] != content[:2]
    form = next((other for mark, other in MARKS if content.startswith(mark)), _of_text(path, form, content))
    if form in ("parquet", "workbook", "arrow"):
        sheet = [f"sheet '{sheet_of(path, content)[0]}'"] if form == "workbook" else []
        return Sniffed(Layout(format=form, encoding=ENCODING, gzipped=packed), tuple(_said(path, sheet)))
    found = check_encoding(encoding) if encoding else find_encoding(content, path)
    text = decoded(content, found, path)
    form = json_format(text, form) if form in ("json", "jsonl") else form
    layout = Layout(format=form, encoding=found, gzipped=packed)
    if layout.format in DELIMITERS:
        sign = separator_named(separator) if separator else find_separator(text, layout, wanted)
        layout = layout.model_copy(update={"delimiter": "" if sign == DELIMITERS[layout.format] else sign})
        layout = find_quotes(path, text, layout)
    return Sniffed(layout, tuple(_said(path, _unexpected(layout, text))))


def _of_text(path: Path, form: Format, content: bytes) -> Format:
    """The format of what is no file of a program, by its name and its first line.

    Many programs call a page or a text a spreadsheet.
    """
    if form != "workbook":
        return form
    first = content.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")[0]
    if first.startswith(b"<"):
        raise BenchmarkError(
            f"{path} is called a spreadsheet and is a page ({first[:20].decode('ascii', 'replace')}…). Open it in a "
            "spreadsheet program and save it as .xlsx or .csv."
        )
    return "tsv" if b"\t" in first.replace(b"\0", b"") else "csv"


def _unexpected(layout: Layout, text: str) -> Iterator[str]:
    """What was found that the name of the file does not say."""
    if layout.encoding != ENCODING:
        example = example_of(text)
        yield f"encoding {layout.encoding}" + (f" (as in '{example}'; --encoding names another)" if example else "")
    if layout.delimiter:
        yield f"separator {SEPARATOR_NAMES.get(layout.delimiter, repr(layout.delimiter))}"
    if not layout.quotes:
        yield "quotes are letters"
    if layout.backslashes and not layout.quotes:
        yield "backslashes undone as databases write them"
    elif layout.backslashes:
        yield "a backslash stands before quotes within a text"


def _said(path: Path, found: Sequence[str] | Iterator[str]) -> Iterator[str]:
    if parts := list(found):
        yield f"{path.name} is read so: {', '.join(parts)}."
