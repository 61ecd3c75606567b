import numpy as np
import pytest

from benchmark.analysis.statistics import blocks_needed, holm, smallest_p


def test_holm_agrees_with_a_hand_worked_example():
    # sorted .001 .01 .02 .04 .3, times 5 4 3 2 1: .005 .04 .06 .08 .3
    assert holm([0.04, 0.001, 0.3, 0.02, 0.01]) == pytest.approx([0.08, 0.005, 0.3, 0.06, 0.04])


def test_holm_never_falls_along_the_order_of_raw_values():
    # .02 x 2 = .04 but .03 x 1 = .03 must not overtake it
    assert holm([0.02, 0.03]) == pytest.approx([0.04, 0.04])


def test_holm_is_step_down_and_not_one_constant_factor():
    adjusted = holm([0.01, 0.02, 0.9])
    assert adjusted[1] == pytest.approx(0.04)
    assert adjusted[1] != pytest.approx(0.06)


def test_holm_stays_at_most_one_and_keeps_ties_equal():
    assert holm([0.6, 0.6, 0.5]).tolist() == [1.0, 1.0, 1.0]


def test_holm_leaves_tests_that_were_not_made_out_of_the_family():
    adjusted = holm([0.02, np.nan, 0.03])
    assert adjusted[0] == pytest.approx(0.04)
    assert np.isnan(adjusted[1])


def test_holm_of_nothing_is_nothing():
    assert holm([]).shape == (0,)


def test_five_pairs_cannot_reach_the_five_percent_level():
    assert smallest_p(5, 1) == 0.0625
    assert smallest_p(6, 1) == 0.03125


@pytest.mark.parametrize("comparisons", [1, 2, 5, 19, 60])
def test_the_blocks_needed_are_the_fewest_that_suffice(comparisons):
    needed = blocks_needed(comparisons)
    assert smallest_p(needed, comparisons) <= 0.05 < smallest_p(needed - 1, comparisons)
