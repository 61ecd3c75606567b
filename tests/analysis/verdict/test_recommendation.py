import numpy as np
import pytest

from benchmark.analysis.scores.in_corpora import MeanArrays
from benchmark.analysis.statistics import Prior
from benchmark.analysis.verdict.families import Family, families
from benchmark.analysis.verdict.prices import prices_in
from benchmark.analysis.verdict.recommendation import gains_of, not_told_from, recommendations
from tests.support.records import agreeing

NOISES = ["clean()", "symmetric(0.2)", "symmetric(0.4)"]
METHODS = ["cross_entropy", "elr", "gce", "sce"]


@pytest.fixture
def clear(factory):
    """One corpus on which elr is far better than the others, at twice the price."""
    factory.skills, factory.networks = {"elr": 1.0}, {"elr": 2}
    return factory.grid(METHODS, NOISES, [1, 2, 3, 4, 5])


def only(results):
    (found,) = recommendations(results)
    return found


def test_a_clear_winner_is_recommended_with_its_price(clear, result_set_of):
    found = only(result_set_of(clear))
    assert found.method == "elr"
    assert found.standing == "better"
    assert found.noises == ("symmetric(0.2)", "symmetric(0.4)")
    assert found.ratio == pytest.approx(23 / 13)
    assert found.seconds == 23.0
    assert found.not_told_from == ()
    assert found.chosen_by == "clean test labels"


def test_the_gain_is_the_mean_over_noises_and_rules(clear, result_set_of):
    results = result_set_of(clear)
    found = only(results)
    rows = results.frame[~results.frame["cell"].isin(results.cells.index[results.cells["clean"]])]
    mean = rows[rows["rule"].isin(["last", "noisy_valid"])].groupby("method")["test_accuracy"].mean()
    assert found.gain.difference == pytest.approx(mean["elr"] - mean["cross_entropy"])
    assert [one.mean for one in found.by_rule] == pytest.approx([mean["elr"]] * 2)


def test_the_interval_of_the_gain_is_wider_than_that_of_one_comparison(clear, result_set_of):
    found = only(result_set_of(clear))
    alone = found.by_rule[0]
    assert found.gain.high - found.gain.low > 1.2 * (alone.high - alone.low)


def test_the_interval_of_the_best_of_equal_methods_holds_zero():
    rng = np.random.default_rng(7)
    missed, cells = 0, 200
    for _ in range(cells):
        values = {f"m{place}": rng.normal(0.6, 0.01, 5) for place in range(11)}
        found = Family("c", ("n",), "m0", {}, {}, MeanArrays(values, {}), Prior(), "clean test labels")
        best = max(gains_of(found).values(), key=lambda gain: gain.difference)
        missed += not best.low <= 0 <= best.high
    assert missed <= 0.05 * cells


def test_what_is_not_told_apart_allows_for_a_choice_among_all_pairs():
    """The p value of b is .023, and any of ten pairs could have been looked at."""
    seeds = np.array([1.0, -1.0, 1.0, -1.0, 0.0])
    values = {"a": np.full(5, 0.7), "b": 0.7 - 0.00805 + 0.005 * seeds}
    values |= {name: 0.5 + 0.001 * np.roll(seeds, place) for place, name in enumerate("cd")}
    assert not_told_from(_alone(values | {"m0": values["c"] - 0.1}), "a") == ("b",)
    assert not_told_from(_alone({"a": values["a"], "b": values["b"]}), "a") == ()


def _alone(values):
    """A family of these scores, whose first method is the reference."""
    names = dict.fromkeys(values)
    return Family("c", ("n",), "m0", {"last": names}, {}, MeanArrays(values, {}), Prior(), "clean test labels")


@pytest.mark.parametrize(("below", "told"), [(0.005, False), (0.025, True)])
def test_a_noise_is_named_under_which_a_method_is_practically_below_the_reference(factory, result_set_of, below, told):
    accuracies = {"cross_entropy": (0.8, 0.5), "elr": (0.8 - below, 0.7)}
    records = [
        factory.record(method, noise, seed, accuracy=accuracy + 0.001 * (seed % 2))
        for method, both in accuracies.items()
        for noise, accuracy in zip(NOISES[1:], both, strict=True)
        for seed in range(5)
    ]
    found = only(result_set_of(records))
    assert found.method == "elr"
    assert any(NOISES[1] in warning for warning in found.warnings) == told


def test_prices_are_those_of_the_cells_asked_for(factory, result_set_of):
    seconds = {("cross_entropy", NOISES[1]): 10.0, ("elr", NOISES[1]): 20.0, ("elr", NOISES[2]): 90.0}
    records = [
        factory.record(method, noise, seed, wall_s=seconds.get((method, noise), 30.0))
        for method in ("cross_entropy", "elr")
        for noise in NOISES[1:]
        for seed in (1, 2, 3)
    ]
    results = result_set_of(records)
    (cell,) = results.cells.index[results.cells["noise"] == NOISES[1]]
    found = prices_in(results, [cell])
    assert found.seconds["elr"] == 20.0
    assert found.ratios["elr"] == 2.0


def test_controls_and_oracles_are_never_recommended(factory, result_set_of):
    factory.skills = {"majority": 2.0, "gce[rate=oracle]": 2.0}
    records = factory.grid(["cross_entropy", "gce", "majority", "gce[rate=oracle]"], NOISES, [1, 2, 3])
    found = only(result_set_of(records))
    assert found.method == "cross_entropy"
    assert found.standing == "none better"
    assert found.compared == 1


def test_one_seed_tells_nothing(factory, result_set_of):
    factory.skills = {"elr": 1.0}
    found = only(result_set_of(factory.grid(METHODS, NOISES, [1])))
    assert found.standing == "untested"
    assert found.method == "cross_entropy"
    assert found.gain.method == "elr"


def test_clean_cells_alone_give_no_verdict(factory, result_set_of):
    assert recommendations(result_set_of(factory.grid(METHODS, ["clean()"], [1, 2]))) == ()


def test_a_corpus_where_the_reference_lacks_a_noise_gives_no_verdict(factory, result_set_of):
    records = factory.grid(METHODS, NOISES, [1, 2])
    kept = [r for r in records if r.method != "cross_entropy" or r.noise != "symmetric(0.4)"]
    assert families(result_set_of(kept)) == ()


def test_a_method_that_lacks_a_trial_is_left_out_and_named(clear, result_set_of):
    kept = [r for r in clear if (r.method, r.noise, r.seed) != ("elr", "symmetric(0.4)", 3)]
    found = only(result_set_of(kept))
    assert found.left_out == ("elr",)
    assert any("elr" in warning for warning in found.warnings)
    assert found.gain.method != "elr"


def test_needs_are_those_that_the_method_declares(factory, result_set_of):
    factory.skills = {"elr": 1.0}
    records = factory.grid(METHODS, NOISES, [1, 2, 3])
    needy = [r.model_copy(update={"needs": ["label_names"]}) if r.method == "elr" else r for r in records]
    assert only(result_set_of(needy)).needs == ("label names",)


def test_noisy_test_labels_are_named_where_there_are_no_others(clear, result_set_of):
    found = only(result_set_of(map(agreeing, clear)))
    assert found.chosen_by == "noisy test labels"
    assert found.warnings


def test_a_lower_value_is_better_where_the_metric_says_so(clear, result_set_of):
    records = [with_loss(record) for record in clear]
    results = result_set_of(records, metric="nll")
    found = only(results)
    assert found.method == "elr"
    assert found.gain.difference > 0
    assert found.by_rule[0].mean < found.by_rule[0].reference_mean


def test_injected_and_observed_noise_have_a_verdict_each(factory, result_set_of):
    factory.skills = {"elr": 1.0}
    records = factory.grid(METHODS, [*NOISES, "observed(weak)"], [1, 2, 3, 4, 5])
    kept = [r for r in records if r.noise != "observed(weak)" or r.method != "elr"]
    poor = [factory.record("elr", "observed(weak)", seed, accuracy=0.3) for seed in [1, 2, 3, 4, 5]]
    observed, injected = recommendations(result_set_of([*kept, *poor]))
    assert (injected.corpus, injected.kind, observed.kind) == ("trec", "injected", "observed")
    assert injected.noises == ("symmetric(0.2)", "symmetric(0.4)")
    assert observed.noises == ("observed(weak)",)
    assert injected.method == "elr"
    assert observed.method != "elr"


def test_one_kind_of_noise_is_not_named(clear, result_set_of):
    found = only(result_set_of(clear))
    assert found.kind == ""
    assert found.name == "trec"


def with_loss(record):
    selections = {
        rule: chosen.model_copy(update={"metrics": chosen.metrics | {"test_nll": 1 - chosen.metrics["test_accuracy"]}})
        for rule, chosen in record.selections.items()
    }
    return record.model_copy(update={"selections": selections})
