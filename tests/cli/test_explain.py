import json

import pytest

from benchmark.records.archive.packing import write_archive
from benchmark.records.run_folder import RunFolder


@pytest.fixture
def trial(finished_run):
    return sorted(RunFolder(finished_run).read().records)[0]


def test_everything_about_a_trial_is_shown(command, finished_run, trial):
    shown = command("explain", trial[:8], "--from", finished_run).out
    for part in ("config", "manifest", "selections", "costs", "provenance", "seeds", "run just this one"):
        assert f"\n{part}\n" in shown
    assert f"--trial {trial}" in shown
    assert "transition_matrix" in shown
    assert "noisy_valid" in shown


def test_json_is_the_whole_record(command, finished_run, trial):
    assert json.loads(command("explain", trial, "--from", finished_run, "--json").out)["trial"] == trial


def test_a_failure_is_shown_without_control_characters(command, run_copy, trial):
    from benchmark.records.schema import Failure

    folder = RunFolder(run_copy)
    failure = Failure(error_class="ValueError", message="no\x1b[31m", traceback_tail=["line \x07 one"])
    record = folder.read().records[trial]
    folder.write(record.model_copy(update={"status": "failed", "failure": failure, "selections": {}}))
    shown = command("explain", trial, "--from", run_copy).out
    assert "message: no [31m" in shown
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_an_id_that_is_not_there_is_refused_with_some_that_are(refused, finished_run, trial):
    assert trial in refused("explain", "zzzz", "--from", finished_run)
    assert "4 trials" in refused("explain", "", "--from", finished_run)


@pytest.mark.parametrize("text", ["dygen[rate=oracle]", "co_teaching", "symmetric", "symmetric(0.4)"])
def test_a_method_or_noise_is_shown_with_its_equations_and_parameters(command, text):
    shown = command("explain", text).out
    assert "arXiv:" in shown
    assert "  parameters: rate=" in shown
    if text == "dygen[rate=oracle]":
        assert "rate=oracle" in shown
        assert "networks: 2" in shown
        assert "needs: noise_rate" in shown
        assert "departs:" in shown


def test_a_corpus_is_shown_as_its_data_statement(command):
    assert "Known defects:" in command("explain", "trec").out


def test_citations_are_those_of_the_method_noise_and_corpus(command, finished_run, trial):
    assert command("explain", "dygen", "--bibtex").out.startswith("@inproceedings{zhuang2023dygen,")
    assert command("explain", "cross_entropy", "--bibtex").out.strip() == ""
    assert "@inproceedings{vanrooyen2015" in command("explain", trial, "--from", finished_run, "--bibtex").out


@pytest.mark.parametrize("name", ["gce", "instance", "trec"])
def test_json_of_a_name_is_what_is_known_of_it(command, name):
    content = json.loads(command("explain", name, "--json").out)
    assert content["name"] == name
    assert content["citation"].strip().startswith("@")


@pytest.mark.usefixtures("own_registry")
def test_a_plugins_method_is_explained(command, plugin):
    assert "factor=0.5" in command("explain", "halved", "--plugin", plugin).out


def test_wrong_names_and_parameters_are_refused(refused, tmp_path):
    assert "Did you mean 'dygen'" in refused("explain", "dygne", "--from", tmp_path / "none")
    assert "Unknown parameter" in refused("explain", "gce[p=1]")
    assert "symmetric.rate is 2" in refused("explain", "symmetric(2)")


def test_a_place_without_records_is_refused(refused, tmp_path):
    assert str(tmp_path) in refused("explain", "abc", "--from", tmp_path)


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("gce", ["q: a number in (0, 1]", "truncation: a number in (0, 1) or none"]),
        ("co_teaching", ["rate: estimated, oracle or a number in [0, 1)"]),
        ("confident_learning", ["folds: a whole number from 2 to the number of training texts"]),
        ("dygen", ["prior_embedding: last, first, trajectory or frozen", "self_match: true or false"]),
        ("imbalance", ["ratio: a number of 1 or more", "order: random or given"]),
    ],
)
def test_ranges_of_parameters_are_shown(command, text, ranges):
    lines = [line.strip() for line in command("explain", text).out.splitlines()]
    for shown in ranges:
        assert shown in lines


def test_a_list_shows_ranges_when_asked_for_more(command):
    assert "    q: a number in (0, 1]" in command("list", "methods", "-v").out
    rows = {row["name"]: row for row in json.loads(command("list", "noises", "--json").out)}
    assert rows["symmetric"]["ranges"] == {"rate": "a number in [0, 1)"}


@pytest.mark.parametrize(
    ("given", "meant"), [("gcee", "gce"), ("gcee[q=0.4]", "gce"), ("symetric(0.4)", "symmetric"), ("treck", "trec")]
)
@pytest.mark.parametrize("place", ["finished_run", "tmp_path"])
def test_a_misspelt_name_gets_the_nearest_whether_or_not_there_is_a_run(refused, request, given, meant, place):
    assert f"Did you mean '{meant}'" in refused("explain", given, "--from", request.getfixturevalue(place))


@pytest.mark.usefixtures("own_registry")
def test_a_misspelt_name_that_could_be_an_id_gets_the_nearest_too(refused, finished_run, plugin):
    plugin.write_text(plugin.read_text().replace('"halved"', '"facade"'))
    message = refused("explain", "facde", "--from", finished_run, "--plugin", plugin)
    assert "Did you mean 'facade'" in message


@pytest.fixture
def twice(finished_run, run_copy, trial):
    """A second folder in which one trial came out differently, and where else it is."""
    folder = RunFolder(run_copy)
    record = folder.read().records[trial]
    folder.write(record.model_copy(update={"train_metrics": {"memorised": 0.125}}))
    return finished_run, run_copy


def test_two_results_of_a_trial_are_both_shown_with_where_they_lie(command, twice, trial):
    first, second = twice
    shown = command("explain", trial, "--from", first, "--from", second).out
    assert f"2 of 2, in {second}" in " ".join(shown.split())
    assert f"1 of 2, in {first}" in " ".join(shown.split())
    assert shown.count("memorised: 0.125") == 1
    assert shown.count("\nprovenance\n") == 2


def test_two_results_in_one_archive_are_both_in_the_json(command, twice, trial, tmp_path):
    both = [RunFolder(folder).read().records[trial] for folder in twice]
    write_archive(both, tmp_path / "both.parquet")
    found = json.loads(command("explain", trial, "--from", tmp_path / "both.parquet", "--json").out)
    assert sorted(one["train_metrics"].get("memorised", 0) for one in found) == sorted(
        record.train_metrics.get("memorised", 0) for record in both
    )


def test_the_same_result_in_two_places_is_shown_once(command, finished_run, trial, tmp_path):
    command("archive", finished_run, tmp_path / "a.parquet")
    found = command("explain", trial, "--from", finished_run, "--from", tmp_path / "a.parquet", "--json").out
    assert json.loads(found)["trial"] == trial
