import json
import string

import pytest

from benchmark.cli.speed_page import as_markdown
from benchmark.contracts import BenchmarkError
from benchmark.speed import LINES
from benchmark.speed.model import Line, Measurement
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


def test_the_page_names_the_gpu_that_its_lines_hold_for(monkeypatch):
    assert "GPU" not in as_markdown([], surroundings(quick=False, load=None) | {"gpu": None})
    monkeypatch.setattr("benchmark.records.machine.gpus", lambda: 1)
    monkeypatch.setattr("torch.cuda.get_device_name", lambda: "a large card")
    assert "a large card" in as_markdown([], surroundings(quick=False, load=None))


def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_measured(refused, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setitem(LINES, "help", Line("help", "never measured", lambda setting: 1 / 0))
    assert "a part of the path is a file" in refused("speed", "--lines", "help", "--out", tmp_path / "file" / "out")


@pytest.mark.parametrize("end", [KeyboardInterrupt, BenchmarkError])
def test_what_was_measured_is_shown_and_written_though_a_later_line_ends_it(command, monkeypatch, tmp_path, end):
    def measured(setting):
        return [Measurement("help", "--help", 0.25, "s", at_most=0.5)]

    def ended(setting):
        raise end("on purpose")

    monkeypatch.setitem(LINES, "help", Line("help", "quick", measured))
    monkeypatch.setitem(LINES, "report", Line("report", "slow", ended))
    call = command("speed", "--lines", "help,report", "--out", tmp_path)
    assert call.code in (2, 130)
    assert "0.25 s" in call.out
    assert [one["line"] for one in json.loads((tmp_path / "speed.json").read_text())["measurements"]] == ["help"]


def test_the_page_says_what_was_missed_and_where_the_time_goes():
    missed = Measurement("plan", "a | plan", 4.0, "s", at_most=3.0, seconds={"pydantic": 2.5}, note="slow disk")
    assert goes(missed) == "pydantic 2.5 s; slow disk"
    page = as_markdown([missed], surroundings(quick=False, load=0.1))
    assert r"| plan | a \| plan | 4 s | ≤ 3 s | missed |" in page
    assert "pydantic 2.5 s" in page


def test_a_busy_machine_is_said():
    assert "load 3.0" in as_markdown([], surroundings(quick=False, load=3.0))
    assert "idle" not in as_markdown([], surroundings(quick=False, load=None))
