"""The grid of the manual's page on running is one that can be planned."""

import json
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


def block(page, kind):
    """The first block of a kind on a page."""
    return re.search(rf"```{kind}\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.S)[1]


@pytest.mark.usefixtures("own_registry")
def test_the_grid_of_ones_own_and_its_method_are_planned_as_they_stand(command, tmp_path, monkeypatch):
    (tmp_path / "label_smoothing.py").write_text(block("adding-a-method.md", "python"), encoding="utf-8")
    (tmp_path / "mine.toml").write_text(block("running.md", "toml"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    planned = command("plan", "--grid", "mine.toml", "--out", tmp_path / "out", "--json")
    assert planned.code == 0, planned.err
    trials = [tuple(trial["name"]) for trial in json.loads(planned.out)["trials"]]
    assert len(trials) == 4 * 4 * 3
    assert ("label_smoothing", "semeval", "observed(weak)", "frozen:minilm", 2) in trials
