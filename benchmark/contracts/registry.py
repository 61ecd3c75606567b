"""Named classes, found by scanning a folder, joined by a decorator."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from benchmark.contracts.errors import BenchmarkError, UnknownNameError

T = TypeVar("T")


class Registry(Generic[T]):
    """Classes of one kind by name.

    A second class of the same name is an error that shows both places.

    `apart` names the modules of the package that hold no member.
    """

    def __init__(self, kind: str, package: str, apart: tuple[str, ...] = ()) -> None:
        self.kind = kind
        self._package = package
        self._apart = apart
        self._members: dict[str, type[T]] = {}
        self._scanned = False

    def register(self, member: type[Any]) -> type[Any]:
        """Add a class under its `name`; usable as a decorator."""
        name = member.__dict__.get("name") or getattr(member, "name", None)
        if not isinstance(name, str) or not name.isidentifier():
            raise BenchmarkError(
                f"{self.kind} class {_place(member)} needs a class attribute `name` that is a plain identifier."
            )
        known = self._members.get(name)
        if known is not None and _place(known) != _place(member):
            raise BenchmarkError(
                f"Two classes are registered as {self.kind} '{name}': {_place(known)} and {_place(member)}. "
                "Rename one of them."
            )
        self._members[name] = member
        return member

    def __getitem__(self, name: str) -> type[T]:
        self._scan()
        if name not in self._members:
            raise UnknownNameError(self.kind, name, self._members)
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        self._scan()
        return iter(sorted(self._members))

    def __contains__(self, name: object) -> bool:
        self._scan()
        return name in self._members

    def _scan(self) -> None:
        if self._scanned:
            return
        self._scanned = True
        package = importlib.import_module(self._package)
        for module in pkgutil.iter_modules(package.__path__):
            if not module.name.startswith("_") and module.name not in self._apart:
                importlib.import_module(f"{self._package}.{module.name}")


def _place(member: type[Any]) -> str:
    try:
        return f"{member.__qualname__} in {inspect.getsourcefile(member)}"
    except (TypeError, OSError):
        return f"{member.__module__}.{member.__qualname__}"
