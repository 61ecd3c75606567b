"""Walls of the house that the import rules in pyproject.toml cannot state."""

import ast
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import tests.support.house as house

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("benchmark", "methods", "noise")
MOST_MODULES = 15
REGISTRIES = {"methods", "noise", "benchmark/cli"}
"""Folders that hold one file a method, a noise and a verb: each file stands alone, and
there may be many.
"""


@cache
def modules():
    """Dotted name, path and parsed source of every module."""
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found.append((".".join(parts).removesuffix(".__init__"), path, tree))
    return found


def imported(tree):
    """Module and name of every import of this project."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.module, alias.name) for alias in node.names)


def private_parts(module, name):
    """The package that a private module or name belongs to, for each private part of an
    import.
    """
    parts = [*module.split("."), *([name] if name else [])]
    for place, part in enumerate(parts):
        if part.startswith("_") and not part.startswith("__"):
            yield ".".join(parts[:place])


def test_no_module_imports_a_private_one_of_another_package():
    broken = [
        f"{module} imports {of}.{name}"
        for module, path, tree in modules()
        for of, name in imported(tree)
        if of.split(".")[0] in PACKAGES
        for owner in private_parts(of, name)
        if owner != (module if path.name == "__init__.py" else module.rpartition(".")[0])
    ]
    assert broken == []


def test_no_folder_holds_more_modules_than_a_reader_can_keep_apart():
    counts = Counter(path.parent.relative_to(ROOT).as_posix() for _, path, _ in modules() if path.name != "__init__.py")
    crowded = {folder: count for folder, count in counts.items() if count > MOST_MODULES}
    assert {folder: count for folder, count in crowded.items() if folder not in REGISTRIES} == {}


@pytest.mark.parametrize("folder", sorted({p.parent.name for p in (ROOT / "benchmark").glob("*/__init__.py")}))
def test_every_room_of_the_harness_has_its_floor_in_the_import_rules(folder):
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    floors = next(rule["layers"] for rule in rules if rule["type"] == "layers")
    assert folder in {room.strip() for floor in floors for room in floor.replace(":", "|").split("|")}


def test_the_house_has_no_more_rooms_floors_and_arrows_than_a_reader_can_keep_in_mind():
    """`__main__` is a room and a floor of its own here, above the command line."""
    assert len(house.rooms()) <= 20
    assert max(house.floors().values()) <= 8
    assert len(house.arrows()) <= 84


def test_no_arrow_runs_up_but_that_of_the_packages_face():
    assert {pair for pair in house.arrows() if house.FACE in pair} == {("benchmark", "api"), ("records", "benchmark")}


def test_no_two_modules_import_each_other_be_it_for_types_alone():
    assert house.circles() == set()


def test_tests_share_by_the_support_folder_and_import_no_other_test():
    broken = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for module, _ in imported(ast.parse(path.read_text(encoding="utf-8")))
        if module.split(".")[0] == "tests" and not module.startswith("tests.support.")
    ]
    assert broken == []
