import numpy as np
import pytest
from scipy import stats

from methods.shared.beta_mixture import BetaMixture, scaled_counts


def drawn(count=4_000, share=0.7, seed=0):
    draws = np.random.default_rng(seed)
    high = draws.random(count) > share
    return np.where(high, draws.beta(8, 3, count), draws.beta(2, 9, count)), high


def test_fit_finds_the_two_densities_that_values_were_drawn_from():
    values, high = drawn()
    mixture = BetaMixture.initial().fitted(values, 100)
    np.testing.assert_allclose(mixture.alphas / (mixture.alphas + mixture.betas), [2 / 11, 8 / 11], atol=0.02)
    np.testing.assert_allclose(mixture.weights, [0.7, 0.3], atol=0.03)
    assert ((mixture.posteriors(values)[1] > 0.5) == high).mean() > 0.95


def test_going_on_is_the_same_as_not_having_stopped():
    values, _ = drawn(200)
    once, twice = BetaMixture.initial().fitted(values, 7), BetaMixture.initial().fitted(values, 4).fitted(values, 3)
    np.testing.assert_array_equal(once.alphas, twice.alphas)
    np.testing.assert_array_equal(once.weights, twice.weights)


def test_posteriors_and_distributions_are_those_of_scipys_densities():
    values, _ = drawn(50)
    mixture = BetaMixture.initial().fitted(values, 5)
    parts = zip(mixture.alphas, mixture.betas, strict=True)
    made = [stats.beta(a, b) for a, b in parts]
    joint = mixture.weights[:, None] * np.stack([density.pdf(values) for density in made])
    np.testing.assert_allclose(mixture.posteriors(values), joint / joint.sum(axis=0), rtol=1e-9)
    np.testing.assert_allclose(mixture.distributions(values), np.stack([d.cdf(values) for d in made]), rtol=1e-9)


def test_component_of_lower_mean_comes_first_whatever_became_of_it():
    values, _ = drawn()
    swapped = BetaMixture(np.array([0.5, 0.5]), np.array([8.0, 2.0]), np.array([3.0, 9.0])).fitted(values, 5)
    means = swapped.alphas / (swapped.alphas + swapped.betas)
    assert means[0] < means[1]
    assert swapped.posteriors(np.array([0.05]))[0] > 0.9


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("counts", [[0], [4, 4, 4], [0] * 99 + [1], [0] * 50 + [6] * 50, [0, 1], list(range(20))])
def test_awkward_counts_give_finite_posteriors(counts):
    values = scaled_counts(np.array(counts))
    assert ((values > 0) & (values < 1)).all()
    mixture = BetaMixture.initial().fitted(values, 30)
    posteriors = mixture.posteriors(values)
    np.testing.assert_allclose(posteriors.sum(axis=0), 1.0)
    assert np.isfinite(mixture.distributions(values)).all()
    assert mixture.alphas.min() > 0
    assert mixture.betas.min() > 0
