"""What `explain` says of a trial, line by line, for terminals and pages."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmark.records.schema import Record

PARTS = ("failure", "config", "manifest", "selections", "train_metrics", "rate_used", "costs", "provenance")
"""The parts of a record in the order in which they are told."""

LABEL, COLUMN = 24, 13


def rerun_command(record: Record, source: Path) -> str:
    """Give the command that runs a trial again, in a folder of its own.

    `source` is the run folder or archive that holds the record.
    """
    words = ["python", "-m", "benchmark", "run", "--trial", record.trial, "--source", str(source)]
    words += ["--out", f"{source.resolve().stem}-{record.trial}"]
    return shlex.join(words) + (" --plugin FILE.py" if record.config.get("method_source") else "")


def part_lines(content: Mapping[str, Any], part: str) -> Iterator[tuple[str, bool]]:
    """Yield the lines of a part of a record, and of each whether it may be broken.

    `content` is the record as JSON holds it.
    """
    if part == "selections":
        yield from ((line, False) for line in _selection_lines(content[part]))
    else:
        yield from _tree_lines(content[part], 1)


def shown(value: Any) -> str:
    """Give a value on one line, with no sign that a terminal would obey."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    return "".join(sign if sign.isprintable() else " " for sign in str(value))


def _selection_lines(selections: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line a metric, one column a rule."""
    rows = [("", *selections)]
    for key in ("stage", "fraction"):
        rows.append((key, *(shown(chosen[key]) for chosen in selections.values())))
    for metric in dict.fromkeys(name for chosen in selections.values() for name in chosen["metrics"]):
        rows.append((metric, *(shown(chosen["metrics"].get(metric)) for chosen in selections.values())))
    for name, *cells in rows:
        yield f"  {name:{LABEL}}" + "".join(f"{cell:>{COLUMN}}" for cell in cells)


def _tree_lines(value: Mapping[str, Any], depth: int) -> Iterator[tuple[str, bool]]:
    indent = "  " * depth
    for key, item in value.items():
        if isinstance(item, dict):
            yield f"{indent}{key}", False
            yield from _tree_lines(item, depth + 1)
        elif isinstance(item, list) and item and isinstance(item[0], list):
            yield f"{indent}{key}", False
            yield from ((f"{indent}  " + " ".join(f"{shown(cell):>6}" for cell in row), False) for row in item)
        elif isinstance(item, list) and item and isinstance(item[0], str):
            yield f"{indent}{key}", False
            yield from ((f"{indent}  {shown(line)}", True) for line in item)
        elif isinstance(item, list):
            yield f"{indent}{key}: {' '.join(map(shown, item))}", True
        else:
            yield f"{indent}{key}: {shown(item)}", True
