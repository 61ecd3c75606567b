"""Every line runs at the smallest size and measures what it says.

The numbers themselves are not looked at.
"""

import dataclasses
import itertools
import os

import pytest

from benchmark.contracts import BenchmarkError
from benchmark.experiment.expansion import expand
from benchmark.records.run_folder import RunFolder
from benchmark.running.request import make_request
from benchmark.speed import LINES, Setting, chosen_lines, transformer_steps, workers
from benchmark.speed.setting import QUICK, baseline_run, trial_inputs_of
from benchmark.speed.tensors import PaddedToMaximum
from benchmark.speed.transformer_steps import Shape
from benchmark.training.encoders.names import encoder_from

TINY = "scratch:tiny"
MINILM = "frozen:minilm"

GRID = """
title = "Few records"
methods = ["cross_entropy", "gce"]
encoders = ["frozen:minilm"]
seeds = 5

[[cells]]
corpora = ["apidocs"]
noises = ["clean()", "symmetric(0.4)"]
"""


@pytest.fixture(scope="module")
def setting(tmp_path_factory):
    sizes = dataclasses.replace(QUICK, frozen_texts=32, records=20)
    return Setting(tmp_path_factory.mktemp("speed"), sizes, corpus="apidocs", head=TINY, tuned=TINY)


@pytest.mark.parametrize("name", ["stage-one", "stage-two", "padding", "overhead", "plan", "report"])
def test_a_line_measures_something_and_says_on_what(setting, name, monkeypatch, tmp_path):
    (tmp_path / "small.toml").write_text(GRID)
    monkeypatch.setattr("benchmark.speed.commands.GRID", str(tmp_path / "small.toml"))
    monkeypatch.setattr("benchmark.speed.commands.MOST_SECONDS", {"plan": 1000.0, "report": 1000.0})
    found = LINES[name].measure(setting)
    assert found
    assert {one.line for one in found} == {name}
    assert all(one.value is not None and one.value == one.value for one in found)
    if name not in ("plan", "report"):
        assert all(one.value > 0 or name == "overhead" for one in found)
        assert all(TINY in one.what for one in found)


def test_parts_of_dygens_trial_add_up_to_its_whole(setting):
    found, step = LINES["stage-two"].measure(setting)
    assert step.unit == "ms"
    whole = sum(found.seconds.values())
    later = found.seconds["prior and second stage"] + found.seconds["inference"]
    assert min(found.seconds.values()) > 0
    assert found.value == pytest.approx(100 * later / whole)


def test_a_step_is_measured_with_one_network_and_with_two(setting):
    found = LINES["frozen-step"].measure(setting)
    assert [one.unit for one in found] == ["ms", "ms"]
    assert all(min(one.seconds.values()) > 0 for one in found)


def test_bfloat16_is_measured_in_training_and_inference(setting, monkeypatch):
    monkeypatch.setattr("benchmark.speed.precision.has_bfloat16", lambda device: True)
    monkeypatch.setattr("benchmark.trial.run.check_precision", lambda *given: None)
    found = LINES["precision"].measure(setting)
    assert [one.what.split(":")[0] for one in found] == ["training", "inference"]
    assert all(one.seconds.keys() == {"float32", "bfloat16"} for one in found)
    assert all(min(one.seconds.values()) > 0 for one in found)


def test_bfloat16_needs_its_instructions(setting, monkeypatch):
    monkeypatch.setattr("benchmark.speed.precision.has_bfloat16", lambda device: False)
    (found,) = LINES["precision"].measure(setting)
    assert found.verdict == "not measured"


@pytest.mark.skipif(not encoder_from(MINILM).at_hand(), reason="the weights of minilm are not installed")
def test_preparation_is_measured_on_one_core_and_on_all(setting, monkeypatch):
    monkeypatch.setattr("benchmark.speed.preparation.cores", lambda: 3)
    (found,) = LINES["preparation"].measure(dataclasses.replace(setting, head=MINILM))
    assert list(found.seconds) == ["one core", "3 cores"]
    assert found.value == pytest.approx(found.seconds["one core"] / found.seconds["3 cores"])
    assert MINILM in found.what


@pytest.mark.parametrize(("head", "count"), [(MINILM, 1), (TINY, 2)])
def test_preparation_needs_two_cores_and_a_pretrained_encoder(setting, monkeypatch, head, count):
    monkeypatch.setattr("benchmark.speed.preparation.cores", lambda: count)
    (found,) = LINES["preparation"].measure(dataclasses.replace(setting, head=head))
    assert found.verdict == "not measured"


def test_two_workers_need_two_cores(setting, monkeypatch):
    monkeypatch.setattr("benchmark.speed.workers.cores", lambda: 1)
    (found,) = LINES["workers"].measure(setting)
    assert found.verdict == "not measured"
    assert "one core" in found.note


def test_trials_of_workers_are_those_of_the_setting(setting):
    folder = setting.folder / "asked"
    words = workers._command(setting, folder, TINY, (5, 7), 2, 0.0)
    given = dict(itertools.pairwise(words))
    options = {"encoders": [given["--encoder"]], "seeds": (5, 7), "limit_examples": int(given["--limit-examples"])}
    request = make_request(given["--grid"], given["--out"], options | {"epochs": int(given["--epochs"])})
    choices = setting.choices("cross_entropy", TINY, (5, 7))
    assert expand(request.grid, request.choices) == expand(setting.grid(), choices)
    assert given["--seeds"] == "5,7"


def test_trials_an_hour_are_counted_after_each_workers_first(tmp_path):
    folder = RunFolder(tmp_path)
    folder.records.mkdir()
    for place, second in enumerate((4, 5, 7, 9)):
        path = folder.records / f"{place}.json"
        path.touch()
        os.utime(path, (second, second))
    assert workers._after_the_first(folder, 2) == pytest.approx(2 / 4)


@pytest.mark.parametrize("name", ["gpu-steps", "gpu-trials"])
def test_a_line_on_a_gpu_says_that_there_is_none(setting, name, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    found = LINES[name].measure(setting)
    assert {one.verdict for one in found} == {"not measured"}
    assert {one.note for one in found} == {"this machine has no CUDA device"}


TOY = Shape("Toy", hidden=32, layers=1, heads=2, texts=4, tokens=8, shortest=3)


def test_the_steps_of_a_gpu_are_measured_at_toy_size_on_a_cpu(tmp_path, monkeypatch):
    monkeypatch.setattr(transformer_steps, "WARM_STEPS", 2)
    monkeypatch.setattr(transformer_steps, "STEPS", 3)
    larger = dataclasses.replace(TOY, texts=8)
    small, middle, large = transformer_steps.measured_steps(tmp_path, "cpu", (TOY, TOY, larger), compiled=False)
    assert (small.unit, middle.unit, large.unit) == ("ms", "×", "×")
    assert min(small.value, middle.value, large.value) > 0
    assert set(middle.seconds) == {"trainer", "plain loop"}
    assert "tokens a second" in large.note


def test_a_step_has_twice_the_operations_forward_and_four_times_backward():
    """By hand: products of 12 · 32² weights, and of 8 by 8 scores over a width of
    32.
    """
    assert TOY.parameters() == 12_288
    assert TOY.operations() == 6 * 12_288 * 32 + 12 * 32 * 8 * 32


@pytest.mark.parametrize("count", [2, 4, 8])
def test_trials_at_a_time_are_compared_with_one(setting, monkeypatch, count):
    asked = []

    def rate(setting, workers, encoder, gpus_per_trial):
        asked.append((workers, gpus_per_trial))
        return 0.5 * workers

    monkeypatch.setattr("benchmark.speed.workers.gpus", lambda: 1)
    monkeypatch.setattr("benchmark.speed.workers._rate", rate)
    found = {one.what: one.value for one in LINES["gpu-trials"].measure(setting)}
    assert asked == [(1, 1.0), (2, 0.5), (4, 0.25), (8, 0.125)]
    assert [value for what, value in found.items() if f": {count} at a time" in what] == [count]


def test_no_two_measured_trials_share_a_seed(setting):
    seeds = [setting.task("cross_entropy", TINY).config.seed for _ in range(3)]
    assert len(set(seeds)) == 3


def test_a_bare_training_ends_with_its_last_point(setting):
    task = setting.task("cross_entropy", TINY)
    seen = []

    def fit(view, trainer):
        for point in task.config.make_method().fit(view, trainer):
            seen.append(point.fraction)
            yield point

    found = baseline_run(task, fit)
    assert seen[-1] == 1.0
    assert found.wall_s >= found.phases["train"] > 0


def test_padding_to_the_maximum_keeps_every_token(setting):
    import torch

    inputs = trial_inputs_of(setting.task("cross_entropy", TINY)).train_inputs
    rows, cpu = inputs.lengths().argsort()[:3], torch.device("cpu")
    plain, padded = inputs.batch(rows, cpu), PaddedToMaximum(inputs, 200).batch(rows, cpu)
    width = plain["input_ids"].shape[1]
    assert padded["input_ids"].shape == (3, 200)
    assert padded["attention_mask"][:, width:].sum() == 0
    for name in plain:
        assert torch.equal(padded[name][:, :width], plain[name])


def test_a_failed_trial_is_an_error_and_no_number(setting, monkeypatch):
    from benchmark.records.schema import Failure
    from benchmark.trial.record import failed_record

    failure = Failure(error_class="ValueError", message="on purpose", traceback_tail=[])
    monkeypatch.setattr("benchmark.speed.harness.run_trial", lambda task: failed_record(task, failure))
    with pytest.raises(BenchmarkError, match="on purpose"):
        LINES["overhead"].measure(setting)


def test_lines_are_chosen_by_name_and_letter_in_the_bars_order():
    assert [line.name for line in chosen_lines(["help", "a"])] == ["stage-one", "help"]
    assert chosen_lines(None) == list(LINES.values())


def test_made_records_are_those_of_the_plan(setting):
    from benchmark.experiment.choices import Choices
    from benchmark.experiment.expansion import expand
    from benchmark.experiment.grid import load_grid
    from benchmark.experiment.plan import make_plan
    from benchmark.speed.made_records import made_record

    configs = list(itertools.islice(expand(load_grid("full"), Choices(seeds=1)), 0, None, 25))
    rows = make_plan(configs, {config.id: made_record(config) for config in configs})
    assert {row.state for row in rows} == {"done"}
