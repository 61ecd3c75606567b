"""What is set against what: each ratio and difference the way round that its words say.

Everything is run at the smallest size, and given times stand for the clock's.
"""

import dataclasses

import pytest

from benchmark.speed import LINES, Setting
from benchmark.speed.setting import QUICK

TINY = "scratch:tiny"


@pytest.fixture(scope="module")
def setting(tmp_path_factory):
    sizes = dataclasses.replace(QUICK, frozen_texts=32)
    return Setting(tmp_path_factory.mktemp("speed"), sizes, corpus="apidocs", head=TINY, tuned=TINY)


@pytest.fixture
def clock(monkeypatch):
    """Replaces the seconds of the alternatives of one module's line."""

    def given(module, seconds):
        def in_turn(repeats, actions):
            for action in actions.values():
                action(0)
            return {name: [seconds[name]] for name in actions}

        monkeypatch.setattr(f"benchmark.speed.{module}.in_turn", in_turn)

    return given


def test_stage_one_is_set_over_two_networks(setting, clock):
    clock("stages", {"stage one": 3.0, "baseline": 2.0})
    assert [one.value for one in LINES["stage-one"].measure(setting)] == [1.5]


def test_a_frozen_step_is_the_trainers_less_the_plain_loops(setting, clock):
    clock("steps", {"trainer": 3.0, "plain loop": 2.0})
    assert [one.value for one in LINES["frozen-step"].measure(setting)] == [1.0, 1.0]


def test_imagined_labels_are_the_loop_over_the_product(setting, clock):
    clock("tensors", {"loop": 3.0, "product": 2.0})
    assert {one.value for one in LINES["imagined-labels"].measure(setting)} == {1.5}


def test_overhead_is_a_trial_less_its_bare_training_and_then_less_the_looks(setting, clock):
    clock("harness", {"bare": 2.0, "trial": 7.0})
    whole, rest = LINES["overhead"].measure(setting)
    looks = sum(seconds for name, seconds in whole.seconds.items() if name != "all else")
    assert looks > 0
    assert whole.value == 5.0
    assert rest.value == pytest.approx(5.0 - looks)
    assert rest.at_most == pytest.approx(0.14)


def test_two_workers_are_set_over_one(setting, monkeypatch):
    monkeypatch.setattr("benchmark.speed.workers.cores", lambda: 2)
    monkeypatch.setattr("benchmark.speed.workers._rate", lambda setting, workers: 3.0 if workers == 2 else 2.0)
    assert [one.value for one in LINES["workers"].measure(setting)] == [1.5]


@pytest.mark.parametrize(
    ("line", "above", "below"), [("padding", "padded", "sorted"), ("precision", "float32", "bfloat16")]
)
def test_a_ratio_of_one_round_is_that_of_its_seconds(setting, monkeypatch, line, above, below):
    monkeypatch.setattr("benchmark.speed.precision.has_bfloat16", lambda device: True)
    monkeypatch.setattr("benchmark.trial.run.check_precision", lambda *given: None)
    for one in LINES[line].measure(setting):
        assert one.value == pytest.approx(one.seconds[above] / one.seconds[below])
