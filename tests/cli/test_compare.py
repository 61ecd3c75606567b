import json
import re


def test_two_methods_are_compared_on_a_page_of_numbers(command, finished_run):
    ended = command("compare", "gce", "cross_entropy", "--out", finished_run)
    said = " ".join(ended.out.split())
    assert ended.code == 0
    assert said.startswith("gce against cross_entropy")
    for words in (
        "Last point of training",
        "Best on noisy validation labels",
        "Bayesian",
        "What could be found",
        "Costs",
    ):
        assert words in said
    assert re.search(r"\b1 block\b.*\b6\b", said)


def test_an_archive_gives_the_same_page_as_its_folder(command, finished_run, tmp_path):
    command("archive", finished_run, tmp_path / "a.parquet")
    folder = command("compare", "gce", "cross_entropy", "--out", finished_run)
    assert command("compare", "gce", "cross_entropy", "--archive", tmp_path / "a.parquet").out == folder.out


def test_parameters_at_their_defaults_name_the_same_method(command, finished_run):
    assert command("compare", "gce[q=0.7]", "cross_entropy", "--out", finished_run).code == 0


def test_unknown_methods_list_the_nearest_and_missing_sources_are_named(refused, finished_run, tmp_path):
    assert "Did you mean 'gce'" in refused("compare", "gcee", "cross_entropy", "--out", finished_run)
    assert str(tmp_path / "none") in refused("compare", "gce", "elr", "--out", tmp_path / "none")


def test_an_unknown_metric_of_a_comparison_names_the_nearest(refused, finished_run):
    words = ("compare", "gce", "cross_entropy", "--out", finished_run, "--metric", "nlll")
    assert "Did you mean 'nll'" in refused(*words)


def test_a_comparison_follows_the_chosen_metric(command, finished_run):
    ended = command("compare", "gce", "cross_entropy", "--out", finished_run, "--metric", "nll")
    assert "negative log-likelihood" in ended.out


def test_a_comparison_opens_with_its_verdict_and_gives_it_as_json(command, finished_run):
    ended = command("compare", "gce", "cross_entropy", "--out", finished_run)
    data = json.loads(command("compare", "gce", "cross_entropy", "--out", finished_run, "--json").out)
    (found,) = data["settings"]
    assert f"gce against cross_entropy • {found['sentence']}" in " ".join(ended.out.split())
    assert found["first"] == "gce"
