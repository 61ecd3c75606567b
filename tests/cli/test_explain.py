import json

import pytest

from benchmark.store import RunFolder


@pytest.fixture
def trial(finished_run):
    return sorted(RunFolder(finished_run).read().records)[0]


def test_everything_about_a_trial_is_shown(command, finished_run, trial):
    shown = command("explain", trial[:8], "--from", finished_run).out
    for part in ("config", "manifest", "selections", "costs", "provenance", "seeds", "run just this one"):
        assert f"\n{part}\n" in shown
    assert f"--trial {trial}" in shown and "transition_matrix" in shown and "noisy_valid" in shown


def test_json_is_the_whole_record(command, finished_run, trial):
    assert json.loads(command("explain", trial, "--from", finished_run, "--json").out)["trial"] == trial


def test_a_failure_is_shown_without_control_characters(command, run_copy, trial):
    from benchmark.records import Failure

    folder = RunFolder(run_copy)
    failure = Failure(error_class="ValueError", message="no\x1b[31m", traceback_tail=["line \x07 one"])
    record = folder.read().records[trial]
    folder.write(record.model_copy(update={"status": "failed", "failure": failure, "selections": {}}))
    shown = command("explain", trial, "--from", run_copy).out
    assert "message: no [31m" in shown and "\x1b" not in shown and "\x07" not in shown


def test_an_id_that_is_not_there_is_refused_with_some_that_are(refused, finished_run, trial):
    assert trial in refused("explain", "zzzz", "--from", finished_run)
    assert "4 trials" in refused("explain", "", "--from", finished_run)


def test_a_place_without_records_is_refused(refused, tmp_path):
    assert "neither a run folder" in refused("explain", "abc", "--from", tmp_path)
