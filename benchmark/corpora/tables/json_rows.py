"""Rows of JSON files: one object a line, a list of objects, or columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmark.contracts import BenchmarkError
from benchmark.corpora.tables.layout import Format, Row

LONGEST_SHOWN = 40


def json_line_rows(text: str) -> Iterator[Row]:
    """Every line that holds something; one that is no object carries the problem."""
    number = 0
    for line_number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        number += 1
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Row(number, {}, f"(line {line_number}) is not JSON: {error}")
            continue
        yield _row(number, row, f"(line {line_number}) ")


def json_rows(path: Path, text: str) -> Iterator[Row]:
    """The objects of one JSON document.

    They stand in a list, in the only list that an object has, each under a key of its
    own, or as columns, as pandas writes them.
    """
    try:
        content = json.loads(text)
    except RecursionError:
        raise BenchmarkError(f"{path} is not JSON that can be read: it is nested too deep.") from None
    except ValueError as error:
        raise BenchmarkError(f"{path} is not JSON: {error}. Mend it, or name a file of JSON lines .jsonl.") from None
    found = _listed(content)
    if found is None:
        raise BenchmarkError(
            f'{path} must be a list of objects such as [{{"text": …}}, …]; it begins with '
            f"{text.strip()[:LONGEST_SHOWN]}."
        )
    for number, row in enumerate(found, start=1):
        yield _row(number, row, "")


def json_format(text: str, named: Format) -> Format:
    """Whether a text is one JSON document or has one a line.

    Its first line tells. Where that does not, the format that the file's name says is
    right.
    """
    lines = (line for line in text.split("\n") if line.strip())
    try:
        first = json.loads(next(lines, ""))
    except (ValueError, RecursionError):
        return "json" if text.lstrip().startswith("[") else named
    if next(lines, None) is not None:
        return "jsonl"
    return "json" if isinstance(first, list) and first and isinstance(first[0], dict) else named


def _listed(content: Any) -> list[Any] | None:
    if isinstance(content, list):
        return content
    if not isinstance(content, dict):
        return None
    if isinstance(content.get("columns"), list) and isinstance(content.get("data"), list):
        names = list(map(str, content["columns"]))
        return [dict(zip(names, row, strict=False)) if isinstance(row, list) else row for row in content["data"]]
    lists = [value for value in content.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
    if len(lists) == 1:
        return lists[0]
    return _by_key(content) or _turned(content)


def _by_key(rows: dict[str, Any]) -> list[Any] | None:
    """Rows that each stand under a key, as databases write them.

    An object of columns has the same keys in each, which are numbers or more than the
    columns.
    """
    found = list(rows.values())
    if len(found) < 2 or not all(isinstance(row, dict) for row in found):
        return None
    inner = {name for row in found for name in row}
    columns = all(row.keys() == inner for row in found) and len(found) <= len(inner)
    return None if columns or all(name.isdecimal() for name in inner) else found


def _turned(columns: dict[str, Any]) -> list[Any] | None:
    """Rows of columns that are each an object by row, or a list, of one length."""
    cells = [list(c.values()) if isinstance(c, dict) else c for c in columns.values()]
    if not cells or not all(isinstance(column, list) for column in cells) or len({len(c) for c in cells}) != 1:
        return None
    return [dict(zip(columns, row, strict=True)) for row in zip(*cells, strict=True)]


def _row(number: int, row: Any, where: str) -> Row:
    if isinstance(row, dict):
        return Row(number, row)
    shown = json.dumps(row, ensure_ascii=False)[:LONGEST_SHOWN]
    return Row(number, {}, f'{where}must be an object such as {{"text": …}}; it is {shown}')
