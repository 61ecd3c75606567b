"""What the README shows works as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from benchmark.cli.catalogue import corpora_by_noise
from benchmark.corpora import catalogue

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MOST_LINES, MOST_COLUMNS = 130, 100
MOST_LINES_OF_A_METHOD = 25
MOST_ROWS = 9
LAST = "last_test_accuracy"
TICKETS = """\
Where is my parcel? It was due on Monday,delivery,delivery
The courier left the box in the rain,refund,delivery
The parcel went to my neighbour's door,delivery,delivery
Please send my money back,refund,refund
I was charged twice and want a refund,refund,refund
Cancel order 12 and refund the full price,delivery,refund
When do I get my money back?,refund,refund
"""


def section(title):
    return re.search(rf"## {title}\n(.*?)(\n## |\Z)", README, re.S).group(1)


def test_the_readme_is_a_first_page():
    assert len(README.splitlines()) <= MOST_LINES


def test_the_lines_of_the_readme_fit_any_screen():
    assert [line for line in README.splitlines() if len(line) > MOST_COLUMNS] == []


@pytest.mark.parametrize("what", ["methods", "noises"])
def test_the_families_of_the_readme_are_those_of_the_command(what):
    table = benchmark("list", what, "--families", "--markdown", cwd=ROOT).stdout
    assert f"\n{table}" in README
    assert len(table.splitlines()) - 2 <= MOST_ROWS


def test_the_corpora_of_the_readme_are_those_of_the_cards():
    assert f"\n{corpora_by_noise()}\n" in README


def test_the_table_of_the_demo_holds_the_measured_means():
    records = pd.read_parquet(ROOT / "results/measured/demo/records.parquet", columns=["method", "noise", LAST])
    means = (100 * records.groupby(["method", "noise"])[LAST].mean()).unstack()
    noises = section("Two commands").partition("method  ")[2].splitlines()[0].split()
    shown = re.findall(r"^(\w+)(?: ×2)? +(.*±.*)$", section("Two commands"), re.M)
    assert {name for name, _ in shown} == set(means.index)
    for name, cells in shown:
        numbers = [float(number) for number in re.findall(r"([\d.]+) ±", cells)]
        assert numbers == [pytest.approx(means.loc[name, noise], abs=0.051) for noise in noises]


def test_the_readme_says_how_to_reach_the_environment():
    commands = re.findall(r"```sh\n(.*?)```", README, re.S)
    first = next(block for block in commands if "python -m benchmark" in block)
    assert first.startswith(". .venv/bin/activate\n")


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    source = re.search(r"```python\n(.*?)```", section("A method of your own"), re.S).group(1)
    path = tmp_path_factory.mktemp("plugin") / "label_smoothing.py"
    path.write_text(source, encoding="utf-8")
    return path


def benchmark(*arguments, cwd):
    command = [sys.executable, "-m", "benchmark", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)


def test_the_method_of_the_readme_fits_on_a_screen(plugin):
    assert len(plugin.read_text(encoding="utf-8").splitlines()) <= MOST_LINES_OF_A_METHOD


@pytest.mark.usefixtures("own_registry")
def test_the_method_of_the_readme_passes_check(plugin, command):
    ended = command("check", "label_smoothing", "--plugin", plugin)
    assert ended.code == 0, ended.out + ended.err


@pytest.mark.usefixtures("own_registry")
def test_the_method_of_the_readme_appears_in_the_table(plugin, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended = command(
        "run",
        *("--plugin", plugin, "--methods", "cross_entropy,label_smoothing", "--noises", "symmetric(0.4)"),
        *("--encoder", "scratch:tiny", "--limit-examples", 16, "--epochs", 1, "--seeds", 1, "--executor", "inline"),
        *("--out", "out"),
    )
    assert ended.code == 0, ended.out + ended.err
    assert "label_smoothing" in ended.out
    assert "label_smoothing" in (tmp_path / "out" / "report" / "table.md").read_text(encoding="utf-8")


def test_every_verb_that_the_readme_names_exists():
    from benchmark.cli import app

    verbs = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}
    named = set(re.findall(r"python -m benchmark ([a-z-]*[a-z])", README))
    assert named <= verbs, named - verbs


def test_every_file_that_the_readme_links_to_exists():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("more", [(), ("--clean-column", "checked")])
def test_the_data_of_the_readme_run_as_it_says(command, tmp_path, monkeypatch, more):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(catalogue, "_own", {})
    own = section("Your own data")
    rows = re.search(r"```csv\n(.*?)```", own, re.S).group(1)
    (tmp_path / "tickets.csv").write_text(rows + TICKETS, encoding="utf-8")
    words = re.search(r"python -m benchmark (run .*)", own).group(1).split()
    few = ("--methods", "cross_entropy,gce", "--executor", "inline", "--epochs", 1)
    ended = command(*words, *more, *few)
    assert ended.code == 0, ended.out + ended.err
    (folder,) = (tmp_path / "results" / "runs").glob("tickets-*")
    table = (folder / "report" / "table.md").read_text(encoding="utf-8")
    assert "cross_entropy" in table
    assert "gce" in table
    assert ("Agreement with noisy test labels" in table) == (not more)
