"""The plan of the house, counted from the code's imports.

A room is a package of `benchmark`, or a module beside them. An arrow runs from a room
to each room that it imports, wherever in a file the import stands. A floor is one above
the highest room that a room imports. `python -m tests.support.house` prints the
figures.
"""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FACE = "benchmark"
"""The room of `benchmark/__init__.py`, whose names are imported on first use."""


@cache
def modules():
    """Source of each module of `benchmark` by its dotted name."""
    paths = sorted((ROOT / "benchmark").rglob("*.py"))
    names = (".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths)
    return {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in zip(names, paths, strict=True)}


def imported_by(tree):
    """The modules of `benchmark` that a module imports, be it for types alone."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in modules() else node.module for name in inner]
        else:
            continue
        yield from (name for name in names if name in modules())


def room_of(module):
    """The room of a module."""
    return module.split(".")[1] if "." in module else FACE


def rooms():
    """All rooms but the face."""
    return {room_of(module) for module in modules()} - {FACE}


@cache
def arrows():
    """Pairs of rooms, the first of which imports the second."""
    pairs = {(room_of(name), room_of(other)) for name, tree in modules().items() for other in imported_by(tree)}
    return frozenset((one, other) for one, other in pairs if one != other)


def floors():
    """The floor of each room but the face, from 1."""
    below = {room: {other for one, other in arrows() if one == room} - {FACE} for room in rooms()}

    @cache
    def floor(room):
        return 1 + max((floor(other) for other in below[room]), default=0)

    return {room: floor(room) for room in below}


def circles():
    """Pairs of modules that import each other, be it for types alone."""
    found = {(name, other) for name, tree in modules().items() for other in imported_by(tree)}
    return {(one, other) for one, other in found if (other, one) in found and one < other}


if __name__ == "__main__":
    up = sorted(pair for pair in arrows() if pair[0] == FACE)
    counts = {"rooms": len(rooms()), "floors": max(floors().values()), "arrows": len(arrows()), "up": up}
    print(counts | {"circles": sorted(circles())})  # noqa: T201
