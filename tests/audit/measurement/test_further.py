"""The measurements of votes and of texts of no class, and the archive of all."""

import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmark.audit.measurement import annotated
from benchmark.audit.measurement.annotated import measure_votes
from benchmark.audit.measurement.foreign import OUTSIDE, measure_foreign
from benchmark.audit.measurement.further_tables import foreign_table, votes_table
from benchmark.audit.measurement.measure import Labelled
from benchmark.audit.reading import make_table
from benchmark.contracts import BenchmarkError

ROOT = Path(__file__).parents[3]
MEASURED = ROOT / "results/measured/detection"
TRUE = np.arange(90) % 3


@pytest.fixture(scope="module")
def features():
    return (2 * np.eye(3, 6)[TRUE] + np.random.default_rng(0).normal(size=(90, 6))).astype(np.float32)


@pytest.fixture
def voted(monkeypatch, features):
    """Two good annotators and one who always says the next class."""
    answers = [["abc"[k], "abc"[k], "abc"[(k + 1) % 3]] for k in TRUE]
    answers[:9] = [[names[2], names[0], names[2]] for names in answers[:9]]
    table = make_table("made", [f"text {row}" for row in range(90)], answers)
    monkeypatch.setattr(annotated, "annotated_table", lambda corpus, noise: (table, TRUE))
    return pd.DataFrame([asdict(one) for one in measure_votes("made", "observed(x)", 0, lambda *_: features)])


def foreign_rows(features, foreign):
    labels = np.where(foreign, np.arange(90) // 3 % 2, np.minimum(TRUE, 1))
    return Labelled(features, tuple(map(str, range(90))), labels, np.where(foreign, 2, labels), 3)


def test_a_table_with_votes_is_measured_against_the_trusted_labels(voted):
    (row,) = voted.to_dict("records")
    assert row["rows"] == 90
    assert row["annotators"] == 3
    assert row["wrong"] == pytest.approx(0.1)
    assert row["majority"] == pytest.approx(0.9)
    assert row["texts"] > 0.3
    assert row["soft"] > 0.3
    assert "| made | observed(x) | 90 | 3 | 1 | 0.100 |" in votes_table(voted)


def test_texts_of_no_class_are_told_by_each_score(features):
    found = pd.DataFrame([asdict(one) for one in measure_foreign("made", "x", 0, foreign_rows(features, TRUE == 2))])
    assert set(found["score"]) == {OUTSIDE, "held out", "trained on", "distance"}
    assert set(found["foreign"].round(4)) == {0.3333}
    assert found.set_index("score")["area"][OUTSIDE] > 0.6
    assert "| made | x | 1 | 90 | 0.333 |" in foreign_table(found)


def test_a_cell_without_foreign_texts_is_refused_by_its_name(features):
    with pytest.raises(BenchmarkError, match="made"):
        list(measure_foreign("made", "x", 0, foreign_rows(features, TRUE > 2)))


@pytest.mark.parametrize(("name", "table"), [("votes", votes_table), ("foreign", foreign_table)])
def test_the_committed_table_comes_back_from_its_rows(name, table):
    made = table(pd.read_parquet(MEASURED / f"{name}.parquet"))
    assert made == (MEASURED / f"{name}.md").read_text(encoding="utf-8")


def measure(out, *more):
    command = [sys.executable, "-m", "benchmark.cli.detection", "--out", str(out), "--parts", "counts", *more]
    away = {name: value for name, value in os.environ.items() if name != "BENCHMARK_DATA"}
    return subprocess.run(command, cwd=ROOT, env=away, capture_output=True, text=True, timeout=600, check=False)


def test_what_a_folder_holds_is_not_measured_again(tmp_path):
    """No corpus is at hand here, so that measuring anything would fail."""
    kept = pd.read_parquet(MEASURED / "counts.parquet")
    kept[kept["seed"] < 2].to_parquet(tmp_path / "counts.parquet")
    ended = measure(tmp_path, "--corpora", "semeval", "--seeds", "2")
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "counts.md").read_text(encoding="utf-8").count("| semeval |") == 11
    lacking = measure(tmp_path, "--corpora", "semeval", "--seeds", "3")
    assert lacking.returncode != 0
    assert "semeval" in " ".join(lacking.stderr.split())


def test_an_unknown_part_is_refused_with_those_that_there_are(tmp_path):
    ended = measure(tmp_path, "--parts", "count")
    assert ended.returncode == 2
    assert "calibration" in ended.stderr
