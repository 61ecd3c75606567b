import json
import string

from benchmark.cli.speed_page import as_markdown
from benchmark.speed import LINES
from benchmark.speed.model import Measurement
from benchmark.speed.output import goes, surroundings


def test_two_cheap_lines_are_measured_and_written(command, tmp_path):
    ended = command("speed", "--quick", "--lines", "imagined-labels,g", "--out", tmp_path)
    assert ended.code == 0
    assert "decide nothing" in ended.out
    content = json.loads((tmp_path / "speed.json").read_text())
    found = content["measurements"]
    assert content["quick"]
    assert {one["line"] for one in found} == {"imagined-labels", "help"}
    assert all(one["value"] > 0 and one["verdict"] == "reported" for one in found)
    page = (tmp_path / "speed.md").read_text()
    assert "| help " in page
    assert "decide nothing" in page
    assert content["git_commit"] in page


def test_without_a_folder_nothing_is_written(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert command("speed", "--quick", "--lines", "help").code == 0
    assert not list(tmp_path.iterdir())


def test_the_lines_are_listed(command):
    shown = command("speed", "--list").out.splitlines()
    assert [line.split()[1] for line in shown if line[0] != " "] == list(LINES)


def test_unknown_lines_are_refused_with_the_choices(refused):
    message = refused("speed", "--lines", "padding,hepl")
    assert "Did you mean 'help'" in message
    assert "workers" in message
    assert f"a to {string.ascii_lowercase[len(LINES) - 1]}" in message
    assert "names nothing" in refused("speed", "--lines", ",")


def test_the_page_says_what_was_missed_and_where_the_time_goes():
    missed = Measurement("plan", "a | plan", 4.0, "s", at_most=3.0, seconds={"pydantic": 2.5}, note="slow disk")
    assert goes(missed) == "pydantic 2.5 s; slow disk"
    page = as_markdown([missed], surroundings(quick=False, load=0.1))
    assert r"| plan | a \| plan | 4 s | ≤ 3 s | missed |" in page
    assert "pydantic 2.5 s" in page


def test_a_busy_machine_is_said():
    assert "load 3.0" in as_markdown([], surroundings(quick=False, load=3.0))
    assert "idle" not in as_markdown([], surroundings(quick=False, load=None))
