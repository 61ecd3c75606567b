"""The manual builds without a warning, and what it says can be typed and found."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer
from packaging.requirements import Requirement

from benchmark.cli import app, catalogue
from benchmark.contracts import methods, noises

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in (*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md")}
VERBS = typer.main.get_command(app)


def commands(text):
    """All commands of this project that stand in a block or between backticks."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.S) + re.findall(r"`(python -m benchmark [^`]+)`", text)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True)[3:] for line in lines if line.startswith("python -m benchmark ")]


COMMANDS = [(name, words) for name, text in TEXTS.items() for words in commands(text)]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_page_is_built_without_a_warning(site):
    assert {path.stem for path in PAGES} <= {path.stem for path in site.glob("*.html")}


def test_no_page_fetches_anything_from_elsewhere(site):
    fetching = re.compile(r"""<(?:script|img|link|iframe)\b[^>]*?(?:src|href)=["']?(https?:)?//[^"' >]+""")
    assert [
        (page.name, found[0]) for page in site.glob("*.html") for found in fetching.finditer(page.read_text())
    ] == []


@pytest.mark.parametrize("page", [path.name for path in PAGES])
def test_no_page_is_empty(page):
    assert len(TEXTS[page].splitlines()) > 10


def test_the_catalogue_is_that_of_the_registered_classes():
    made = subprocess.run(
        [sys.executable, "-c", "from benchmark.cli.catalogue import page; print(page(), end='')"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert made.stdout == TEXTS["catalogue.md"], "make catalogue"


@pytest.mark.parametrize(("page", "words"), COMMANDS, ids=lambda value: value if isinstance(value, str) else value[0])
def test_every_command_of_the_manual_has_the_options_that_it_names(page, words):
    verb = VERBS
    while subcommands := getattr(verb, "commands", None):
        name, *words = words
        assert name in subcommands
        verb = subcommands[name]
    verb.make_context(verb.name, words)  # an unknown option, or a value out of its range, raises


def test_the_manual_names_many_commands():
    assert len(COMMANDS) >= 10


def test_every_place_within_a_page_that_is_linked_to_exists(site):
    links = re.findall(r"\((?:docs/)?([\w-]+)\.md#([\w-]+)\)", "\n".join(TEXTS.values()))
    assert links
    assert [(page, place) for page, place in links if f'id="{place}"' not in (site / f"{page}.html").read_text()] == []


def test_every_method_and_noise_has_a_family():
    members = [*(methods[name] for name in methods), *(noises[name] for name in noises)]
    ours = [member for member in members if member.__module__.split(".")[0] in ("methods", "noise")]
    assert [member.name for member in ours if not member.family] == []


def test_signs_of_markdown_in_an_idea_are_escaped():
    row = {"name": "odd", "about": "a | b <i> T[k]", "networks": 2}
    assert catalogue.full_table("methods", [row]).splitlines()[-1] == r"| `odd ×2` | a \| b &lt;i> T\[k\] |"


def test_all_that_the_manual_needs_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = {
        name(line) for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if "==" in line
    }
    todo = {name(line) for line in project["optional-dependencies"]["dev"]}
    seen = set()
    while todo:
        package = todo.pop()
        seen.add(package)
        todo |= needed_by(package) - seen
    assert sorted(seen - pinned) == []


def needed_by(package):
    asked = [Requirement(line) for line in importlib.metadata.requires(package) or ()]
    return {name(each.name) for each in asked if each.marker is None or each.marker.evaluate({"extra": ""})}


def name(requirement):
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-").replace(".", "-")
