"""The measurement of detection, and its committed table."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmark.analysis.figures.reliability import reliability_figure
from benchmark.audit.detectors import detectors
from benchmark.audit.measurement.calibration import measure_calibration
from benchmark.audit.measurement.calibration_table import calibration_table, was_right
from benchmark.audit.measurement.measure import LATER, Labelled, as_rows, fit_sources, is_for_choice, measure_cell
from benchmark.audit.measurement.table import behind_rivals, count_table, detection_table
from benchmark.audit.rule import RULE, candidates

MEASURED = Path(__file__).parents[3] / "results/measured/detection"

TABLES = [("scores", detection_table), ("counts", count_table), ("calibration", calibration_table)]


@pytest.fixture(scope="module")
def measured(made):
    return [pd.DataFrame(part) for part in as_rows(measure_cell("trec", "symmetric(0.2)", 0, made))]


@pytest.fixture(scope="module")
def binned(made):
    sources = fit_sources(made, 0, RULE.sources).sources
    return pd.DataFrame([asdict(one) for one in measure_calibration("made", "symmetric(0.2)", 0, made, sources)])


@pytest.fixture(scope="module")
def made():
    draws = np.random.default_rng(0)
    true = draws.integers(3, size=150)
    features = (2 * np.eye(3, 6)[true] + draws.normal(size=(150, 6))).astype(np.float32)
    labels = np.where(draws.random(150) < 0.2, (true + 1) % 3, true)
    clean = np.where(np.arange(150) < 30, -1, true)
    return Labelled(features, tuple(f"text {row}" for row in range(150)), labels, clean, 3)


@pytest.fixture(scope="module")
def found(measured):
    return measured[0]


def test_every_rule_and_detector_is_measured(found):
    assert set(found[found["by"] == "rule"]["name"]) == {str(rule) for rule in candidates()}
    assert set(found[found["by"] == "detector"]["name"]) == set(detectors)


def test_where_nothing_was_chosen_no_candidate_but_the_rule_is_measured(made):
    found = [one for one in measure_cell("made", "symmetric(0.2)", 0, made) if getattr(one, "by", "") == "rule"]
    assert [one.name for one in found] == [str(RULE)]


def test_the_rule_of_audit_is_a_candidate():
    assert RULE in candidates()


def test_rows_without_a_trusted_label_are_not_scored(found):
    assert set(found["rows"]) == {150}
    assert set(found["scored"]) == {120}


def test_the_rule_finds_more_than_a_random_order(found):
    precision = found.set_index("name")["average_precision"]
    assert precision[str(RULE)] > precision["random"] + 0.3


def test_half_of_the_observed_cells_choose_the_rule_and_those_injected_into_three_corpora():
    assert is_for_choice("trec", "observed(weak)")
    assert not is_for_choice("semeval", "observed(weak)")
    assert is_for_choice("semeval", "symmetric(0.4)")
    assert not is_for_choice("agnews_12k", "symmetric(0.4)")


def test_no_cell_that_came_after_the_rule_counts_as_one_that_chose_it():
    assert not any(is_for_choice(*cell) for cell in LATER)


def test_cells_that_came_after_the_rule_have_a_part_of_their_own():
    scores = pd.read_parquet(MEASURED / "scores.parquet")
    before = scores[[cell not in LATER for cell in zip(scores["corpus"], scores["noise"], strict=True)]]
    corpus, noise = LATER[0]
    later = before[before["corpus"] == "disaster_tweets"].assign(corpus=corpus, noise=noise)
    table = detection_table(pd.concat([before, later]))
    part = table.split("cells that were first measured after the rule was fixed")[1].split("## ")[0]
    assert part.count(f"| {corpus} |") == 1


def test_cells_behind_are_counted_by_the_best_of_the_rivals():
    rows = [("c", "n", "rule", "one", 0.4), ("c", "n", "cleanlab", "x", 0.3), ("c", "n", "cleanlab", "y", 0.5)]
    frame = pd.DataFrame(rows, columns=["corpus", "noise", "by", "name", "average_precision"])
    assert behind_rivals(frame) == {"one": 1, "x": 1, "y": 0}


def test_the_count_stands_beside_the_true_one(measured):
    (row,) = measured[1].to_dict("records")
    assert row["lowest"] <= row["estimate"] <= row["highest"]
    assert 0.1 < row["true"] < 0.3
    assert abs(row["estimate"] - row["true"]) < 0.15
    assert "| trec | symmetric(0.2) | 1 |" in count_table(measured[1])


def test_the_bins_hold_every_scored_row_and_of_checked_ones_the_others(binned):
    assert binned.groupby("checked")["rows"].sum().to_dict() == {0: 120, 50: 70}


def test_the_bins_of_the_scored_rows_add_up_to_the_wrong_labels(binned, measured):
    unaided = binned[binned["checked"] == 0]
    assert (unaided["rows"] * unaided["wrong"]).sum() / 120 == pytest.approx(measured[1]["true"][0])


def test_checked_rows_bring_the_count_nearer_and_their_interval_mostly_holds(binned):
    aided = binned[binned["checked"] == 50].iloc[0]
    assert aided["held"] >= 0.8
    assert aided["miss"] < 0.1


def test_a_word_on_the_count_is_right_where_the_miss_is_as_it_says():
    cells = pd.DataFrame({"miss": [0.05, 0.2, 0.05, 0.2], "reliable": [True, True, False, False]})
    assert was_right(cells).tolist() == [True, False, False, True]


@pytest.mark.usefixtures("every_format")
def test_the_figure_has_a_panel_a_cell_and_the_same_bytes_each_time(binned):
    both = pd.concat([binned, binned.assign(noise="other")])
    assert reliability_figure(both).png == reliability_figure(both).png
    assert reliability_figure(both).svg.count(b"<clipPath") == 2


@pytest.mark.parametrize(("name", "table"), TABLES)
def test_the_committed_table_comes_back_from_its_rows(name, table):
    made = table(pd.read_parquet(MEASURED / f"{name}.parquet"))
    assert made == (MEASURED / f"{name}.md").read_text(encoding="utf-8")
