import pytest

from benchmark.analysis.tables import all_tables
from benchmark.analysis.tables.corpora import corpus_tables

METHODS = ["cross_entropy", "elr", "gce"]
NOISES = ["symmetric(0.2)", "symmetric(0.4)"]


@pytest.fixture
def records(factory):
    factory.skills = {"elr": 1.0}
    return factory.grid(METHODS, ["clean()", *NOISES], [1, 2, 3, 4, 5], ["trec", "apidocs"])


def rows_of(table):
    return {row.label: row.cells for row in table.rows}


def test_a_gain_by_corpus_is_that_of_the_test_within_it(records, result_set_of):
    results = result_set_of(records)
    table = corpus_tables(results)[0]
    found = results.in_corpora("last")["trec"]["elr"]
    place = [column.name for column in table.columns].index("trec")
    assert rows_of(table)["elr"][place].text.startswith(f"+{100 * found.difference:.1f} (")


def test_what_is_told_from_the_reference_is_bold(records, result_set_of):
    rows = rows_of(corpus_tables(result_set_of(records))[0])
    assert {cell.mark for cell in rows["elr"]} == {"best"}
    assert {cell.mark for cell in rows["gce"]} == {""}


def test_the_reference_has_no_row(records, result_set_of):
    assert "cross_entropy" not in rows_of(corpus_tables(result_set_of(records))[0])


def test_a_corpus_of_one_noisy_cell_is_not_shown_twice(factory, result_set_of):
    assert corpus_tables(result_set_of(factory.grid(METHODS, NOISES[:1], [1, 2, 3]))) == []


def test_one_seed_gives_a_gain_without_an_interval(factory, result_set_of):
    table = corpus_tables(result_set_of(factory.grid(METHODS, NOISES, [1])))[0]
    assert all("(" not in cell.text for row in table.rows for cell in row.cells)


def test_a_report_has_it_once_a_rule(records, result_set_of):
    keys = [table.key for table in all_tables(result_set_of(records))]
    assert [key for key in keys if key.startswith("corpora-")] == ["corpora-last-1", "corpora-noisy_valid-1"]
