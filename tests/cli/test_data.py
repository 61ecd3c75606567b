import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmark.cli.data import app
from benchmark.contracts import BenchmarkError, UnknownNameError
from benchmark.corpora import corpus_names

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path_factory.getbasetemp() / "data-cache"))
    monkeypatch.setenv("BENCHMARK_OFFLINE", "1")


@pytest.fixture
def real_data(monkeypatch):
    folder = os.environ.get("BENCHMARK_DATA") or str(ROOT.parent / "shared" / "data")
    if not all(Path(part).is_dir() for part in folder.split(os.pathsep)):
        pytest.skip("real data not at hand: set BENCHMARK_DATA")
    monkeypatch.setenv("BENCHMARK_DATA", folder)


@pytest.fixture
def no_data(monkeypatch, tmp_path):
    monkeypatch.setenv("BENCHMARK_DATA", str(tmp_path))
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path / "cache"))


def call(*arguments: str):
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})


def test_list_shows_every_corpus_as_a_table_and_as_json(no_data):
    table, rows = call("list"), json.loads(call("list", "--json").stdout)
    assert [row["name"] for row in rows] == list(corpus_names())
    assert all(row["name"] in table.stdout for row in rows)
    assert {row["name"]: row["at_hand"] for row in rows}["trec"] is None


def test_show_prints_the_data_statement_with_examples(real_data):
    printed = call("show", "semeval").stdout
    for part in (
        "Licence:",
        "weak",
        "llm",
        "55.49% wrong",
        "Known defects:",
        "Cause-Effect 276",
        "@inproceedings",
        "<e1> ",
    ):
        assert part in printed


def test_show_without_the_files_prints_the_card_and_what_is_missing(no_data):
    shown = call("show", "trec")
    assert shown.exit_code == 0
    assert "strip_first_word" in shown.stdout
    assert "raw.githubusercontent.com" in shown.stdout


def test_show_of_an_unknown_corpus_is_an_error_with_the_nearest_name():
    assert isinstance(call("show", "semevall").exception, UnknownNameError)


def test_no_control_character_of_a_text_reaches_the_terminal():
    from benchmark.cli.output import printable

    assert printable("a\x1b[31m\x07b\n[bold]c", 300) == "a [31m b [bold]c"


def test_verify_says_ok_line_by_line(real_data):
    verified = call("verify", "trec")
    assert verified.exit_code == 0
    assert re.search(r"^ *ok +train rows: 4965$", verified.stdout, re.M)
    assert "differs" not in verified.stdout


def test_verify_fails_where_a_card_is_wrong(real_data, monkeypatch):
    import benchmark.corpora
    from benchmark.corpora import load_card

    card = load_card("trec")
    wrong = card.model_copy(update={"overlaps": {"test in train": 7}})
    monkeypatch.setattr(benchmark.corpora, "load_card", lambda name: wrong)
    verified = call("verify", "trec")
    assert verified.exit_code == 1
    (line,) = (line for line in verified.stdout.splitlines() if "test in train" in line)
    assert re.findall(r"\d+", line) == ["7", "9"]
    assert "Differ: trec" in verified.stdout


def test_verify_names_corpora_that_are_not_at_hand(no_data):
    verified = call("verify", "trec", "semeval")
    assert verified.exit_code == 1
    assert "trec, semeval" in verified.stdout


def test_verify_fails_on_a_changed_file(no_data, tmp_path):
    (tmp_path / "wrench_trec").mkdir()
    (tmp_path / "wrench_trec" / "train.json").write_text("{}")
    verified = call("verify", "trec")
    assert verified.exit_code == 1
    assert "has sha256" in " ".join(verified.stdout.split())
    assert "Differ: trec" in verified.stdout


def test_fetch_offline_is_one_error_that_names_every_corpus(no_data):
    error = call("fetch", "trec", "agnews_12k").exception
    assert isinstance(error, BenchmarkError)
    assert "trec:" in str(error)
    assert "agnews_12k:" in str(error)
    assert "BENCHMARK_DATA" in str(error)


def test_fetch_names_the_files_at_hand(real_data):
    assert "wrench_trec/train.json" in call("fetch", "trec").stdout


def test_importing_the_verb_is_light():
    code = (
        "import sys, benchmark.cli.data; "
        "print([m for m in ('pandas', 'torch', 'ray', 'sklearn', 'pydantic', 'pooch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
