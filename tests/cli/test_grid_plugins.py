"""A grid's file names plug-ins, by paths relative to itself."""

import json

import pytest

from benchmark import run_grid

pytestmark = pytest.mark.usefixtures("own_registry")

GRID = """
title = "Own methods"
methods = ["cross_entropy", "halved"]
encoders = ["scratch:tiny"]
seeds = 1
plugins = {plugins}

[limits]
train = 64
valid = 16
test = 16

[[cells]]
corpora = ["apidocs"]
noises = ["clean()"]
"""


@pytest.fixture
def grid(tmp_path, plugin, monkeypatch):
    """A grid in a folder of its own, beside the plug-in's, and seen from elsewhere."""
    (tmp_path / "grids").mkdir()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    path = tmp_path / "grids" / "own.toml"
    path.write_text(GRID.format(plugins=f'["../{plugin.name}"]'))
    return path


def planned(command, *arguments):
    ended = command("plan", *arguments, "--json", "--all")
    assert ended.code == 0, ended.err
    return [(trial["trial"], trial["name"][0]) for trial in json.loads(ended.out)["trials"]]


def test_a_grids_plugin_is_found_beside_the_grid_wherever_the_command_runs(command, grid):
    assert [method for _, method in planned(command, "--grid", grid)] == ["cross_entropy", "halved"]


def test_a_plugin_named_by_grid_and_option_is_one_with_the_same_trials(command, grid, plugin):
    assert planned(command, "--grid", grid, "--plugin", plugin) == planned(command, "--grid", grid)


def test_a_grids_plugin_runs_from_python(grid, tmp_path):
    outcome = run_grid(str(grid), tmp_path / "run", epochs=1, executor="inline")
    assert {record.method.split("[")[0]: record.status for record in outcome.records} == {
        "cross_entropy": "done",
        "halved": "done",
    }


@pytest.mark.parametrize("plugins", ['["gone.py"]', "[3]", '"own_methods.py"'])
def test_a_plugin_that_a_grid_names_wrongly_is_refused_by_name(refused, grid, plugins):
    grid.write_text(GRID.format(plugins=plugins))
    message = refused("plan", "--grid", grid)
    assert ("gone.py" if "gone" in plugins else "plugins") in message
