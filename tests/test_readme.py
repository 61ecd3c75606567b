"""What the README shows works as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MOST_LINES = 25


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    source = re.search(r"<!-- plugin -->\n```python\n(.*?)```", README, re.S).group(1)
    path = tmp_path_factory.mktemp("plugin") / "label_smoothing.py"
    path.write_text(source, encoding="utf-8")
    return path


def benchmark(*arguments, cwd):
    command = [sys.executable, "-m", "benchmark", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)


def test_the_method_of_the_readme_fits_on_a_screen(plugin):
    assert len(plugin.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_the_method_of_the_readme_passes_check(plugin, tmp_path):
    done = benchmark("check", "label_smoothing", "--plugin", plugin, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_method_of_the_readme_appears_in_the_table(plugin, tmp_path):
    done = benchmark(
        "run",
        *("--plugin", plugin, "--methods", "cross_entropy,label_smoothing", "--noises", "symmetric(0.4)"),
        *("--encoder", "scratch:tiny", "--limit-examples", 64, "--epochs", 1, "--seeds", 1, "--executor", "inline"),
        *("--out", "out"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "label_smoothing" in done.stdout
    assert "label_smoothing" in (tmp_path / "out" / "report" / "table.md").read_text(encoding="utf-8")


def test_every_verb_that_the_readme_names_exists():
    from benchmark.cli import app

    verbs = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}
    named = set(re.findall(r"python -m benchmark ([a-z]+)", README))
    assert named <= verbs, named - verbs


def test_every_file_that_the_readme_links_to_exists():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.fixture(scope="module")
def section():
    return re.search(r"## Your own data\n(.*?)\n## ", README, re.S).group(1)


@pytest.mark.parametrize("more", [(), ("--clean-column", "checked")])
def test_the_data_of_the_readme_run_as_it_says(section, tmp_path, more):
    assert len(section.strip().splitlines()) <= MOST_LINES
    rows = re.search(r"<!-- own data -->\n```csv\n(.*?)```", section, re.S).group(1)
    (tmp_path / "tickets.csv").write_text(rows, encoding="utf-8")
    command = re.search(r"python -m benchmark (run .*)", section).group(1).split()
    done = benchmark(*command, *more, "--executor", "inline", "--epochs", 1, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    table = (tmp_path / "results" / "runs" / "tickets" / "report" / "table.md").read_text(encoding="utf-8")
    assert "cross_entropy" in table and "gce" in table
    assert ("Agreement with noisy test labels" in table) == (not more)
