import json
import re

import pytest

from benchmark.cli import plan as plan_module
from benchmark.experiment import measured_seconds
from benchmark.records.config import ID_DIGITS
from benchmark.records.run_folder import RunFolder


@pytest.fixture
def planned(two_methods):
    """The options of the finished run that `plan` takes, too."""
    return [option for option in two_methods if option != "--no-report"]


def test_a_plan_of_finished_trials_lists_none(command, run_copy, planned):
    ended = command("plan", *planned, "--out", run_copy)
    assert ended.code == 0
    assert "4 done" in ended.out.splitlines()
    assert "Cost" not in ended.out


def test_the_sums_come_first_then_methods_by_cells(command, tmp_path):
    lines = command("plan", "--grid", "demo", "--out", tmp_path).out.splitlines()
    trials = int(re.search(r": (\d+) trials", lines[0])[1])
    assert lines[1] == f"{trials} missing"
    assert re.match(r"6 methods × 4 cells × 1 encoder × \d seeds", lines[2])
    assert [line for line in lines if re.fullmatch(rf"gce +0/{trials // 6}", line)]


@pytest.mark.parametrize("grid", ["demo", "full", "noises"])
def test_a_plan_fits_a_screen_and_cuts_no_id(command, tmp_path, grid):
    lines = command("plan", "--grid", grid, "--out", tmp_path).out.splitlines()
    assert len(lines) <= 30
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if "--json shows all" in line]
    rows = [line for line in lines if "(" in line and set(line[:ID_DIGITS]) <= set("0123456789abcdef")]
    assert {line[ID_DIGITS] for line in rows} <= {" "}


def test_what_all_trials_have_in_common_is_said_once(command, tmp_path):
    said = command("plan", "--grid", "demo", "--out", tmp_path).out
    assert "All: corpus apidocs, encoder frozen:minilm, state missing" in said


def test_several_corpora_stand_beside_each_other(command, tmp_path):
    words = ("--corpora", "trec,apidocs", "--noises", "clean()", "--methods", "gce", "--seeds", "2", "--out", tmp_path)
    lines = command("plan", *words).out.splitlines()
    assert "method  trec  apidocs  all" in lines
    assert "gce     0/2   0/2      0/4" in lines


def test_the_cost_of_the_rest_goes_by_the_records(command, run_copy, planned):
    ended = command("plan", *planned, "--seeds", "4", "--out", run_copy)
    assert "4 done, 4 missing" in ended.out
    assert "for 4 of 4 trials" in ended.out
    assert "estimate" not in ended.out


def test_without_records_the_cost_goes_by_the_measured_archives_and_says_so(command, tmp_path, monkeypatch):
    words = ("plan", "--methods", "gce", "--out", tmp_path, "--json")
    seconds = []
    for factor in (1.0, 3.0):
        monkeypatch.setattr("benchmark.experiment.plan.machine_factor", lambda by=factor: by)
        found = json.loads(command(*words).out)
        assert found["without_estimate"] == 0
        seconds.append(found["seconds"])
    assert seconds[0] > 1
    assert seconds[1] == pytest.approx(3 * seconds[0])
    said = " ".join(command(*words[:-1]).out.split())
    assert "An estimate" in said
    assert "results/measured" in said


def test_an_encoder_that_was_never_measured_has_no_estimate(command, tmp_path):
    words = ("--methods", "gce", "--encoder", "scratch:tiny", "--seeds", "1", "--out", tmp_path)
    said = " ".join(command("plan", *words).out.split())
    assert "No estimate for 4 trials" in said
    assert "Cost:" not in said


def test_a_slower_machine_has_a_larger_factor(monkeypatch):
    measured_seconds.machine_factor.cache_clear()
    monkeypatch.setattr(measured_seconds, "timing", lambda: 2 * measured_seconds.measured_seconds()["timing_s"])
    assert measured_seconds.machine_factor() == pytest.approx(2)
    measured_seconds.machine_factor.cache_clear()


def test_data_that_are_not_at_hand_are_said_with_why(command, tmp_path, monkeypatch):
    (tmp_path / "none").mkdir()
    monkeypatch.setenv("BENCHMARK_DATA", str(tmp_path / "none"))
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path / "cache"))
    words = ("--corpora", "trec", "--noises", "clean()", "--methods", "gce", "--seeds", "1", "--out", tmp_path / "run")
    said = command("plan", *words).out
    assert re.search(r"downloaded: trec$", said, re.MULTILINE)
    assert "--skip-unavailable" in said


def test_why_trials_are_stale_is_said_once_with_their_number(command, run_copy, planned):
    said = " ".join(command("plan", *planned, "--epochs", "2", "--out", run_copy).out.split())
    assert "4 stale: recipe.epochs: 1 → 2" in said


def test_a_reason_is_cut_between_words(command, run_copy, planned):
    folder = RunFolder(run_copy)
    record = next(iter(folder.read().records.values()))
    failure = {"error_class": "ValueError", "message": "quiteaword " * 60, "traceback_tail": []}
    failed = record.model_validate(record.model_dump(mode="json") | {"status": "failed", "failure": failure})
    folder.write(failed)
    said = command("plan", *planned, "--out", run_copy).out
    assert "1 failed: ValueError: quiteaword" in said
    assert set(said.partition("ValueError: ")[2].partition(" …")[0].split()) == {"quiteaword"}


def test_json_holds_every_state(command, run_copy, planned):
    content = json.loads(command("plan", *planned, "--seeds", "3", "--out", run_copy, "--all", "--json").out)
    assert set(content) == {"counts", "seconds", "without_estimate", "trials"}
    assert content["counts"] == {"done": 4, "missing": 2}
    assert len(content["trials"]) == 6


def test_planning_writes_nothing(command, tmp_path):
    assert command("plan", "--out", tmp_path / "run").code == 0
    assert not (tmp_path / "run").exists()


def test_bad_input_is_refused(refused):
    assert "Did you mean 'gce'" in refused("plan", "--methods", "gec")
    assert "Did you mean 'demo'" in refused("plan", "--grid", "dmo")


def test_a_machine_with_a_gpu_is_told_how_many_trials_would_share_it(command, tmp_path, monkeypatch):
    words = ("plan", "--grid", "demo", "--out", tmp_path)
    assert "--gpu" not in command(*words).out
    monkeypatch.setattr(plan_module, "NVIDIA", tmp_path)
    said = " ".join(command(*words).out.split())
    assert "With --gpu up to 8 trials share a GPU" in said
    assert "frozen:minilm" in said
