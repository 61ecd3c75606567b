"""Limits of size that keep every file readable."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("benchmark", "methods", "noise", "tests")
AS_USERS_WROTE_THEM = "plugins_before"
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*.py")
    if path.parent.name != AS_USERS_WROTE_THEM
)
MOST_LINES = 300
MOST_LINES_OF_A_FUNCTION = 60
WIDEST_DOCSTRING = 88
README_LINES = 130
WIDEST_README = 100
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@functools.cache
def source(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8")


def long_functions(text: str, most: int) -> dict[str, int]:
    """Lines of each function that is longer than it may be."""
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, FUNCTIONS)]
    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    return {name: lines for name, lines in lengths.items() if lines > most}


def docstrings(text: str) -> Iterator[ast.Expr]:
    """Every text that stands as a statement of its own: docstrings, and those of
    attributes.
    """
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node


def wide_docstring_lines(text: str, widest: int) -> list[int]:
    """Numbers of the lines of docstrings that are wider than they may be."""
    lines = text.splitlines()
    numbers = [n for node in docstrings(text) for n in range(node.lineno, (node.end_lineno or 0) + 1)]
    return [number for number in numbers if len(lines[number - 1]) > widest]


def test_no_file_is_longer_than_a_reader_takes_in():
    lines = {file: len(source(file).splitlines()) for file in FILES}
    assert {file: n for file, n in lines.items() if n > MOST_LINES} == {}


def test_no_function_is_longer_than_two_screens():
    found = {file: long_functions(source(file), MOST_LINES_OF_A_FUNCTION) for file in FILES}
    assert {file: functions for file, functions in found.items() if functions} == {}


def test_no_line_of_a_docstring_is_wider_than_a_narrow_window():
    wide = {file: wide_docstring_lines(source(file), WIDEST_DOCSTRING) for file in FILES}
    assert {file: numbers for file, numbers in wide.items() if numbers} == {}


def test_the_readme_is_one_page():
    assert len(source("README.md").splitlines()) <= README_LINES


def test_no_line_of_the_readme_is_wider_than_its_bound():
    wide = [number for number, line in enumerate(source("README.md").splitlines(), 1) if len(line) > WIDEST_README]
    assert wide == []


def test_a_function_above_the_limit_is_found():
    text = "def short():\n    pass\n\n\nasync def long():\n    pass\n    pass\n"
    assert long_functions(text, 2) == {"long": 3}


def test_a_wide_line_is_found_in_each_kind_of_docstring():
    text = f'"""{"m" * 9}"""\nA = 1\n"""{"a" * 9}"""\ndef f():\n  """f\n  {"d" * 9}\n  """\n  return "{"x" * 30}"\n'
    assert wide_docstring_lines(text, 10) == [1, 3, 6]
