"""Which trials are run again, and with what probability a forger goes unseen."""

import itertools
from fractions import Fraction

import pytest

from benchmark.submission.draw import MOST_UNSEEN, drawn, fewest_reruns, forged_trials, fresh_seed, unseen

TRIALS = [f"{number:016x}" for number in range(40)]


@pytest.mark.parametrize(("trials", "forged", "rerun"), [(6, 2, 3), (7, 1, 2), (5, 3, 3), (4, 4, 1), (4, 1, 0)])
def test_the_probability_of_going_unseen_is_that_of_all_possible_draws(trials, forged, rerun):
    draws = list(itertools.combinations(range(trials), rerun))
    missed = sum(all(place >= forged for place in draw) for draw in draws)
    assert unseen(trials, forged, rerun) == Fraction(missed, len(draws))


@pytest.mark.parametrize("trials", [1, 2, 4, 10, 11, 29, 120, 3220])
def test_the_fewest_reruns_reach_95_percent_and_one_fewer_do_not(trials):
    rerun, forged = fewest_reruns(trials), forged_trials(trials)
    assert unseen(trials, forged, rerun) <= MOST_UNSEEN
    assert unseen(trials, forged, rerun - 1) > MOST_UNSEEN


def test_a_tenth_is_rounded_up_to_whole_trials():
    assert [forged_trials(trials) for trials in (1, 10, 11, 120)] == [1, 1, 2, 12]


def test_a_seed_draws_the_same_trials_in_whatever_order_they_come():
    first = drawn(TRIALS, 7, 3)
    assert drawn(TRIALS[::-1], 7, 3) == first
    assert len(set(first)) == 7
    assert drawn(TRIALS, 7, 4) != first


def test_every_trial_is_drawn_equally_often():
    counts = dict.fromkeys(TRIALS, 0)
    for seed in range(800):
        for trial in drawn(TRIALS, 10, seed):
            counts[trial] += 1
    # 200 expected, with a standard deviation of 12.
    assert min(counts.values()) > 150
    assert max(counts.values()) < 250


def test_seeds_are_fresh():
    assert len({fresh_seed() for _ in range(20)}) == 20
