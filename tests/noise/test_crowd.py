"""Simulated annotators: their votes, the majority, and the calibration to a rate."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from benchmark.contracts import BenchmarkError, Draws, noise_from
from noise.crowd import CONCENTRATION, SKILL, SPAMMER, aggregate_turning, annotator_kinds, confusions, majority, voters
from tests.support.noise_examples import inputs_for, labels_of


def draws_of(rows, seed=1):
    return Draws(("corpus", "crowd", seed), "train", [f"t{i}" for i in range(rows)])


def test_annotators_of_a_text_are_different_and_each_is_asked_as_often():
    who = voters(draws_of(20_000), 10, 3, 20_000)
    assert all(len(set(row)) == 3 for row in who[:500].tolist())
    for r in range(3):
        assert chisquare(np.bincount(who[:, r], minlength=10)).pvalue > 1e-4


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5))
def test_the_majority_is_wrong_up_to_its_own_level_and_right_above(seed, votes):
    rng = np.random.default_rng(seed)
    clean = rng.integers(0, 4, 30)
    wrong_votes, turning = rng.integers(0, 4, (30, votes)), rng.standard_normal((30, votes))
    turning[wrong_votes == clean[:, None]] = np.inf
    own = aggregate_turning(wrong_votes, turning, clean)
    for level in (-2.0, -0.5, 0.0, 0.5, 2.0):
        label = majority(np.where(turning < level, clean[:, None], wrong_votes))
        assert ((label != clean) == (own >= level)).all()


def test_without_difficulty_single_votes_follow_the_annotators_confusion_matrices():
    model, classes, rows = noise_from("crowd(0.4,votes=1,aggregate=random,difficulty=0)"), 4, 60_000
    clean = labels_of(rows, classes)
    inputs = inputs_for(model, clean, classes=classes)
    who = voters(inputs.draws, 10, 1, rows)
    wrong_votes, turning = model._votes(inputs, who)
    votes = np.where(turning < 0.0, clean[:, None], wrong_votes)[:, 0]
    for a, kind in enumerate(annotator_kinds(10)):
        diagonal, cumulative = confusions(inputs.draws, a, SKILL.get(kind, 0.5), classes)
        for k in range(classes):
            seen = np.bincount(votes[(who[:, 0] == a) & (clean == k)], minlength=classes)
            law = np.full(classes, 1 / classes)
            if kind != SPAMMER:
                others = np.diff(np.minimum(cumulative[k], 1.0), prepend=0.0)
                law = np.insert((1 - diagonal[k]) * others, k, diagonal[k])
            likely = law * seen.sum() > 1
            assert chisquare(seen[likely], law[likely] / law[likely].sum() * seen[likely].sum()).pvalue > 1e-5


def test_harder_texts_are_wrong_whoever_labels_them_and_experts_err_less():
    model, clean = noise_from("crowd(0.3,votes=1,aggregate=random)"), labels_of(30_000)
    inputs = inputs_for(model, clean)
    wrong = model.corrupt(inputs) != clean
    who = voters(inputs.draws, 10, 1, len(clean))[:, 0]
    shares = [wrong[who == a].mean() for a in range(10)]
    assert max(shares[:3]) < min(shares[8:])
    assert np.mean(shares[:3]) < np.mean(shares[3:8]) < np.mean(shares[8:])


def test_texts_of_a_lower_draw_of_difficulty_are_wrong_more_often():
    """b = exp(difficulty · z): the smaller it is, the nearer a vote is to chance."""
    model, clean = noise_from("crowd(0.3,difficulty=2)"), labels_of(5_000)
    inputs = inputs_for(model, clean)
    wrong = model.corrupt(inputs) != clean
    z = inputs.draws.uniform("difficulty")
    assert z[wrong].mean() < z[~wrong].mean() - 0.1


def test_rows_of_a_confusion_matrix_are_as_unlike_as_a_dirichlet_law_has_it():
    """A share of m - 1 even ones, of total concentration c: variance (1/m)(1 - 1/m) /
    (c + 1).
    """
    classes, skill, draws = 5, 0.6, draws_of(10)
    diagonals, firsts = [], []
    for annotator in range(400):
        diagonal, cumulative = confusions(draws, annotator, skill, classes)
        diagonals.append(diagonal)
        firsts.append(cumulative[:, 0])
    off = CONCENTRATION * (1 - skill)
    assert np.mean(diagonals) == pytest.approx(skill, abs=0.01)
    assert np.var(diagonals) == pytest.approx(skill * (1 - skill) / (CONCENTRATION + 1), rel=0.1)
    assert np.mean(firsts) == pytest.approx(1 / 4, abs=0.02)
    assert np.var(firsts) == pytest.approx(1 / 4 * 3 / 4 / (off + 1), rel=0.1)


def test_the_count_is_exact_under_every_aggregation_and_at_rates_that_the_annotators_cannot_reach():
    clean = labels_of(5000)
    for text in ("crowd(0.3)", "crowd(0.3,aggregate=random)", "crowd(0.3,votes=7)", "crowd(0.001)", "crowd(0.95)"):
        model = noise_from(text)
        noisy = model.corrupt(inputs_for(model, clean))
        assert (noisy != clean).sum() == round(model.rate * 5000)
        assert noisy.max() < 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("crowd(0.3,votes=11)", "votes is 11; each text is labelled by 1 to 10"),
        ("crowd(0.3,votes=0)", "votes is 0"),
        ("crowd(0.3,difficulty=-1)", "difficulty is -1"),
        ("crowd(0.3,aggregate=majorty)", "Did you mean 'majority'"),
    ],
)
def test_numbers_of_votes_that_cannot_be_are_errors(text, message):
    with pytest.raises(BenchmarkError, match=message):
        noise_from(text)
