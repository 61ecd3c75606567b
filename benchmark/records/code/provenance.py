"""Under which code and libraries a record is made."""

from __future__ import annotations

import ast
import datetime
import functools
import importlib.metadata
import linecache
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import benchmark
from benchmark.contracts.hashes import sha256_hex
from benchmark.records.code.plugins import MODULE_PREFIX
from benchmark.records.schema import Provenance

ROOT = Path(benchmark.__file__).resolve().parent.parent
COMMIT_VARIABLE = "BENCHMARK_COMMIT"
TRAINER = ("benchmark.contracts.gradient", "benchmark.training.trainer")
"""Where a training runs, whatever the method: these and what they import are part of
every digest.
"""

FOLLOWED = ("methods", "benchmark.training", *TRAINER)
LIBRARIES = ("torch", "transformers", "numpy", "scipy", "scikit-learn", "ray")


def provenance(code_digest: str) -> Provenance:
    """Versions, commit, time and machine, as they are now."""
    return Provenance(
        benchmark_version=benchmark.__version__,
        git_commit=git_commit(),
        code_digest=code_digest,
        versions={"python": sys.version.split()[0]} | {name: _version(name) for name in LIBRARIES},
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        node=platform.node() or None,
    )


@functools.cache
def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


@functools.lru_cache(maxsize=1)
def git_commit() -> str | None:
    """The commit of the checkout, with a plus where tracked files differ from it; None
    outside a checkout.

    Code that a driver sent to another node is under the driver's commit.
    """
    if COMMIT_VARIABLE in os.environ:
        return os.environ[COMMIT_VARIABLE]
    if not (ROOT / ".git").exists():
        return None
    try:
        commit = _git("rev-parse", "HEAD")[:12]
        return commit + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return None


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True, timeout=10)
    return done.stdout.strip()


def code_digest(cls: type) -> str:
    """A hash of a method's code without docstrings and comments, of what it imports,
    and of the trainer.
    """
    return _module_digest(cls.__module__)


@functools.lru_cache(maxsize=256)
def _module_digest(module: str) -> str:
    source = getattr(sys.modules[module], "__file__", None)
    by_name = ""
    start: list[Path] = []
    if module.startswith(MODULE_PREFIX):
        by_name = module  # a plugin's name ends in the hash of its source
        start = _imported(ast.parse("".join(linecache.getlines(source or ""))), ())
    elif source is None or not Path(source).exists():
        by_name = module
    else:
        start = _whole(Path(source))
    start += [file for name in TRAINER for file in _files_of(name)]
    files = sorted(_reachable(start), key=_name_in_project)
    return sha256_hex(by_name, *(_source(file).code for file in files), digits=16)


def _whole(source: Path) -> list[Path]:
    """The file, and where it is a package all of the package."""
    return [source, *source.parent.glob("*.py")] if source.name == "__init__.py" else [source]


def _name_in_project(path: Path) -> tuple[str, ...]:
    return path.relative_to(ROOT).parts if path.is_relative_to(ROOT) else path.parts


def _reachable(start: list[Path]) -> set[Path]:
    todo = list(start)
    found: set[Path] = set()
    while todo:
        path = todo.pop()
        if path not in found:
            found.add(path)
            todo += _source(path).imported
    return found


@dataclass(frozen=True)
class _Source:
    """What of a file enters a digest: the files that it imports and its bare code."""

    imported: list[Path]
    code: str


@functools.lru_cache(maxsize=512)
def _source(path: Path) -> _Source:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return _Source(_imported(tree, _name_in_project(path)[:-1]), _bare_code(tree))


def _imported(tree: ast.Module, package: tuple[str, ...]) -> list[Path]:
    """The files of `FOLLOWED` that a module imports, as modules or names of modules."""
    modules: list[str] = []
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            modules += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return [file for name in dict.fromkeys(modules) if _followed(name) for file in _files_of(name)]


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """The module and all statements in it, at whatever depth.

    Neither imports nor docstrings are in expressions, which are most of a tree.
    """
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        yield node
        for part in ("body", "orelse", "finalbody", "handlers", "cases"):
            todo += getattr(node, part, ())


def _followed(module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in FOLLOWED)


def _files_of(module: str) -> list[Path]:
    base = ROOT.joinpath(*module.split("."))
    return [p for p in (base.with_suffix(".py"), base / "__init__.py") if p.exists()]


def _bare_code(tree: ast.Module) -> str:
    """The code without any text that only documents it; the tree loses that text."""
    for node in _statements(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [statement for statement in node.body if not _documents(statement)] or [ast.Pass()]
    return ast.dump(tree)


def _documents(statement: ast.stmt) -> bool:
    """Whether a statement is a text alone: a docstring, of a name too."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
