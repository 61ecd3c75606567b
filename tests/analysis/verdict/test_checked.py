"""Checked labels of some test texts choose where the others are noisy."""

import re

import numpy as np
import pytest

from benchmark.analysis.scores.in_corpora import MeanArrays
from benchmark.analysis.statistics import Prior
from benchmark.analysis.tables import all_tables
from benchmark.analysis.verdict import opening, recommendations, verdict_data
from benchmark.analysis.verdict.archives import fallback
from benchmark.analysis.verdict.families import FEWEST_CHECKED, Family
from benchmark.analysis.verdict.recommendation import gains_of
from benchmark.records.schema import CheckedRows, pack_bits

METHODS = ["cross_entropy", "elr", "gce"]
SEEDS = [1, 2, 3, 4, 5]
OBSERVED = "observed(label)"


def partly_checked(record, rows):
    """The record as it would be where the first test texts alone are checked.

    With the noisy labels elr agrees more than all others.
    """
    selections = {}
    for rule, chosen in record.selections.items():
        right = chosen.correctness(record.manifest.test_rows)[:rows]
        metrics = {
            "noisy_test_accuracy": 0.9 if record.method == "elr" else 0.5,
            "noisy_valid_accuracy": chosen.metrics["noisy_valid_accuracy"],
        }
        checked = CheckedRows(rows=rows, correct=pack_bits(right)) if rows else None
        metrics |= {"checked_accuracy": float(right.mean())} if rows else {}
        selections[rule] = chosen.model_copy(update={"metrics": metrics, "checked": checked})
    return record.model_copy(update={"selections": selections})


@pytest.fixture
def checked(factory, result_set_of):
    """By clean labels gce is best, by noisy ones elr; so many of 200 texts checked."""
    factory.skills = {"gce": 1.0}

    def made(rows, methods=METHODS, noises=(OBSERVED,)):
        return result_set_of(partly_checked(record, rows) for record in factory.grid(methods, noises, SEEDS))

    return made


def only(results):
    (found,) = recommendations(results)
    return found


def test_checked_labels_choose_what_noisy_ones_would_not(checked):
    found = only(checked(120))
    assert found.method == "gce"
    assert found.standing == "checked labels"
    assert found.chosen_by == "checked labels"
    assert found.checked == 120


def test_the_gain_is_that_on_the_checked_texts_alone(checked):
    results = checked(120)
    means = results.frame.groupby("method")["checked_accuracy"].mean()
    found = only(results)
    assert found.gain.difference == pytest.approx(means["gce"] - means["cross_entropy"])
    assert found.gain.low < found.gain.difference < found.gain.high


def test_fewer_checked_labels_make_the_interval_wider(checked):
    many, few = only(checked(200)).gain, only(checked(30)).gain
    assert few.high - few.low > 1.5 * (many.high - many.low)


def test_the_sentence_says_how_many_labels_chose(checked):
    (said,) = opening(checked(120))
    assert "use gce, which 120 checked labels chose" in said
    assert re.search(r"95 % interval", said)


def test_what_more_checked_labels_brought_is_said(checked):
    (said,) = opening(checked(50))
    brought = dict(fallback().checked)
    assert f"by 50 checked labels gained {brought[50]:.1f}" in said
    assert f"one by 100 {brought[100]:.1f}" in said


def test_the_reference_is_chosen_where_no_mean_is_higher(factory, result_set_of):
    factory.skills = {"cross_entropy": 1.0}
    records = [partly_checked(record, 100) for record in factory.grid(METHODS, [OBSERVED], SEEDS)]
    results = result_set_of(records)
    assert only(results).method == "cross_entropy"
    (said,) = opening(results)
    assert "stay with cross_entropy, which 100 checked labels chose" in said


def test_too_few_checked_labels_choose_nothing_and_that_is_said(checked):
    results = checked(FEWEST_CHECKED - 1)
    found = only(results)
    assert found.method == fallback().method
    assert found.standing == "noisy labels"
    (said,) = opening(results)
    assert f"{FEWEST_CHECKED - 1} checked labels are too few" in said


def test_so_many_checked_labels_as_are_asked_for_choose(checked):
    assert only(checked(FEWEST_CHECKED)).standing == "checked labels"


def test_clean_test_labels_of_every_text_go_before_checked_ones(factory, result_set_of):
    factory.skills = {"gce": 1.0}
    found = only(result_set_of(factory.grid(METHODS, [OBSERVED], SEEDS)))
    assert found.chosen_by == "clean test labels"
    assert found.checked == 0


def test_seeds_are_not_asked_for_where_checked_labels_chose(checked):
    assert only(checked(50)).next_step is None


def test_programs_get_the_count(checked):
    (found,) = verdict_data(checked(120))["verdict"]
    assert found["checked"] == 120


def test_the_accuracy_on_checked_texts_has_tables_of_its_own(checked):
    keys = [table.key for table in all_tables(checked(120))]
    assert [key for key in keys if key.startswith("main-checked")]
    assert not [table.key for table in all_tables(checked(0)) if table.key.startswith("main-checked")]


def test_the_interval_after_the_choice_holds_the_truth_with_twenty_five_texts():
    rng = np.random.default_rng(3)
    missed, rounds = 0, 100
    for _ in range(rounds):
        texts = rng.normal(1.2, 1.5, FEWEST_CHECKED)
        scores, bits = {}, {}
        for place in range(6):
            own = texts + rng.normal(0, 0.8, FEWEST_CHECKED)
            bits[f"m{place}"] = own + rng.normal(0, 0.15, (3, 1)) + rng.normal(0, 0.5, (3, FEWEST_CHECKED)) > 0
            scores[f"m{place}"] = bits[f"m{place}"].mean(axis=1)
        found = Family("c", ("n",), "m0", {}, {}, MeanArrays(scores, bits), Prior(), "checked labels")
        best = max(gains_of(found).values(), key=lambda gain: gain.difference)
        missed += not best.low <= 0 <= best.high
    assert missed <= 0.05 * rounds
