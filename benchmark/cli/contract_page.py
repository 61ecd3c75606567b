"""The page for authors of methods, read from the source of the contract itself."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from types import ModuleType
from typing import Any

from benchmark.analysis.layout.paragraphs import paragraphs

MODULES = ("gradient", "method", "batch", "views", "trainer", "handles")
"""The modules of `benchmark.contracts` that a method meets, in order."""

WIDTH = 76


@dataclass(frozen=True)
class Member:
    """An attribute or method of a class: how it is written, and what it is."""

    name: str
    signature: str
    about: str


@dataclass(frozen=True)
class Entry:
    """A class, a function or a type of the contract."""

    name: str
    about: str
    members: list[Member] = field(default_factory=list)


@dataclass(frozen=True)
class Section:
    """One module of the contract."""

    title: str
    entries: list[Entry]


def sections() -> list[Section]:
    """Give all that a method meets: itself, a batch, a view, the needs, the trainer."""
    return [_section(importlib.import_module(f"benchmark.contracts.{name}")) for name in MODULES]


def as_data() -> list[dict[str, Any]]:
    """Give the page as JSON values."""
    return [asdict(section) for section in sections()]


def lines(section: Section) -> Iterator[str]:
    """Yield the lines of a section below its title."""
    for entry in section.entries:
        yield ""
        yield entry.name
        yield from _indented(paragraphs(entry.about), 2)
        for place, member in enumerate(entry.members):
            if place == 0 or member.about:
                yield ""
            yield from _indented(member.signature.splitlines(), 4)
            yield from _indented(paragraphs(member.about), 8)


def _indented(lines: Iterable[str], depth: int) -> Iterator[str]:
    yield from (" " * depth + line if line else "" for line in lines)


def _section(module: ModuleType) -> Section:
    tree = ast.parse(inspect.getsource(module))
    title = (ast.get_docstring(tree) or module.__name__).splitlines()[0]
    return Section(title, [entry for entry in map(_entry, *_documented(tree.body)) if entry is not None])


def _documented(body: list[ast.stmt]) -> tuple[list[ast.stmt], list[str]]:
    """Give statements, and for each the text below it, as of an attribute."""
    below = [_text(statement) for statement in body[1:]] + [""]
    return body, below


def _text(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return inspect.cleandoc(str(statement.value.value))
    return ""


def _entry(statement: ast.stmt, below: str) -> Entry | None:
    if isinstance(statement, ast.ClassDef) and not statement.name.startswith("_"):
        found = map(_member, *_documented(statement.body))
        return Entry(statement.name, ast.get_docstring(statement) or "", [member for member in found if member])
    if isinstance(statement, ast.FunctionDef) and not statement.name.startswith("_"):
        return Entry(_signature(statement), ast.get_docstring(statement) or "")
    member = _member(statement, below) if isinstance(statement, ast.Assign) else None
    return None if member is None or member.name.isupper() else Entry(member.signature, member.about)


def _member(statement: ast.stmt, below: str) -> Member | None:
    """Give an attribute, property or method that has a name for others."""
    member = None
    if isinstance(statement, ast.FunctionDef):
        member = Member(statement.name, _signature(statement), ast.get_docstring(statement) or "")
    elif isinstance(statement, ast.AnnAssign):
        member = Member(ast.unparse(statement.target), _attribute(statement), below)
    elif isinstance(statement, ast.Assign) and not isinstance(statement.value, ast.Call):
        member = Member(ast.unparse(statement.targets[0]), ast.unparse(statement), below)
    return None if member is None or member.name.startswith("_") else member


def _attribute(statement: ast.AnnAssign) -> str:
    annotation = ast.unparse(statement.annotation)
    if annotation.startswith("ClassVar["):
        annotation = annotation.removeprefix("ClassVar[").removesuffix("]")
    default = "" if statement.value is None else f" = {ast.unparse(statement.value)}"
    return f"{ast.unparse(statement.target)}: {annotation}{default}"


def _signature(function: ast.FunctionDef) -> str:
    """Write how a function is called; a property looks as the attribute that it is."""
    result = "" if function.returns is None else ast.unparse(function.returns)
    if any(isinstance(mark, ast.Name) and mark.id == "property" for mark in function.decorator_list):
        return f"{function.name}: {result}"
    given = [part for part in _parameters(function.args) if part != "self"]
    line = f"{function.name}({', '.join(given)}) -> {result}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{function.name}(", *(f"    {part}," for part in given), f") -> {result}"])


def _parameters(arguments: ast.arguments) -> Iterator[str]:
    """Write each parameter with its type and its default."""
    plain = [*arguments.posonlyargs, *arguments.args]
    missing: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults))
    yield from map(_parameter, plain, missing + list(arguments.defaults))
    if arguments.kwonlyargs:
        yield "*"
    yield from map(_parameter, arguments.kwonlyargs, arguments.kw_defaults)


def _parameter(argument: ast.arg, default: ast.expr | None) -> str:
    typed = argument.arg if argument.annotation is None else f"{argument.arg}: {ast.unparse(argument.annotation)}"
    return typed if default is None else f"{typed} = {ast.unparse(default)}"
