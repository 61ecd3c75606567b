from pathlib import Path

import numpy as np
import pytest

from benchmark.analysis.verdict.report_card.__main__ import sections
from benchmark.analysis.verdict.report_card.cells import halves, noisy_cells
from benchmark.analysis.verdict.report_card.choosers import by_checked, by_labels, gain_of
from benchmark.analysis.verdict.report_card.table import card_table, report_card

MEASURED = Path(__file__).parents[3] / "results" / "measured"
NOISES = ["clean()", "symmetric(0.4)", "observed(weak)"]
SEEDS = [1, 2, 3, 4, 5]


@pytest.fixture
def results(factory, result_set_of):
    factory.skills = {"elr": 1.0, "gce": 0.3}
    return result_set_of(factory.grid(["cross_entropy", "elr", "gce"], NOISES, SEEDS))


def test_every_seed_scores_as_often_as_any_other():
    scored = np.bincount([seed for half in halves((0, 1, 2, 3, 4)) for seed in half.scoring])
    assert scored.tolist() == [4] * 5


def test_no_seed_both_chooses_and_scores():
    for seeds in ((1, 2), (1, 2, 3), (1, 2, 3, 4, 5, 6)):
        assert all(not set(half.choosing) & set(half.scoring) for half in halves(seeds))


def test_cells_are_the_noisy_ones_with_the_reference_first(results):
    found = noisy_cells(results)
    assert sorted(cell.observed for cell in found) == [False, True]
    assert {cell.methods[0] for cell in found} == {"cross_entropy"}
    assert found[0].scores.shape == (2, 3, 5)


def test_a_gain_is_over_the_reference_on_the_scoring_seeds(results):
    cell = noisy_cells(results)[0]
    half = halves(cell.seeds)[0]
    place, scoring = cell.methods.index("elr"), [cell.seeds.index(seed) for seed in half.scoring]
    expected = cell.scores[:, place, scoring].mean(axis=1) - cell.scores[:, 0, scoring].mean(axis=1)
    assert gain_of(cell, "elr", half) == pytest.approx(expected)


def test_clean_labels_choose_the_better_method(results):
    cell = noisy_cells(results)[0]
    half = halves(cell.seeds)[0]
    chosen = by_labels(cell, half)["highest mean by clean test labels"]
    assert chosen == pytest.approx(gain_of(cell, "elr", half))


def test_checked_rows_choose_for_the_rows_that_are_left(results):
    cell = noisy_cells(results)[0]
    half = halves(cell.seeds)[0]
    chosen = [gain for size, gain in by_checked(cell, half) if size == 100]
    assert len(chosen) == 6
    assert all(gain > 0.05 for gain in np.ravel(chosen))


def test_the_card_holds_every_way_and_both_kinds_of_noise(results):
    table = card_table(report_card(results), "toy", "toy")
    assert {column.group for column in table.columns} == {"injected", "observed"}
    labels = [row.label for row in table.rows]
    assert labels[0] == "best in hindsight"
    assert "always elr" in labels
    assert "the verdict, by cell" in labels
    assert "highest mean by 25 checked labels" in labels


def test_one_seed_gives_no_card(factory, result_set_of):
    assert report_card(result_set_of(factory.grid(["cross_entropy", "elr"], NOISES, [1]))) is None


def test_a_committed_card_comes_back_from_its_archive():
    (section,) = sections(MEASURED / "fine-tuned-minilm-trec" / "records.parquet")
    assert section in (MEASURED / "verdict" / "table.md").read_text(), "make tables"
