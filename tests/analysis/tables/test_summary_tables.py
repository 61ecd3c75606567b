"""Tables over several cells: averages, selection rules, ensembles, needs, what is
missing.
"""

import pandas as pd
import pytest

from benchmark.analysis.frame import tidy
from benchmark.analysis.report import write_report
from benchmark.analysis.tables.averages import average_tables
from benchmark.analysis.tables.by_cell.selection import selection_tables
from benchmark.analysis.tables.ensembles import ensemble_tables
from benchmark.analysis.tables.missing import missing_tables
from benchmark.analysis.tables.needs import need_tables
from benchmark.records.schema import RULES

EVIL = "<script>alert(1)</script>_%&"
NOISES = ["clean()", "symmetric(0.2)", "symmetric(0.4)", "asymmetric(0.4)"]


def texts(table, method):
    row = next(row for row in table.rows if row.label.split(" ")[0] == method)
    return {column.name: cell.text for column, cell in zip(table.columns, row.cells, strict=True)}


def marks(table, method):
    row = next(row for row in table.rows if row.label.split(" ")[0] == method)
    return {column.name: cell.mark for column, cell in zip(table.columns, row.cells, strict=True)}


def by_noise(factory, method, accuracies, seeds=(1, 2)):
    return [factory.record(method, noise, s, accuracy=a) for noise, a in accuracies.items() for s in seeds]


@pytest.fixture
def two(factory):
    first = by_noise(factory, "cross_entropy", dict(zip(NOISES, (0.9, 0.8, 0.6, 0.5), strict=True)))
    return first + by_noise(factory, "gce", dict(zip(NOISES, (0.8, 0.85, 0.75, 0.4), strict=True)))


def titled(tables, words):
    return next(table for table in tables if words in table.title)


def test_averages_are_over_noisy_cells_alone(two, result_set_of):
    tables = average_tables(result_set_of(two))
    assert texts(titled(tables, "by corpus"), "cross_entropy") == {"trec": "63.3"}
    assert texts(titled(tables, "by noise kind"), "gce") == {"symmetric": "80.0", "asymmetric": "40.0"}
    assert texts(titled(tables, "by noise rate"), "gce") == {"rate 0.20": "85.0", "rate 0.40": "57.5"}
    assert marks(titled(tables, "by noise kind"), "gce") == {"symmetric": "best", "asymmetric": ""}


def test_an_average_that_lacks_a_seed_is_not_formed(two, result_set_of):
    lacking = [r for r in two if (r.method, r.noise, r.seed) != ("gce", "symmetric(0.2)", 2)]
    table = titled(average_tables(result_set_of(lacking)), "by noise kind")
    assert texts(table, "gce")["symmetric"] == "(1/2)"
    assert marks(table, "cross_entropy")["symmetric"] == "best"


def test_observed_noise_without_a_rate_is_in_no_column_of_rates(factory, two, result_set_of):
    extra = by_noise(factory, "cross_entropy", {"observed(weak)": 0.1})
    table = titled(average_tables(result_set_of(two + extra)), "by noise rate")
    assert [column.sub for column in table.columns] == ["1 cell", "2 cells"]


def test_an_oracle_is_in_an_average_but_never_bold(factory, two, result_set_of):
    oracle = by_noise(factory, "gce[rate=oracle]", dict.fromkeys(NOISES, 0.99))
    table = titled(average_tables(result_set_of(two + oracle)), "by corpus")
    assert marks(table, "gce[rate=oracle]") == {"trec": ""}
    assert texts(table, "gce[rate=oracle]") == {"trec": "99.0"}


def rules_of(factory, method, noise, accuracies):
    records = [factory.record(method, noise, 1, accuracy=a, rules=[rule]) for rule, a in accuracies.items()]
    return records[0].model_copy(update={"selections": {k: v for r in records for k, v in r.selections.items()}})


def test_rules_stand_side_by_side_with_oracles_labelled_and_their_gaps(factory, result_set_of):
    values = {"symmetric(0.2)": (0.7, 0.75, 0.76, 0.8), "symmetric(0.4)": (0.5, 0.65, 0.7, 0.7)}
    records = [rules_of(factory, "cross_entropy", n, dict(zip(RULES, row, strict=True))) for n, row in values.items()]
    side, gap = selection_tables(result_set_of(records))
    assert [column.group for column in side.columns] == ["usable", "usable", *["oracle, never ranked"] * 2, ""]
    assert list(texts(side, "cross_entropy").values()) == ["60.0", "70.0", "73.0", "75.0", "2/2"]
    assert texts(gap, "cross_entropy") == {
        "noisy valid - last": "+10.0 (+15.0)",
        "clean valid - noisy valid": "+3.0 (+5.0)",
        "best test - noisy valid": "+5.0 (+5.0)",
        "best test - last": "+15.0 (+20.0)",
        "cells": "2/2",
    }


def test_rules_are_compared_on_cells_that_have_all_of_them(factory, result_set_of):
    records = [factory.record("cross_entropy", "symmetric(0.2)"), factory.record(rules=["last", "noisy_valid"])]
    side, _ = selection_tables(result_set_of(records))
    assert texts(side, "cross_entropy")["cells"] == "1/2"


def test_like_is_ranked_with_like(factory, result_set_of):
    factory.networks = {"co_teaching": 2, "jocor": 2}
    accuracies = {"cross_entropy": 0.6, "gce": 0.7, "co_teaching": 0.8, "jocor": 0.9}
    records = [r for method, a in accuracies.items() for r in by_noise(factory, method, {"symmetric(0.4)": a})]
    table = ensemble_tables(result_set_of(records))[0]
    assert texts(table, "jocor") == {
        "single": "88.0",
        "averaged": "90.0",
        "gain": "+2.0",
        "rank among as many": "1.00 of 2",
        "rank of single": "1.00 of 4",
        "cells": "1/1",
    }
    assert texts(table, "gce")["rank among as many"] == "1.00 of 2"
    assert texts(table, "gce")["gain"] == "0.0"


def test_without_ensembles_there_is_no_such_table(two, result_set_of):
    assert ensemble_tables(result_set_of(two)) == []


def test_needs_name_what_is_given_and_who_is_ranked(factory, result_set_of):
    names = ["cross_entropy", "rated", "rated[rate=oracle]", "majority"]
    table = need_tables(result_set_of(factory.grid(names, ["symmetric(0.4)"], [1])))[0]
    found = {name: texts(table, name) for name in names}
    assert found["rated[rate=oracle]"]["needs"] == "noise rate"
    assert found["rated"]["noise rate"] == "estimated"
    assert found["cross_entropy"]["noise rate"] == "–"
    assert [found[name]["standing"] for name in names] == ["ranked", "ranked", "oracle", "control"]


def test_what_is_missing_is_named_with_its_reason(factory, two, result_set_of):
    records = [r for r in two if (r.method, r.noise) != ("gce", "symmetric(0.2)")]
    records = [r for r in records if (r.method, r.noise, r.seed) != ("gce", "clean()", 2)]
    records.append(factory.record("gce", "clean()", 2, status="failed"))
    (table,) = missing_tables(result_set_of(records))
    assert [(row.label, *(cell.text for cell in row.cells)) for row in table.rows] == [
        ("gce", "failed: ValueError", "1/8", "trec clean() (1/2)"),
        ("gce", "not run", "2/8", "trec symmetric(0.2) (2/2)"),
    ]


def test_nothing_is_said_to_be_missing_where_nothing_is(two, result_set_of):
    assert missing_tables(result_set_of(two)) == []


def test_every_value_survives_the_way_through_csv_whatever_the_names_are(factory, tmp_path):
    records = [
        *factory.grid(["cross_entropy", EVIL, "NA"], NOISES, [1, 2], ["trec", f'"{EVIL},\n']),
        factory.record(status="failed"),
    ]
    report = write_report(records, tmp_path)
    back = pd.read_csv(report.paths["results.csv"], keep_default_na=False, na_values=[""], dtype="str")
    frame = tidy(records).drop(columns="correct")
    flags = list(frame.select_dtypes("bool"))
    kinds = frame.dtypes.drop(flags).to_dict()
    pd.testing.assert_frame_equal(back.astype(kinds), frame.astype(dict.fromkeys(flags, "str")))
