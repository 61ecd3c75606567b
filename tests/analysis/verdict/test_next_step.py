import pytest

from benchmark.analysis.statistics import Comparison, compare_with_best
from benchmark.analysis.statistics.power_within import LEVEL, seeds_needed
from benchmark.analysis.verdict import next_steps, recommendations
from benchmark.analysis.verdict.families import families
from benchmark.analysis.verdict.next_step import _needed as seeds_of

NOISES = ["symmetric(0.2)", "symmetric(0.4)"]


def step_of(results):
    (found,) = recommendations(results)
    return found, found.next_step


@pytest.fixture
def close(factory):
    """Two good methods that three seeds do not tell apart, and one far below."""
    factory.skills = {"elr": 1.3, "gce": 1.05}
    return factory.grid(["cross_entropy", "elr", "gce", "sce"], NOISES, [1, 2, 3])


def test_seeds_for_methods_that_are_not_told_apart_are_counted_with_the_reference(close, result_set_of):
    found, step = step_of(result_set_of(close))
    assert found.not_told_from == ("gce",)
    assert step.settles == ("gce",)
    assert set(step.methods) == {"elr", "gce", "cross_entropy"}
    assert step.trials == len(step.seeds) * 2 * 3
    assert step.seconds == pytest.approx(step.trials * 12.0)


def test_seeds_are_those_that_tell_every_close_method_apart_at_the_first_step_of_holm(factory, result_set_of):
    factory.skills = {"elr": 1.3, "gce": 1.1, "sce": 1.05}
    results = result_set_of(factory.grid(["cross_entropy", "elr", "gce", "sce"], NOISES, [1, 2, 3]))
    found, step = step_of(results)
    assert set(found.not_told_from) == {"gce", "sce"}
    (family,) = families(results)
    needed = {
        one.method: seeds_needed(
            abs(one.difference), one.deviation, one.example_variance, LEVEL / len(found.not_told_from), one.interaction
        )
        for one in compare_with_best(*family.both, "elr", family.prior)
        if one.method in found.not_told_from
    }
    assert len(step.seeds) == max(needed[method] for method in step.settles) - 3


def test_a_gain_has_the_seeds_that_show_it_under_the_rule_that_takes_more(factory, result_set_of):
    results = result_set_of(factory.grid(["cross_entropy", "elr"], NOISES, [1, 2, 3]))
    both = [
        Comparison("elr", "cross_entropy", 3, difference, deviation=0.01, example_variance=0.0)
        for difference in (0.03, 0.015)
    ]
    alone = [seeds_needed(one.difference, 0.01, 0.0, LEVEL) for one in both]
    assert alone[0] < alone[1]
    assert seeds_of(results, {"elr": both}, LEVEL) == {"elr": alone[1]}


def test_new_seeds_are_none_that_ran(close, result_set_of):
    _, step = step_of(result_set_of(close))
    assert not {1, 2, 3} & set(step.seeds)
    assert step.seeds[0] == 0


def test_one_seed_asks_for_a_first_test_of_all_methods(factory, result_set_of):
    _, step = step_of(result_set_of(factory.grid(["cross_entropy", "elr", "gce"], NOISES, [1])))
    assert len(step.seeds) == 4
    assert set(step.methods) == {"cross_entropy", "elr", "gce"}


def test_equal_methods_ask_for_no_more_seeds(factory, result_set_of):
    records = [
        factory.record(method, noise, seed, accuracy=0.6 + 0.005 * (seed % 2))
        for method in ("cross_entropy", "elr")
        for noise in NOISES
        for seed in (1, 2, 3)
    ]
    assert step_of(result_set_of(records))[1] is None


def test_the_step_is_said_with_its_trials(close, result_set_of):
    results = result_set_of(close)
    _, step = step_of(results)
    (said,) = next_steps(results)
    assert f"{step.trials} trials" in said
    assert f"{len(step.seeds)} more seed" in said
