import json

from benchmark.records.config import ID_DIGITS


def test_a_plan_of_finished_trials_lists_none(command, run_copy, two_methods):
    options = [option for option in two_methods if option != "--no-report"]
    ended = command("plan", *options, "--out", run_copy)
    assert ended.code == 0
    assert ended.out.splitlines()[1:] == ["4 done"]


def test_a_plan_fits_eighty_columns_and_cuts_no_id(command, tmp_path):
    ended = command("plan", "--grid", "demo", "--out", tmp_path)
    rows = [line for line in ended.out.splitlines() if line[:ID_DIGITS].isalnum() and "(" in line]
    assert len(rows) == 40
    assert max(map(len, ended.out.splitlines())) <= 80
    assert "All: corpus apidocs, encoder frozen:minilm, state missing" in ended.out
    assert "32 more" in ended.out


def test_the_cost_of_the_rest_goes_by_the_records(command, run_copy, two_methods):
    options = [option for option in two_methods if option != "--no-report"]
    ended = command("plan", *options, "--seeds", "4", "--out", run_copy)
    assert "4 done, 4 missing" in ended.out
    assert "for 4 of 4 trials" in ended.out


def test_json_holds_every_state(command, run_copy, two_methods):
    options = [option for option in two_methods if option != "--no-report"]
    content = json.loads(command("plan", *options, "--seeds", "3", "--out", run_copy, "--all", "--json").out)
    assert content["counts"] == {"done": 4, "missing": 2}
    assert len(content["trials"]) == 6


def test_planning_writes_nothing(command, tmp_path):
    assert command("plan", "--out", tmp_path / "run").code == 0
    assert not (tmp_path / "run").exists()


def test_bad_input_is_refused(refused):
    assert "Did you mean 'gce'" in refused("plan", "--methods", "gec")
    assert "Did you mean 'demo'" in refused("plan", "--grid", "dmo")
