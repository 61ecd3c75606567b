import re

import numpy as np
import pytest
from scipy import stats

from benchmark.analysis.compare.measure import measure
from benchmark.analysis.compare.page import compare_pair
from benchmark.analysis.result_set import ACCURACY
from benchmark.contracts.errors import BenchmarkError, UnknownNameError

NOISES = ["symmetric(0.2)", "symmetric(0.4)"]
CORPORA = [f"corpus{i}" for i in range(7)]


@pytest.fixture
def clear(factory):
    """Seven corpora on which elr is far better than gce."""
    factory.skills = {"elr": 1.0}
    return factory.grid(["cross_entropy", "elr", "gce"], NOISES, [1, 2, 3], CORPORA)


def text_of(page):
    return "\n".join([page.title, *page.introduction, *(s for part in page.parts for s in part.sentences), *page.apart])


def test_a_clear_winner_is_claimed_under_both_rules_with_its_numbers(clear, result_set_of):
    page = compare_pair(clear, "elr", "gce")
    said = text_of(page)
    assert re.search(r"other corpora: elr is better.*\bboth\b", said)
    assert "wins/ties/losses 7/0/0" in said
    assert "p .016" in said
    assert "95 % interval by corpus +" in said
    assert "elr better 100.0 %" in said
    assert "elr is better." in said
    found = measure(result_set_of(clear), ("elr", "gce"), "last", ACCURACY, 0.01)
    assert found.count(1) >= 5
    assert found.count(-1) == 0
    assert f"elr is better in {found.count(1)}, gce in 0" in said


def test_the_order_of_the_names_turns_the_signs(clear):
    said = text_of(compare_pair(clear, "gce", "elr"))
    assert "wins/ties/losses 0/0/7" in said
    assert re.search(r"elr is better.*\bboth\b", said)


def test_a_cell_has_the_paired_t_test_of_the_shared_seeds(factory, result_set_of):
    accuracies = {"gce": [0.80, 0.84, 0.79], "elr": [0.81, 0.89, 0.83]}
    records = [
        factory.record(method, seed=seed, accuracy=accuracy, bits=False)
        for method, values in accuracies.items()
        for seed, accuracy in enumerate(values)
    ]
    records.append(factory.record("elr", seed=7, accuracy=0.1, bits=False))
    cell = measure(result_set_of(records), ("elr", "gce"), "last", ACCURACY, 0.01).cells[0]
    expected = stats.ttest_rel(accuracies["elr"], accuracies["gce"])
    assert cell.comparison.p == pytest.approx(expected.pvalue, rel=1e-6)
    assert (cell.comparison.seeds, cell.seeds) == (3, 4)
    page = compare_pair(records, "elr", "gce")
    assert [row.cells[-1].text for row in page.parts[0].tables[0].rows] == ["3/4"]


def test_p_values_of_cells_are_corrected_together(clear, result_set_of):
    cells = measure(result_set_of(clear), ("elr", "gce"), "last", ACCURACY, 0.01).cells
    smallest = min(cells, key=lambda cell: cell.comparison.p)
    assert len(cells) == 14
    assert smallest.comparison.p_holm == pytest.approx(14 * smallest.comparison.p)


def test_five_blocks_cannot_decide_and_the_page_says_what_it_takes(factory):
    factory.skills = {"elr": 1.0}
    said = text_of(compare_pair(factory.grid(["elr", "gce"], NOISES, [1, 2], CORPORA[:5]), "elr", "gce"))
    assert re.search(r"other corpora: cannot decide.*\beither\b", said)
    assert "5 blocks, 6 needed" in said
    assert "fewer than 6 blocks" in said
    assert re.search(r"No interval.*\b5\b", said)


def test_one_seed_allows_no_test_within_cells(factory):
    said = text_of(compare_pair(factory.grid(["elr", "gce"], NOISES, [1]), "elr", "gce"))
    assert "no test in 2 cells" in said


@pytest.mark.parametrize(("unranked", "mark"), [("gce[rate=oracle]", "‡ ORACLE"), ("majority", "§ CONTROL")])
def test_an_oracle_or_control_is_marked_and_makes_no_claim(factory, unranked, mark):
    factory.skills = {"elr": 1.0}
    page = compare_pair(factory.grid(["elr", unranked], NOISES, [1, 2], CORPORA), "elr", unranked)
    said = text_of(page)
    assert mark in said
    assert "never ranked" in said
    assert "no claim" in said
    assert all(mark[0] in column.name for column in page.parts[0].tables[0].columns[1:2])


def test_ensembles_are_also_compared_as_single_networks(factory):
    factory.networks = {"co_teaching": 2}
    said = text_of(compare_pair(factory.grid(["co_teaching", "gce"], NOISES, [1, 2], CORPORA), "co_teaching", "gce"))
    assert "co_teaching averages 2" in said
    assert "ensemble_ce" in said
    means = [float(x) for x in re.findall(r"([+-]?\d+\.\d) points (?:on average )?over", said)]
    assert means[2] == pytest.approx(means[0] - 2.0, abs=0.11)


def test_one_network_against_one_needs_no_second_comparison(clear):
    assert "Networks:" not in text_of(compare_pair(clear, "elr", "gce"))


def test_costs_are_paired_by_cell_seed_and_device(factory):
    records = [factory.record(m, seed=s, wall_s=w * s) for m, w in (("elr", 30.0), ("gce", 10.0)) for s in (1, 2)]
    assert re.search(r"\belr\b.*\b3\.00 times.*\bgce\b", text_of(compare_pair(records, "elr", "gce")))
    moved = [r if r.method == "gce" else r.model_copy(update={"costs": None}) for r in records]
    assert "Costs" not in text_of(compare_pair(moved, "elr", "gce"))


def test_each_encoder_has_its_own_part_and_what_was_set_aside_is_said(factory):
    records = [*factory.grid(["elr", "gce"], NOISES, [1, 2]), factory.record("gce", labels="other")]
    factory.encoder = "bert"
    page = compare_pair(records + factory.grid(["elr", "gce"], NOISES, [1, 2]), "elr", "gce")
    assert [part.name for part in page.parts] == ["encoder bert, recipe frozen", "encoder minilm, recipe frozen"]
    assert any("other noisy labels" in sentence for sentence in page.apart)


def test_a_method_that_is_in_no_record_is_refused_with_the_nearest(clear):
    with pytest.raises(UnknownNameError, match="Did you mean 'gce'"):
        compare_pair(clear, "elr", "gec")


def test_a_method_against_itself_and_methods_that_never_meet_are_refused(factory, clear):
    with pytest.raises(BenchmarkError, match="'elr'"):
        compare_pair(clear, "elr", "elr")
    apart = [factory.record("sce", "symmetric(0.2)"), factory.record("lsr", "symmetric(0.4)")]
    with pytest.raises(BenchmarkError, match=r"'sce'.*'lsr'"):
        compare_pair(apart, "sce", "lsr")
    with pytest.raises(BenchmarkError, match=r"'sce'.*'lsr'"):
        compare_pair([factory.record("sce"), factory.record("lsr", status="failed")], "sce", "lsr")


def test_the_page_does_not_depend_on_the_order_of_records(clear):
    order = np.random.default_rng(0).permutation(len(clear))
    assert compare_pair(clear, "elr", "gce") == compare_pair([clear[i] for i in order], "elr", "gce")
