import json
import re
from pathlib import Path

import pytest

from benchmark.analysis.papers import load_paper, paper_names
from benchmark.cli.report import measured_for


def test_a_report_without_a_source_says_what_to_name(refused):
    assert "report results/runs/demo" in refused("report")


def test_an_unknown_paper_names_the_nearest(refused, finished_run):
    assert "Did you mean 'dygen'" in refused("report", finished_run, "--paper", "dygan")


def test_a_paper_is_not_compared_with_runs_on_part_of_a_corpus(refused, finished_run):
    assert "whole corpora" in refused("report", finished_run, "--paper", "dygen")


def test_an_archive_is_read_beside_a_run_folder(command, finished_run, tmp_path):
    command("archive", finished_run, tmp_path / "a.parquet")
    ended = command("report", finished_run, "--archive", tmp_path / "a.parquet", "--out", tmp_path / "out")
    assert ended.code == 0
    assert (tmp_path / "out" / "table.md").is_file()


def test_an_unknown_metric_of_a_report_names_the_nearest(refused, finished_run):
    assert "Did you mean 'macro_f1'" in refused("report", finished_run, "--metric", "macro-f1")


def test_a_paper_s_tables_take_no_other_metric(refused, finished_run):
    assert "--metric nll" in refused("report", finished_run, "--paper", "dygen", "--metric", "nll")


def test_a_report_follows_the_chosen_metric(command, finished_run, tmp_path):
    command("report", finished_run, "--metric", "nll", "--out", tmp_path)
    assert re.search(r"^### Negative log-likelihood", (tmp_path / "table.md").read_text(), re.M)


def test_a_report_opens_with_the_verdict(command, finished_run, tmp_path):
    ended = command("report", finished_run, "--out", tmp_path)
    (verdict,) = json.loads(command("report", finished_run, "--out", tmp_path, "--json").out)["settings"]
    (found,) = verdict["verdict"]
    assert " ".join(ended.out.split()).startswith(f"• {found['sentence']}")
    assert found["reference"] == "cross_entropy"
    assert found["sentence"] in (tmp_path / "summary.txt").read_text()


def test_the_verdict_as_json_takes_no_paper(refused, finished_run):
    assert "--json" in refused("report", finished_run, "--paper", "dygen", "--json")


def test_a_report_by_another_metric_leaves_that_by_accuracy_where_it_is(command, run_copy):
    command("report", run_copy)
    before = (run_copy / "report" / "report.html").read_bytes()
    assert command("report", run_copy, "--metric", "macro_f1").code == 0
    assert (run_copy / "report" / "report.html").read_bytes() == before
    assert (run_copy / "report-macro-f1" / "report.html").is_file()


@pytest.mark.parametrize(("first", "second"), [("accuracy", "nll"), ("nll", "accuracy"), ("nll", "ece")])
def test_a_folder_with_a_report_by_one_metric_takes_none_by_another(
    command, refused, finished_run, tmp_path, first, second
):
    words = ("report", finished_run, "--out", tmp_path / "r", "--metric")
    command(*words, first)
    before = (tmp_path / "r" / "table.md").read_bytes()
    message = refused(*words, second)
    assert f"report by {first}" in message
    assert "--out" in message
    assert (tmp_path / "r" / "table.md").read_bytes() == before
    assert command(*words, first).code == 0


@pytest.mark.parametrize("name", paper_names())
def test_a_paper_without_a_source_reads_the_archives_that_were_run_for_it(name, monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[2])
    found = [path.parent.name for path in measured_for(name)]
    assert found
    assert found == list(load_paper(name).archives)
