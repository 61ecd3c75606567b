"""Reports and comparisons by a metric that the user chose."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pytest

from benchmark.analysis.compare.page import compare_pair
from benchmark.analysis.frame import comparable_groups, tidy
from benchmark.analysis.report import table_text, write_report
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.tables.by_cell.agreement import agreement_tables
from benchmark.analysis.verdict import opening
from benchmark.contracts.errors import BenchmarkError, UnknownNameError
from benchmark.records.metric_ranges import range_of
from benchmark.records.metric_specs import PREDICTION_METRICS, metric_named
from tests.support.records import Factory

CORPORA = [f"corpus{place}" for place in range(6)]
NOISES = ["symmetric(0.2)", "pair(0.2)"]
NLL = {"gce": 1.25, "elr": 0.5, "cross_entropy": 2.0}


@pytest.fixture(scope="module")
def records():
    """Trials in which `elr` has the lowest loss and the lowest accuracy."""
    found = Factory().grid(list(NLL), NOISES, [1, 2, 3], CORPORA)
    changed = []
    for record in found:
        selections = {}
        for rule, chosen in record.selections.items():
            loss = NLL[record.method] + 0.01 * record.seed * (1 + len(record.method) / 10)
            values = {"test_nll": loss, "test_nll_single": loss, "test_ece": loss / 10, "test_macro_f1": loss / 4}
            selections[rule] = chosen.model_copy(update={"metrics": chosen.metrics | values})
        changed.append(record.model_copy(update={"selections": selections}))
    return changed


@pytest.fixture(scope="module")
def few(records):
    """Those of one corpus."""
    return [record for record in records if record.corpus == CORPORA[0]]


def results_of(records, metric):
    kept = comparable_groups(tidy(records)).kept
    encoder, recipe = kept["encoder"].iloc[0], kept["recipe"].iloc[0]
    return ResultSet(encoder, recipe, kept, "cross_entropy", metric=metric_named(metric))


@pytest.fixture(scope="module")
def result_set(records):
    """The results by a metric, made once for each."""
    return functools.cache(lambda metric: results_of(records, metric))


@pytest.mark.parametrize(("metric", "best"), [("nll", "elr"), ("ece", "elr"), ("macro_f1", "cross_entropy")])
def test_the_best_of_a_cell_follows_the_metric_and_its_direction(result_set, metric, best):
    verdicts = result_set(metric).verdicts("last")
    assert {verdict.best for verdict in verdicts.values()} == {(best,)}


def test_ranks_across_cells_put_the_lowest_loss_first(result_set):
    ranks = result_set("nll").across("last").ranks
    assert min(ranks, key=ranks.get) == "elr"


def test_a_lower_loss_is_a_positive_difference_to_the_reference(result_set):
    found = next(c for c in result_set("nll").across("last").comparisons if c.method == "elr")
    assert found.difference == pytest.approx(1.5, abs=0.05)


@pytest.mark.parametrize("metric", [name for name, spec in PREDICTION_METRICS.items() if not spec.per_example])
def test_correctness_of_test_texts_never_enters_the_test_of_another_metric(result_set, metric):
    comparisons = [
        one for verdict in result_set(metric).verdicts("last").values() for one in verdict.comparisons.values()
    ]
    assert {one.example_variance for one in comparisons} == {None}


def test_correctness_of_test_texts_enters_the_test_of_accuracy(result_set):
    verdicts = result_set("accuracy").verdicts("last").values()
    assert None not in {one.example_variance for verdict in verdicts for one in verdict.comparisons.values()}


def test_means_of_a_loss_stay_positive_and_in_its_unit(records):
    text = table_text(records, metric="nll")
    assert "0.520" in text or "0.526" in text


def test_a_verdict_calls_the_least_loss_the_lowest_and_its_gain_a_fall(few):
    (said,) = opening(results_of([one for one in few if one.seed == 1], "nll"))
    assert "Lowest is elr" in said
    assert "-1.5" in said
    assert "+1.5" not in said


@pytest.mark.parametrize(("metric", "title"), [("nll", "Negative log-likelihood by"), ("accuracy", "Agreement with")])
def test_noisy_test_labels_without_clean_ones_keep_the_name_of_the_metric(few, metric, title):
    noisy = []
    for record in few:
        selections = {
            rule: chosen.model_copy(
                update={"metrics": {f"noisy_{name}": v for name, v in chosen.metrics.items() if "test" in name}}
            )
            for rule, chosen in record.selections.items()
        }
        noisy.append(record.model_copy(update={"selections": selections}))
    assert {table.title.partition(" noisy")[0] for table in agreement_tables(results_of(noisy, metric))} == {title}


def test_a_table_names_the_metric_and_says_that_its_variance_is_from_seeds_alone(few, tmp_path):
    made = write_report(few, tmp_path, metric="nll")
    assert made.main[0].title.startswith("Negative log-likelihood")


def test_the_caption_of_a_metric_without_values_for_texts_says_that_seeds_alone_count(result_set):
    from benchmark.analysis.tables.by_cell.main import SEEDS_ALONE, main_tables

    assert SEEDS_ALONE in main_tables(result_set("macro_f1"))[0].caption


def test_the_figures_bear_the_metric_in_their_names(few, tmp_path):
    paths = write_report(few, tmp_path, metric="macro_f1").paths
    assert any(name.startswith("figures/cost-by-macro-f1") for name in paths)


def test_comparing_two_methods_shows_means_of_the_loss_as_they_are(records):
    table = compare_pair(records, "elr", "gce", metric="nll").parts[0].tables[0]
    assert float(table.rows[0].cells[0].text) == pytest.approx(0.5, abs=0.05)


def test_comparing_two_methods_counts_a_lower_loss_as_better(records):
    table = compare_pair(records, "elr", "gce", metric="nll").parts[0].tables[0]
    assert float(table.rows[0].cells[2].text) == pytest.approx(0.75, abs=0.05)


def test_an_unknown_metric_names_the_nearest(records):
    with pytest.raises(UnknownNameError, match="macro_f1"):
        table_text(records, metric="macrof1")


def test_a_metric_that_no_record_holds_is_refused_with_those_that_are_there(factory):
    records = factory.grid(["gce", "cross_entropy"], NOISES, [1, 2], CORPORA[:1])
    frame = tidy(records)
    from benchmark.analysis.frame import refuse_unmeasured

    emptied = frame.assign(**{spec.column(): np.nan for spec in [metric_named("nll")]})
    with pytest.raises(BenchmarkError, match="accuracy"):
        refuse_unmeasured(emptied, metric_named("nll"))


def test_every_metric_of_a_record_has_the_range_of_its_specification():
    ranges = {spec.name: range_of(spec.column("noisy_test", single=True))[1] for spec in PREDICTION_METRICS.values()}
    assert ranges == {spec.name: spec.greatest for spec in PREDICTION_METRICS.values()}


def test_a_name_that_only_contains_a_metric_has_no_range_of_it():
    assert range_of("recent_loss")[1] > 1.0


def test_specifications_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        PREDICTION_METRICS["accuracy"].digits = 3
