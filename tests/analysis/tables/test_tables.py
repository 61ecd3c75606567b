import re

import numpy as np
import pytest

from benchmark.analysis.result_set import CellComparison
from benchmark.analysis.statistics import compare_with_best
from benchmark.analysis.tables import Table, all_tables, claims_under_both
from benchmark.analysis.tables.across import across_tables
from benchmark.analysis.tables.by_cell.diagnostics import diagnostic_tables
from benchmark.analysis.tables.by_cell.differences import comparisons, difference_tables
from benchmark.analysis.tables.by_cell.main import main_tables, single_tables
from benchmark.analysis.tables.by_cell.rates import rate_tables
from benchmark.analysis.tables.costs import cost_tables
from benchmark.analysis.tables.winners import winner_tables

NOISES = ["clean()", "symmetric(0.4)"]


def cell(table: Table, method: str, column: str):
    row = next(row for row in table.rows if row.label.split(" ")[0] == method)
    return row.cells[[c.name for c in table.columns].index(column)]


def scored(factory, method, accuracies, **more):
    return [factory.record(method, seed=s, accuracy=a, **more) for s, a in enumerate(accuracies, start=1)]


def test_a_cell_shows_mean_and_sample_standard_deviation_in_points(factory, result_set_of):
    table = main_tables(result_set_of(scored(factory, "cross_entropy", [0.80, 0.82, 0.84])))[0]
    assert cell(table, "cross_entropy", "symmetric(0.4)").text == f"82.0 ± {np.std([80, 82, 84], ddof=1):.1f}"


def test_an_incomplete_cell_shows_k_of_n_and_is_never_best(factory, result_set_of):
    records = scored(factory, "cross_entropy", [0.7, 0.71, 0.7]) + scored(factory, "gce", [0.9, 0.95])
    found = cell(main_tables(result_set_of(records))[0], "gce", "symmetric(0.4)")
    assert found.text.endswith("(2/3)")
    assert found.mark == ""
    assert cell(main_tables(result_set_of(records))[0], "cross_entropy", "symmetric(0.4)").mark == "best"


def test_failed_trials_are_shown_and_stay_out_of_the_mean(factory, result_set_of):
    records = scored(factory, "cross_entropy", [0.7, 0.7]) + scored(factory, "gce", [0.8])
    records.append(factory.record("gce", seed=2, status="failed"))
    records += [factory.record("sce", seed=s, status="failed") for s in (1, 2)]
    table = main_tables(result_set_of(records))[0]
    assert cell(table, "gce", "symmetric(0.4)").text == "80.0 (1/2, 1 failed)"
    assert cell(table, "sce", "symmetric(0.4)").text == "failed"


def test_an_incomplete_cell_keeps_its_block_out_of_the_comparison_across_cells(factory, result_set_of):
    records = factory.grid(["cross_entropy", "gce"], ["symmetric(0.2)", "symmetric(0.4)", "asymmetric(0.2)"], [1, 2])
    records = [r for r in records if not (r.method == "gce" and r.noise == "symmetric(0.2)" and r.seed == 2)]
    found = result_set_of(records).across("last")
    assert found.comparisons[0].blocks == 1


def test_oracles_and_controls_are_shown_but_never_bold_ranked_or_compared(factory, result_set_of):
    factory.skills = {"gce[rate=oracle]": 3.0, "majority": 2.0}
    records = factory.grid(["cross_entropy", "gce", "gce[rate=oracle]", "majority"], ["symmetric(0.4)"], [1, 2, 3])
    results = result_set_of(records)
    for table in main_tables(results):
        assert cell(table, "gce[rate=oracle]", "symmetric(0.4)").mark == ""
        assert cell(table, "majority", "symmetric(0.4)").mark == ""
        assert [row.label for row in table.rows] == ["cross_entropy", "gce", "gce[rate=oracle] ‡", "majority §"]
    across = results.across("last")
    assert set(across.ranks) == {"cross_entropy", "gce"}
    assert [c.method for c in across.comparisons] == ["gce"]


def test_the_best_is_bold_and_what_cannot_be_told_apart_is_underlined(factory, result_set_of):
    records = scored(factory, "cross_entropy", [0.5, 0.51, 0.52]) + scored(factory, "gce", [0.9, 0.91, 0.93])
    records += scored(factory, "sce", [0.905, 0.895, 0.93])
    table = main_tables(result_set_of(records))[0]
    marks = {m: cell(table, m, "symmetric(0.4)").mark for m in ("cross_entropy", "gce", "sce")}
    assert marks == {"cross_entropy": "", "gce": "best", "sce": "close"}


def test_one_seed_makes_no_test_and_says_so(factory, result_set_of):
    table = main_tables(result_set_of(factory.grid(["cross_entropy", "gce"], ["symmetric(0.4)"], [1])))[0]
    assert "No test" in table.caption
    assert "±" not in cell(table, "gce", "symmetric(0.4)").text
    assert all(c.mark != "close" for row in table.rows for c in row.cells)


def test_the_two_rates_stand_side_by_side_and_clean_is_the_first_column(factory, result_set_of):
    table = main_tables(result_set_of(factory.grid(["cross_entropy"], ["symmetric(0.4)", "clean()"], [1, 2])))[0]
    assert [c.name for c in table.columns] == ["clean()", "symmetric(0.4)"]
    assert table.columns[1].sub == "0.40 → 0.400"


def test_a_method_that_offers_nothing_to_select_says_so(factory, result_set_of):
    records = factory.grid(["cross_entropy"], NOISES, [1, 2])
    records += [factory.record("dygen", n, s, rules=["last"]) for n in NOISES for s in (1, 2)]
    last, selected = main_tables(result_set_of(records))
    assert "±" in cell(last, "dygen", "clean()").text
    assert cell(selected, "dygen", "clean()").text == "no selection"


def test_single_networks_have_their_own_table_where_like_meets_like(factory, result_set_of):
    factory.networks = {"co_teaching": 2}
    factory.skills = {"co_teaching": 0.1}
    records = factory.grid(["cross_entropy", "co_teaching"], ["symmetric(0.4)"], [1, 2, 3])
    results = result_set_of(records)
    together = main_tables(results)[0]
    alone = single_tables(results)[0]
    assert "co_teaching ×2" in [row.label for row in together.rows]
    ensemble, single = (float(cell(t, "co_teaching", "symmetric(0.4)").text.split(" ")[0]) for t in (together, alone))
    assert single == pytest.approx(ensemble - 2.0, abs=0.11)
    assert cell(alone, "cross_entropy", "symmetric(0.4)").text == cell(together, "cross_entropy", "symmetric(0.4)").text


def test_there_is_no_single_network_table_when_every_method_trains_one(factory, result_set_of):
    assert single_tables(result_set_of(factory.grid(["cross_entropy"], NOISES, [1]))) == []


def test_oracle_rules_are_labelled_and_carry_no_mark(factory, result_set_of):
    tables = diagnostic_tables(result_set_of(factory.grid(["cross_entropy", "gce"], NOISES, [1, 2])))
    assert len(tables) == 2
    for table in tables:
        assert "oracle" in table.title
        assert "never ranked" in table.caption
        assert all(c.mark == "" for row in table.rows for c in row.cells)


def test_the_cost_ratio_is_paired_within_cell_and_seed(factory, result_set_of):
    records = [factory.record("cross_entropy", n, 1, wall_s=w) for n, w in zip(NOISES, (10.0, 100.0), strict=True)]
    records += [factory.record("gce", n, 1, wall_s=w) for n, w in zip(NOISES, (20.0, 200.0), strict=True)]
    records += [factory.record("elr", NOISES[1], 1, wall_s=300.0)]
    table = cost_tables(result_set_of(records))[0]
    assert cell(table, "gce", "× cross_entropy").text == "2.00"
    assert cell(table, "elr", "× cross_entropy").text == "3.00"


def test_a_shared_rate_estimate_is_counted_once_a_seed(factory, result_set_of):
    records = factory.grid(["cross_entropy", "rated_a", "rated_b", "rated_b[rate=oracle]"], ["symmetric(0.4)"], [1, 2])
    row = rate_tables(result_set_of(records))[1].rows[0]
    assert [c.text for c in row.cells] == [
        "confident_joint",
        "0.450",
        "0.400",
        "+0.050",
        "0.050",
        "2",
        "rated_a, rated_b",
    ]


def test_claims_count_where_they_hold_under_both_rules(factory, result_set_of):
    corpora = [f"corpus{i}" for i in range(7)]
    factory.skills = {"elr": 1.0}
    records = factory.grid(["cross_entropy", "elr"], ["symmetric(0.4)"], [1, 2], corpora)
    results = result_set_of(records)
    assert re.search(r"both rules: elr is better than cross_entropy\.", claims_under_both(results))
    table = across_tables(results)[0]
    assert [c.text for c in table.rows[0].cells][3:6] == ["7/0/0", "+1.00", ".016"]
    assert " to " in table.rows[0].cells[2].text


def test_a_claim_made_by_one_corpus_of_many_blocks_is_told_from_one_that_corpora_bear_out(factory, result_set_of):
    cells = [("trec", f"noise{kind}(0.4)") for kind in range(9)]
    cells += [(f"corpus{place}", "symmetric(0.4)") for place in range(5)]
    gains = {"gce": 0.05, "elr": 0.01}
    records = [
        factory.record(
            method, noise, seed, corpus, accuracy=0.6 + gain * (method == "gce" or corpus == "trec") * (1 + wider * 0.2)
        )
        for corpus, noise in cells
        for wider in [corpus == "corpus0"]
        for method, gain in {"cross_entropy": 0.0, **gains}.items()
        for seed in (1, 2)
    ]
    words = claims_under_both(result_set_of(records))
    assert "elr, gce are better than cross_entropy" in words
    assert "corpus" in words
    assert words.endswith("for gce alone.")


def test_differences_to_the_best_carry_their_interval_and_effect_size(factory, result_set_of):
    records = scored(factory, "cross_entropy", [0.5, 0.52, 0.51]) + scored(factory, "gce", [0.6, 0.61, 0.63])
    results = result_set_of(records)
    table = difference_tables(results)[0]
    assert cell(table, "gce", "symmetric(0.4)").text == "best"
    assert cell(table, "cross_entropy", "symmetric(0.4)").text.startswith("-10.3 (-")
    row = comparisons(results, "last").iloc[0]
    differences = np.array([-0.10, -0.09, -0.12])
    assert row["cohens_d"] == pytest.approx(differences.mean() / differences.std(ddof=1))


def test_clean_cells_are_no_block(factory, result_set_of):
    found = result_set_of(factory.grid(["cross_entropy", "gce"], NOISES, [1, 2])).across("last")
    assert found.blocks == ("trec × symmetric",)


def test_winners_name_the_best_of_every_cell(factory, result_set_of):
    factory.skills = {"elr": 2.0}
    table = winner_tables(result_set_of(factory.grid(["cross_entropy", "elr"], NOISES, [1, 2, 3])))[0]
    assert [row.cells[0].text for row in table.rows] == ["elr", "elr"]


def test_wide_grids_are_split_into_tables_of_at_most_six_columns(factory, result_set_of):
    noises = ["clean()", *(f"{k}({r})" for k in ("symmetric", "asymmetric") for r in (0.1, 0.2, 0.3, 0.4))]
    tables = main_tables(result_set_of(factory.grid(["cross_entropy"], noises, [1, 2], ["trec", "agnews"])))
    assert max(len(table.columns) for table in tables) <= 6
    assert sum(len(table.columns) for table in tables) == 2 * 2 * len(noises)


def test_every_table_of_a_report_has_its_own_key(factory, result_set_of):
    factory.networks = {"co_teaching": 2}
    records = factory.grid(["cross_entropy", "co_teaching", "rated"], NOISES, [1, 2], ["trec", "agnews"])
    keys = [table.key for table in all_tables(result_set_of(records))]
    assert len(keys) == len(set(keys))


def test_a_difference_that_never_varies_is_not_told_from_luck():
    scores = {"a": np.array([0.9, 0.91]), "b": np.array([0.8, 0.81]), "c": np.array([0.5, 0.62])}
    found = {one.method: one for one in compare_with_best(scores)}
    assert not found["b"].tested
    assert found["c"].tested
    assert CellComparison(("a",), found).tied_with_best("b")
    assert not CellComparison(("a",), {"b": found["b"]}).tied_with_best("b")
