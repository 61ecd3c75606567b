import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.contracts import BenchmarkError
from noise._counts import chosen_by_class, quotas

rates = st.floats(0.0, 0.95)
any_counts = st.lists(st.integers(0, 60), min_size=2, max_size=12).map(np.array)
ample_counts = st.lists(st.integers(20, 200), min_size=2, max_size=12).map(np.array)


@given(rate=rates, counts=any_counts)
def test_total_is_the_nearest_whole_number_that_leaves_each_class_one_example(rate, counts):
    taken = quotas(rate, counts)
    assert taken.sum() == min(int(np.floor(rate * counts.sum() + 0.5)), counts.sum() - (counts > 0).sum())
    assert (taken >= 0).all()
    assert (taken[counts > 0] < counts[counts > 0]).all()
    assert not taken[counts == 0].any()


@given(rate=rates, counts=ample_counts)
def test_each_class_gets_within_one_of_its_share_of_the_total(rate, counts):
    taken = quotas(rate, counts)
    assert (np.abs(taken - taken.sum() * counts / counts.sum()) < 1).all()


@given(lower=rates, higher=rates, counts=any_counts)
def test_no_quota_falls_as_the_rate_rises(lower, higher, counts):
    lower, higher = sorted((lower, higher))
    assert (quotas(lower, counts) <= quotas(higher, counts)).all()


def test_quotas_escape_the_paradox_that_largest_remainders_show():
    counts, lower, higher = np.array([5, 12, 12]), 8 / 29, 9 / 29
    assert _largest_remainders(lower, counts)[0] > _largest_remainders(higher, counts)[0]
    assert (quotas(lower, counts) <= quotas(higher, counts)).all()


def test_a_class_of_one_keeps_its_example_at_a_high_rate():
    assert quotas(0.95, np.array([1, 1, 100])).tolist()[:2] == [0, 0]


@pytest.mark.parametrize("rate", [-0.1, 1.0, 1.5, float("nan")])
def test_a_rate_outside_zero_to_one_is_an_error(rate):
    with pytest.raises(BenchmarkError, match=r"rate.*\[0, 1\)"):
        quotas(rate, np.array([3, 3]))


def test_chosen_examples_have_the_smallest_keys_and_ties_go_to_the_next_key():
    labels = np.array([0, 1, 0, 1, 0, 1])
    keys, next_keys = np.array([0.5, 0.5, 0.1, 0.5, 0.9, 0.5]), np.array([0.0, 0.3, 0.0, 0.1, 0.0, 0.2])
    assert chosen_by_class(0.33, labels, 2, keys, next_keys).tolist() == [False, False, True, True, False, False]


def test_one_class_alone_cannot_be_corrupted():
    with pytest.raises(BenchmarkError, match="classes"):
        chosen_by_class(0.2, np.zeros(4, dtype=np.int64), 1, np.zeros(4))


def _largest_remainders(rate, counts):
    share = rate * counts
    taken = np.floor(share).astype(int)
    taken[np.argsort(taken - share, kind="stable")[: round(share.sum()) - taken.sum()]] += 1
    return taken
