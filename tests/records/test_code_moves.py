import shutil
import subprocess
from pathlib import Path

import pytest

from benchmark.contracts import methods
from benchmark.records.code import moves as code_moves
from benchmark.records.code.provenance import code_digest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def moved(monkeypatch):
    """A map in which one digest moved to another."""
    monkeypatch.setattr(code_moves, "_moves", lambda: {"before": "now"})


@pytest.mark.usefixtures("moved")
@pytest.mark.parametrize("recorded", ["now", "before"])
def test_code_is_the_same_under_its_present_and_its_earlier_place(recorded):
    assert code_moves.same_code(recorded, "now")


@pytest.mark.usefixtures("moved")
@pytest.mark.parametrize("recorded", ["older", ""])
def test_other_code_is_not_the_same(recorded):
    assert not code_moves.same_code(recorded, "now")


def test_every_digest_of_the_map_is_that_of_a_method_as_it_is_or_was():
    assert all(len(old) == len(new) == 16 for old, new in code_moves._moves().items())


def test_the_command_maps_the_digests_of_two_trees(tmp_path, monkeypatch):
    for name in ("benchmark", "methods", "noise"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "datasets", tmp_path / "datasets")
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    for words in (("init", "-q"), ("add", "-A"), (*who, "commit", "-qm", "before")):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)
    file = tmp_path / "methods" / "sce.py"
    file.write_text(file.read_text() + "\nMOVED = True\n")
    monkeypatch.setattr(code_moves, "MAP", tmp_path / "map.json")
    code_moves.write_map(tmp_path, ["HEAD"])
    (old,) = __import__("json").loads((tmp_path / "map.json").read_text())
    assert old == code_digest(methods["sce"])
