"""A leaderboard says what a report says of the same cells."""

import math

import pytest

from benchmark.analysis.site.selections import choices_of
from benchmark.analysis.site.standings import standings
from benchmark.analysis.verdict import recommendations
from tests.support.records import Factory


def noisy_cells(setting, **wanted):
    cells = setting.results.cells
    cells = cells[~cells["clean"]]
    for name, value in wanted.items():
        cells = cells[cells[name] == value]
    return cells


def by_method(found):
    return {row.method: row for row in found.rows}


def test_gain_and_interval_on_a_corpus_are_those_of_the_verdict(setting_of, measured):
    setting = setting_of(measured)
    for found in recommendations(setting.results):
        row = by_method(standings(setting, noisy_cells(setting, corpus=found.corpus)))[found.method]
        assert found.standing == "better"
        assert row.place == 1
        assert (row.gain, row.low, row.high) == pytest.approx((found.gain.difference, found.gain.low, found.gain.high))
        assert row.ratio == pytest.approx(found.ratio)


def test_places_follow_gains_and_the_reference_has_one(setting_of, measured):
    rows = standings(setting_of(measured), noisy_cells(setting_of(measured))).rows
    assert [row.place for row in rows] == [1, 2, 3, 4, 5]
    assert [row.gain for row in rows] == sorted((row.gain for row in rows), reverse=True)
    reference = next(row for row in rows if row.method == "cross_entropy")
    assert reference.gain == 0
    assert reference.place > 1


def test_from_six_corpora_on_intervals_are_those_across_corpora(setting_of):
    factory = Factory(skills={"elr": 0.6})
    corpora = ["a", "b", "c", "d", "e", "f"]
    setting = setting_of(factory.grid(["cross_entropy", "elr"], ["symmetric(0.4)"], [1, 2], corpora))
    row = by_method(standings(setting, noisy_cells(setting)))["elr"]
    rules = [setting.results.across(rule).comparisons[0] for rule in ("last", "noisy_valid")]
    assert row.gain == pytest.approx(sum(one.difference for one in rules) / 2)
    assert row.low == pytest.approx(sum(one.low for one in rules) / 2)
    assert row.blocks == 6


def test_a_method_that_lacks_cells_has_no_rank_and_stands_last(setting_of, measured):
    few = [r for r in measured if r.method != "elr" or (r.corpus, r.noise) == ("trec", "symmetric(0.4)")]
    setting = setting_of([r for r in few if (r.corpus, r.noise, r.method) != ("trec", "symmetric(0.2)", "elr")])
    found = standings(setting, noisy_cells(setting, noise="symmetric(0.4)"))
    last = found.rows[-1]
    assert (last.method, last.place) == ("elr", None)
    assert math.isnan(last.low)
    assert last.gain > 0
    assert [row.place for row in found.rows[:-1]] == [1, 2, 3, 4]


def test_cells_without_another_method_have_no_rows(setting_of, measured):
    setting = setting_of([record for record in measured if record.method == "cross_entropy"])
    assert standings(setting, noisy_cells(setting)).rows == ()


def test_every_choice_that_leaves_a_noisy_cell_has_a_leaderboard(setting_of, measured):
    found = choices_of(setting_of(measured))
    assert set(found.corpora) == {"trec", "agnews"}
    assert found.rates == ("0.2", "0.4")
    assert ("trec", "symmetric", "0.2") in found.places
    assert ("trec", "asymmetric", "0.2") not in found.places
    assert ("trec", "clean", "") not in found.places
    assert found.places["", "asymmetric", ""] == found.places["", "asymmetric", "0.4"]
    assert len(found.boards) < len(found.places)


@pytest.mark.parametrize(("split", "labels"), [("noisy_test", "noisy test labels"), ("checked", "checked labels")])
def test_without_clean_test_labels_the_best_that_there_are_take_their_place(setting_of, measured, split, labels):
    records = []
    for record in measured:
        selections = {
            rule: one.model_copy(update={"metrics": {f"{split}_accuracy": one.metrics["test_accuracy"]}})
            for rule, one in record.selections.items()
        }
        records.append(record.model_copy(update={"selections": selections}))
    setting = setting_of(records)
    assert setting.labels == labels
    clean = setting_of(measured)
    gains = [row.gain for row in standings(setting, noisy_cells(setting)).rows]
    assert gains == pytest.approx([row.gain for row in standings(clean, noisy_cells(clean)).rows])
