import pytest

from benchmark.analysis.validation.other_seeds import coverage_in, coverage_table, power_table

METHODS = ["cross_entropy", "elr", "gce"]
NOISES = ["symmetric(0.2)", "symmetric(0.4)"]


@pytest.fixture
def results(factory, result_set_of):
    factory.skills = {"elr": 1.0}
    return result_set_of(factory.grid(METHODS, NOISES, [1, 2, 3, 4, 5]))


def test_each_difference_is_checked_in_each_half(results):
    assert coverage_in(results, "last").comparisons == 2 * 2 * 10


def test_most_differences_of_equal_seeds_are_covered(results):
    assert coverage_in(results, "last").covered[True] > 0.85


def test_two_seeds_leave_none_to_check_with(factory, result_set_of):
    assert coverage_in(result_set_of(factory.grid(METHODS, NOISES, [1, 2])), "last") is None


def test_the_table_has_a_row_an_archive_and_rule(results):
    labels = [row.label for row in coverage_table([("mine", results)]).rows]
    assert labels == ["mine, last", "mine, noisy_valid"]


def test_what_is_decided_is_counted_beside_what_the_other_seeds_contradict(results):
    row = power_table("mine", results).rows[0]
    differences, alone, _, drawn, against = [float(cell.text) for cell in row.cells]
    assert differences == 4
    assert 2 <= drawn <= 4
    assert alone <= 4
    assert against < 1
