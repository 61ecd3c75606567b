import pytest

from benchmark.analysis.validation import simulated
from benchmark.analysis.validation.simulated import VARIANCES, Scenario, rates_of

LUCK = 0.035
"""Three standard errors of a share of 5 % in 400 cells."""


def test_a_scenario_gives_the_same_rates_again():
    scenario = Scenario(1, 6, 3, "unequal")
    assert rates_of(scenario, 50) == rates_of(scenario, 50)


@pytest.mark.parametrize("variances", VARIANCES)
def test_a_small_set_of_three_seeds_holds_the_level(variances):
    assert rates_of(Scenario(1, 6, 3, variances, packaged=True), 400).family <= 0.05 + LUCK


@pytest.mark.parametrize("variances", VARIANCES)
def test_the_interval_after_the_choice_holds_the_truth(variances):
    assert rates_of(Scenario(1, 25, 3, variances, averaged=4), 400).chosen >= 0.95 - LUCK


def test_without_the_allowance_the_best_of_many_is_covered_too_seldom():
    assert rates_of(Scenario(1, 25, 5, "equal"), 400).chosen_alone < 0.92


def test_a_level_that_is_not_held_shows(monkeypatch):
    monkeypatch.setattr(simulated, "LEVEL", 0.2)
    assert rates_of(Scenario(1, 6, 5, "equal"), 400).family > 0.05 + LUCK


def test_test_texts_take_part_where_they_are_asked_for():
    alone, texts = (rates_of(Scenario(1, 6, 3, "equal", given), 50) for given in (False, True))
    assert alone != texts
