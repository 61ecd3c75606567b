import numpy as np
import pytest

from benchmark.analysis.frame import comparable_groups, tidy
from benchmark.analysis.points import details_of
from benchmark.analysis.report import table_text
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.tables.metrics import (
    are_uneven,
    calibration_tables,
    leading_macro_f1_tables,
    macro_f1_tables,
    uneven_corpora,
)
from benchmark.records.merge import result_of
from benchmark.records.metric_specs import PREDICTION_METRICS
from benchmark.records.schema import Record
from benchmark.trial.metrics import MEASURES

NOISES = ("symmetric(0.2)", "symmetric(0.4)")


def scored(factory, corpus="trec", **metrics):
    """Records of two methods, of which the first has these metrics."""
    records = factory.grid(["cross_entropy", "gce"], NOISES, [1, 2], [corpus])
    found = []
    for record in records:
        given = {
            name: (first if record.method == "cross_entropy" else second) for name, (first, second) in metrics.items()
        }
        selections = {
            rule: chosen.model_copy(update={"metrics": chosen.metrics | given})
            for rule, chosen in record.selections.items()
        }
        found.append(record.model_copy(update={"selections": selections}))
    return found


def with_records(records):
    kept = comparable_groups(tidy(records)).kept
    return ResultSet(kept["encoder"].iloc[0], kept["recipe"].iloc[0], kept, "cross_entropy", details_of(records))


def texts(table):
    return {row.label: [(cell.text, cell.mark) for cell in row.cells] for row in table.rows}


def test_every_specified_metric_is_computed_and_no_other():
    assert list(MEASURES) == list(PREDICTION_METRICS)


def test_calibration_has_a_table_a_metric_and_rule_in_which_the_lowest_is_best(factory, result_set_of):
    records = scored(factory, test_ece=(0.25, 0.125), test_nll=(1.5, 0.75))
    tables = calibration_tables(result_set_of(records))
    assert [table.key for table in tables] == ["ece-last-1", "ece-noisy_valid-1", "nll-last-1", "nll-noisy_valid-1"]
    assert texts(tables[0]) == {"cross_entropy": [("25.0", "")], "gce": [("12.5", "best")]}
    assert texts(tables[2]) == {"cross_entropy": [("1.500", "")], "gce": [("0.750", "best")]}


def test_there_is_no_table_of_a_metric_that_was_not_measured(factory, result_set_of):
    assert calibration_tables(result_set_of(factory.grid(["cross_entropy"], NOISES, [1]))) == []


@pytest.mark.parametrize(("macro", "shown"), [((0.1, 0.2), True), (None, False)])
def test_macro_f1_is_shown_of_the_corpora_on_which_it_differs_from_accuracy(factory, result_set_of, macro, shown):
    records = scored(factory, "even") + scored(factory, "uneven", **({"test_macro_f1": macro} if macro else {}))
    results = result_set_of(records)
    assert uneven_corpora(results) == (["uneven"] if shown else [])
    tables = macro_f1_tables(results)
    assert [[column.name for column in table.columns] for table in tables] == ([["uneven"]] * 2 if shown else [])
    if shown:
        assert texts(tables[0]) == {"cross_entropy": [("10.0", "")], "gce": [("20.0", "best")]}


def test_a_missing_seed_leaves_no_mean(factory, result_set_of):
    records = scored(factory, test_ece=(0.25, 0.125), test_nll=(1.5, 0.75))
    lacking = [r for r in records if (r.method, r.noise, r.seed) != ("gce", NOISES[0], 2)]
    assert texts(calibration_tables(result_set_of(lacking))[0])["gce"] == [("–", "")]


def with_shares(records, shares):
    return [r.model_copy(update={"manifest": r.manifest.model_copy(update={"class_shares": shares})}) for r in records]


@pytest.mark.parametrize(
    ("shares", "uneven"),
    [([0.5, 0.5], False), ([0.7, 0.3], True), ([0.5, 0.3, 0.2], False), ([0.55, 0.3, 0.15], True), ([1.0, 0.0], True)],
)
def test_classes_are_uneven_by_the_largest_ratio_or_the_largest_share(shares, uneven):
    assert are_uneven(np.array(shares)) is uneven


@pytest.mark.parametrize(("shares", "tables"), [([0.8, 0.2], 2), ([0.5, 0.5], 0), (None, 0)])
def test_macro_f1_leads_where_noisy_training_labels_are_uneven(factory, shares, tables):
    records = with_shares(scored(factory, test_macro_f1=(0.1, 0.2)), shares)
    assert len(leading_macro_f1_tables(with_records(records))) == tables


@pytest.mark.parametrize(("shares", "tables"), [([0.5, 0.5], 0), (None, 2)])
def test_records_without_shares_fall_back_on_the_distance_to_accuracy(factory, shares, tables):
    records = with_shares(scored(factory, test_macro_f1=(0.1, 0.2)), shares)
    assert len(macro_f1_tables(with_records(records))) == tables


def test_leading_macro_f1_stands_before_accuracy(factory):
    text = table_text(with_shares(scored(factory, test_macro_f1=(0.1, 0.2)), [0.8, 0.2]))
    assert 0 < text.index("### Macro-F1") < text.index("### Accuracy")


def test_a_record_of_a_version_without_shares_is_still_read(factory):
    content = factory.record("gce").model_dump(mode="json")
    del content["manifest"]["class_shares"]
    assert Record.model_validate(content).manifest.class_shares is None


def test_class_shares_alone_do_not_make_two_runs_of_a_trial_disagree(factory):
    record = factory.record("gce")
    assert result_of(record) == result_of(with_shares([record], [0.8, 0.2])[0])
