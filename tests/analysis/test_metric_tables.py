import pytest

from benchmark.analysis.tables.metrics import calibration_tables, macro_f1_tables, uneven_corpora
from benchmark.records.metric_specs import PREDICTION_METRICS
from benchmark.trial.metrics import MEASURES

NOISES = ("symmetric(0.2)", "symmetric(0.4)")


def scored(factory, corpus="trec", **metrics):
    """Records of two methods of which the first has these metrics, the second others."""
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
