"""The idea of each method, read from its source without importing it.

A report must not load what methods need, torch first of all.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "methods"
NAMED = re.compile(r'^    name = "', re.MULTILINE)


@cache
def ideas() -> Mapping[str, str]:
    """Give the first paragraph that a method says of itself, by the method's name.

    It is empty where the package of methods is not installed. Methods from a file of
    one's own are not among them.
    """
    spec = find_spec(PACKAGE)
    folders = [] if spec is None else list(spec.submodule_search_locations or [])
    return dict(found for folder in folders for path in sorted(Path(folder).rglob("*.py")) for found in _in_file(path))


def idea_of(method: str) -> str:
    """Give the idea of a method, whatever its parameters; empty where it is unknown."""
    return ideas().get(method.partition("[")[0], "")


def _in_file(path: Path) -> Iterator[tuple[str, str]]:
    source = path.read_text(encoding="utf-8")
    if not NAMED.search(source):
        return
    for node in ast.parse(source).body:
        docstring = ast.get_docstring(node) if isinstance(node, ast.ClassDef) else None
        if docstring and isinstance(node, ast.ClassDef) and (name := _name(node)):
            yield name, " ".join(docstring.split("\n\n")[0].split())


def _name(node: ast.ClassDef) -> str:
    """Give the class attribute `name`, or the empty text where the class has none."""
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="name")], value=ast.Constant(value=str(name))):
                return name
    return ""
