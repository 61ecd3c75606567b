import itertools

import numpy as np
import pytest

from benchmark.training.encoders.names import encoder_from
from benchmark.training.recipes import FINE_TUNED, FROM_SCRATCH, FROZEN, Recipe

RECIPES = [FROZEN, FINE_TUNED, FROM_SCRATCH]


def test_frozen_recipe_has_twenty_points_five_of_them_in_the_first_epoch():
    fractions = FROZEN.fractions()
    assert len(fractions) == 20
    assert sum(fraction <= 1 / FROZEN.epochs + 1e-12 for fraction in fractions) == 5
    np.testing.assert_allclose(fractions[:5], np.arange(1, 6) / 5 / FROZEN.epochs)
    np.testing.assert_allclose(np.diff(fractions[4:]), np.diff(fractions[4:])[0])


@pytest.mark.parametrize("recipe", [FINE_TUNED, FROM_SCRATCH])
def test_fine_tuned_recipes_have_two_points_an_epoch(recipe):
    np.testing.assert_allclose(recipe.fractions(), np.arange(1, 2 * recipe.epochs + 1) / (2 * recipe.epochs))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
@pytest.mark.parametrize("total", [1, 2, 7, 10, 86, 860, 12_345])
def test_points_ascend_and_the_last_is_the_last_step(recipe, total):
    steps = recipe.point_steps(total)
    assert all(a < b for a, b in itertools.pairwise(steps))
    assert all(a < b for a, b in itertools.pairwise(steps.values()))
    assert max(steps) == total
    assert steps[total] == 1.0
    assert min(steps) >= 1


def test_point_falls_where_its_fraction_of_the_steps_is_done():
    assert FROZEN.point_steps(1_000) == {round(1_000 * fraction): fraction for fraction in FROZEN.fractions()}


def test_one_epoch_spreads_its_points_evenly():
    recipe = Recipe("one", 1e-3, 1, 8, points=4, points_each_epoch=False, points_in_first_epoch=3)
    np.testing.assert_allclose(recipe.fractions(), [0.25, 0.5, 0.75, 1.0])


def test_learning_rate_warms_up_linearly_then_falls_to_zero():
    recipe = Recipe("r", 1.0, 1, 1, warmup=0.1, decay="linear")
    rates = [recipe.learning_rate_at(step, 100) for step in range(101)]
    np.testing.assert_allclose(rates[:10], np.arange(1, 11) / 10)
    np.testing.assert_allclose(rates[10:], np.arange(90, -1, -1) / 90)


def test_a_part_of_a_step_of_warm_up_is_a_whole_one():
    recipe = Recipe("r", 1.0, 1, 1, warmup=0.06, decay="linear")
    assert [recipe.learning_rate_at(step, 10) for step in range(2)] == [1.0, 1.0]
    assert recipe.learning_rate_at(2, 10) == pytest.approx(8 / 9)


def test_learning_rate_without_warm_up_or_decay_is_constant():
    assert {FROZEN.learning_rate_at(step, 50) for step in range(50)} == {FROZEN.learning_rate}


@pytest.mark.parametrize("total", [1, 2, 3])
def test_learning_rate_of_very_short_trainings_is_positive(total):
    assert all(FINE_TUNED.learning_rate_at(step, total) > 0 for step in range(total))


def test_recipe_survives_the_way_through_a_configuration():
    assert all(Recipe(**recipe.as_config()) == recipe for recipe in RECIPES)


def test_each_kind_of_encoder_has_its_recipe():
    assert encoder_from("frozen:minilm").recipe == FROZEN
    assert encoder_from("bert-base-uncased").recipe == FINE_TUNED
    assert encoder_from("scratch:tiny").recipe == FROM_SCRATCH
    assert encoder_from("minilm").recipe.pooling == "mean"
