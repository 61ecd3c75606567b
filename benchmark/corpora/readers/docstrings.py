"""Docstrings of a package as prose, by parsing its sources; nothing is imported."""

from __future__ import annotations

import ast
import importlib.util
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

from benchmark.contracts.hashes import sha256_hex

TEST_FOLDERS = frozenset({"tests", "test", "testing", "_testing"})
FOREIGN_FOLDERS = frozenset(
    {"_vendor", "_vendored", "vendor", "vendored", "extern", "externals", "_external"}
    | {"array_api_compat", "array_api_extra"}
)
"""Names of folders that hold other projects' code."""

UNDERLINE = re.compile(r"^[-=~^*]{3,}$")
SECTION = re.compile(
    r"^(args|arguments|parameters|params|returns?|yields|raises|examples?|notes?|references)\s*:", re.I
)
MARKUP = (">>>", "..", "```", ":param", "- ", "* ", "|")


def package_folder(package: str) -> Path | None:
    """Where an installed top-level package lies, or None.

    The package is not imported.
    """
    spec = importlib.util.find_spec(package)
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) if places else None


def package_docstrings(package: str, enough: int, least_words: int, most_words: int) -> dict[str, str]:
    """Prose of docstrings by qualified name, until `enough` were found.

    Files are read in the order of a hash of their path inside the package, so that the
    choice is the same on every file system.
    """
    folder = package_folder(package)
    if folder is None:
        return {}
    found: dict[str, str] = {}
    for path in _sources(folder):
        if len(found) >= enough:
            break
        module = ".".join([package, *path.relative_to(folder).with_suffix("").parts])
        for name, docstring in _docstrings(path, module):
            text = prose(docstring, most_words)
            if len(text.split()) >= least_words:
                found.setdefault(name, text)
    return found


def prose(docstring: str, most_words: int) -> str:
    """The opening paragraphs before the first section, list or example, cut to a number
    of words.

    >>> prose('Add two numbers.\\n\\n    Parameters\\n    ----------\\n    a : int', 50)
    'Add two numbers.'
    """
    words: list[str] = []
    for paragraph in re.split(r"\n\s*\n", docstring.strip()):
        lines = [line.strip() for line in paragraph.strip().splitlines()]
        heading = any(UNDERLINE.match(line) for line in lines) or any(SECTION.match(line) for line in lines)
        if heading or any(line.startswith(MARKUP) for line in lines):
            break
        words += " ".join(lines).split()
    return " ".join(words[:most_words])


def _sources(folder: Path) -> list[Path]:
    inside = {path.relative_to(folder): path for path in folder.rglob("*.py")}
    passed_over = TEST_FOLDERS | FOREIGN_FOLDERS
    kept = [(part.as_posix(), path) for part, path in inside.items() if not passed_over & set(part.parts[:-1])]
    return [path for _, path in sorted(kept, key=lambda it: (sha256_hex(it[0]), it[0]))]


def _docstrings(path: Path, module: str) -> Iterator[tuple[str, str]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, OSError):
        return
    waiting: list[tuple[str, ast.Module | ast.ClassDef]] = [(module, tree)]
    while waiting:
        place, node = waiting.pop()
        for child in node.body:
            if not isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            name = f"{place}.{child.name}"
            if docstring := ast.get_docstring(child, clean=False):
                yield name, docstring
            if isinstance(child, ast.ClassDef):
                waiting.append((name, child))
