"""Docstrings with each paragraph on one line."""

from __future__ import annotations

import inspect
import re

OPENING = re.compile(r"\s*(---|[-•*] |[^.:]{1,24}: )")
"""What begins a line of its own in a docstring."""

FULL = 56
"""A line of a docstring that is shorter ends what it says."""


def paragraphs(docstring: str) -> list[str]:
    """Give a docstring's lines with each paragraph on one, for an output that breaks
    lines itself.

    A line stays alone after a short one, where it is indented otherwise, and where it
    names what follows, as `Stage one: …` does.
    """
    made: list[str] = []
    before = ""
    for line in inspect.cleandoc(docstring).splitlines():
        alike = _indent(line) == _indent(before) and len(before) >= FULL and not OPENING.match(line)
        if before and line and alike:
            made[-1] += f" {line.strip()}"
        else:
            made.append(line)
        before = line
    return made


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
