import pytest

from benchmark.analysis.verdict import next_steps, recommendations

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
