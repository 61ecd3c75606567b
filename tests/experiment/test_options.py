import dataclasses
import math
import re
from typing import get_type_hints

import pytest
import typer.main

from benchmark import run_grid
from benchmark.cli import app
from benchmark.contracts import BenchmarkError
from benchmark.experiment.choices import Choices
from benchmark.experiment.options import RunOptions, check_options, default_of, flag_of, run_options
from benchmark.running.executors import Resources
from benchmark.running.request import Request, make_request

MADE = {"plugins", "archives", "trials"}
"""Fields of a request that are made of options or of other words of the command
line.
"""


def flags(verb):
    """The options of a verb as its parser has them."""
    return {flag for each in typer.main.get_command(app).commands[verb].params for flag in each.opts}


def test_run_has_every_option():
    assert {flag_of(name) for name in run_options()} <= flags("run")


def test_plan_has_every_option_but_those_of_a_run_alone():
    shown = {flag_of(name) for name, option in run_options().items() if not option.run_only}
    hidden = {flag_of(name) for name, option in run_options().items() if option.run_only}
    assert (shown - flags("plan"), hidden & flags("plan")) == (set(), set())


def test_every_option_has_a_help_text():
    assert [name for name, option in run_options().items() if not option.help.endswith(".")] == []


def test_python_has_every_option_as_a_typed_argument():
    assert set(get_type_hints(RunOptions)) == set(run_options())


@pytest.mark.parametrize("cls", [Choices, Resources])
def test_parts_of_a_request_have_the_options_names(cls):
    assert {field.name for field in dataclasses.fields(cls)} <= set(run_options())


def test_a_request_has_the_options_names():
    parts = {"grid", "out", "choices", "resources", "own_corpus", "remarks", *MADE}
    assert {field.name for field in dataclasses.fields(Request)} - parts <= set(run_options())


@pytest.mark.parametrize("cls", [Choices, Resources, Request])
def test_defaults_are_those_of_the_options(cls):
    named = [field for field in dataclasses.fields(cls) if field.name in run_options() and field.name not in MADE]
    assert {field.name: field.default for field in named} == {field.name: default_of(field.name) for field in named}


REFUSED = [
    ("methods", "gce"),
    ("corpora", [3]),
    ("encoders", 3),
    ("seeds", 0),
    ("seeds", "3"),
    ("settings", None),
    ("limit_examples", 7),
    ("epochs", 10**12),
    ("batch_size", 0),
    ("precision", "float16"),
    ("data", 3),
    ("text_columns", "text"),
    ("label_column", 3),
    ("max_tokens", 7),
    ("max_tokens", 10**9),
    ("plugins", "own.py"),
    ("archives", [3]),
    ("reference", 3),
    ("executor", "rey"),
    ("workers", True),
    ("threads_per_trial", None),
    ("gpus_per_trial", -1),
    ("address", 3),
    ("max_hours", 0),
    ("trial_hours", math.nan),
    ("fail_fast", "no"),
    ("curves", 1),
]


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_python_refuses_a_wrong_value_by_its_name(tmp_path, name, value):
    with pytest.raises(BenchmarkError, match=flag_of(name).removeprefix("--").replace("-", ".")):
        run_grid(out=tmp_path / "run", **{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit_examples", 7),
        ("epochs", 10**12),
        ("batch_size", 0),
        ("precision", "float16"),
        ("max_tokens", 7),
        ("workers", 0),
        ("threads_per_trial", 0),
        ("gpus_per_trial", -1.0),
        ("max_hours", 0.0),
        ("executor", "rey"),
    ],
)
def test_the_command_line_refuses_with_the_same_words(refused, tmp_path, name, value):
    with pytest.raises(BenchmarkError) as error:
        check_options({name: value})
    assert str(error.value) in " ".join(refused("run", flag_of(name), value, "--out", tmp_path / "run").split())


def test_an_unknown_option_names_the_nearest():
    with pytest.raises(BenchmarkError, match="max_hours"):
        run_grid(max_hour=1)


@pytest.mark.parametrize("option", [{"max_tokens": 64}, {"label_column": "label"}, {"text_columns": ["text"]}])
def test_columns_without_data_are_refused(option):
    with pytest.raises(BenchmarkError, match="--data"):
        make_request("demo", None, option)


@pytest.mark.parametrize(("grid", "name"), [("demo", "demo"), ("own.toml", "own-[0-9a-f]{8}")])
def test_the_folder_is_named_after_the_grid(tmp_path, monkeypatch, grid, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.toml").write_text('title="x"\nmethods=["gce"]\nencoders=["scratch:tiny"]\nseeds=1\ncells=[]\n')
    out = make_request(grid, None, {}).out
    assert out.parent.name == "runs"
    assert re.fullmatch(name, out.name)


def test_the_folder_is_the_one_given(tmp_path):
    assert make_request("demo", tmp_path, {}).out == tmp_path


def test_data_of_ones_own_names_the_folder_and_comes_first(tmp_path):
    rows = [f"a text number {row},{'ab'[row % 2]}" for row in range(40)]
    (tmp_path / "mine.csv").write_text("\n".join(["text,label", *rows]))
    found = make_request(
        "demo", None, {"data": tmp_path / "mine.csv", "text_columns": ["text"], "label_column": "label"}
    )
    assert re.fullmatch("mine-[0-9a-f]{8}", found.out.name)
    assert (found.choices.corpora, found.title) == (("mine",), "mine")


def test_other_axes_stand_in_the_title():
    assert "methods" in make_request("demo", None, {"methods": ["gce"]}).title
