import pytest

import benchmark
from benchmark import load_results, run_grid
from benchmark.contracts import BenchmarkError, UnknownNameError


def test_results_are_a_tidy_frame_of_finished_trials(finished_run):
    frame = load_results(finished_run)
    assert set(frame["method"]) == {"cross_entropy", "gce"}
    assert frame["trial"].nunique() == 4


def test_a_second_run_says_nothing_and_runs_nothing(run_copy, capfd):
    outcome = run_grid(
        out=run_copy,
        methods=("cross_entropy", "gce"),
        corpora=("apidocs",),
        noises=("symmetric(0.4)",),
        encoders=("scratch:tiny",),
        seeds=2,
        limit_examples=16,
        epochs=1,
    )
    assert (outcome.ran, outcome.left, len(outcome.records)) == (0, 0, 4)
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("own_registry")
def test_a_plugin_runs_from_python_and_says_nothing(tmp_path, plugin, capfd):
    outcome = run_grid(
        out=tmp_path / "run",
        methods=("halved", "raises"),
        corpora=("apidocs",),
        noises=("clean()",),
        encoders=("scratch:tiny",),
        seeds=1,
        limit_examples=16,
        epochs=1,
        plugins=(plugin,),
        executor="inline",
    )
    assert {record.method: record.status for record in outcome.records} == {"halved": "done", "raises": "failed"}
    assert outcome.left == 1
    assert outcome.failed[0].failure.message == "on purpose"
    assert capfd.readouterr() == ("", "")
    assert set(load_results(tmp_path / "run")["method"]) >= {"halved"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"executor": "rai"}, "Did you mean 'ray'"),
        ({"fail_fst": True}, "Did you mean 'fail_fast'"),
        ({"max_hours": 0}, "--max-hours is 0"),
        ({"workers": 0}, "--workers is 0"),
        ({"threads_per_trial": 0}, "threads"),
        ({"gpus_per_trial": -1}, "gpus-per-trial"),
        ({"gpus_per_trial": 1.5}, "whole numbers"),
        ({"gpus_per_trial": 99}, "asks for 99 and this machine has"),
        ({"reference": "gec"}, "Unknown reference method 'gec'"),
    ],
)
def test_a_wrong_option_starts_nothing(tmp_path, options, words):
    with pytest.raises(BenchmarkError, match=words):
        run_grid(out=tmp_path / "run", **options)
    assert not (tmp_path / "run").exists()


def test_a_place_without_records_is_said(tmp_path):
    with pytest.raises(BenchmarkError, match="neither a run folder"):
        load_results(tmp_path)


def test_unknown_names_of_the_package_are_attribute_errors():
    with pytest.raises(AttributeError, match="no attribute 'rungrid'"):
        benchmark.rungrid  # noqa: B018
    assert issubclass(UnknownNameError, BenchmarkError)


@pytest.mark.parametrize("name", benchmark.__all__)
def test_every_name_that_the_package_offers_is_there(name):
    assert getattr(benchmark, name)


@pytest.mark.parametrize(
    ("texts", "words"),
    [("one text", "list"), (["a", float("nan")], r"\[1\] is nan"), (["a\ud83d", "b"], r"\[0\].*surrogate")],
)
@pytest.mark.parametrize(
    "read",
    [
        benchmark.embed_texts,
        lambda texts: benchmark.label_quality(texts, [0, 1] * (len(texts) // 2)),
        lambda texts: benchmark.NoisyLabelClassifier().fit(texts, [0, 1] * (len(texts) // 2)),
    ],
)
def test_what_is_no_list_of_texts_is_refused_before_an_encoder_reads_it(read, texts, words):
    with pytest.raises(BenchmarkError, match=words):
        read(texts)


def test_the_package_offers_the_estimator_and_the_finders_of_wrong_labels():
    assert {"NoisyLabelClassifier", "find_label_errors", "label_quality", "embed_texts"} <= set(benchmark.__all__)
