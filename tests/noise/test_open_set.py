"""Noise that drops rows: held-out classes and imbalance, as models of labels alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from benchmark.contracts import BenchmarkError, noise_from
from noise.imbalance import class_sizes
from tests.support.noise_examples import inputs_for, labels_of


@settings(max_examples=30, deadline=None)
@given(rate=st.floats(0.0, 0.24), seed=st.integers(0, 99))
def test_held_out_texts_make_up_the_rate_of_what_is_left_and_the_rest_keep_their_labels(rate, seed):
    model = noise_from(f"open_set({rate:.6f},share=0.4)")
    clean = np.random.default_rng(seed).permutation(np.repeat(np.arange(5), 100))
    noisy = model.corrupt(inputs_for(model, clean, seed=seed))
    held_out = clean >= 3
    assert (noisy[~held_out] == clean[~held_out]).all()
    assert noisy.max() < 3
    assert abs((noisy[held_out] >= 0).sum() - rate * (noisy >= 0).sum()) <= 1


def test_held_out_texts_are_labelled_evenly_and_nested_across_rates():
    clean = labels_of(30_000)
    lower, higher = (m.corrupt(inputs_for(m, clean)) for m in map(noise_from, ("open_set(0.05)", "open_set(0.15)")))
    kept = (clean == 4) & (lower >= 0)
    assert kept.sum() > 1000
    assert (higher[kept] == lower[kept]).all()
    assert chisquare(np.bincount(higher[(clean == 4) & (higher >= 0)], minlength=4)).pvalue > 1e-4


def test_outside_training_every_held_out_text_is_dropped():
    model, clean = noise_from("open_set(0.1)"), labels_of(100)
    noisy = model.corrupt(inputs_for(model, clean, split="valid"))
    assert (noisy[clean == 4] == -1).all()
    assert (noisy[clean < 4] == clean[clean < 4]).all()


@pytest.mark.parametrize("classes", [3, 4, 6, 20])
def test_at_least_one_class_is_held_out(classes):
    known = noise_from("open_set(0.1)").in_distribution(classes)
    assert known == classes - max(1, round(0.2 * classes))


def test_more_held_out_texts_than_there_are_too_few_classes_and_a_wrong_share_are_errors():
    model, clean = noise_from("open_set(0.4)"), np.repeat(np.arange(5), 20)
    with pytest.raises(BenchmarkError, match=r"\b20\b.*\b0\.2\b"):
        model.corrupt(inputs_for(model, clean))
    with pytest.raises(BenchmarkError, match=r"\b1 of 2\b"):
        model.check(("a", "b"))
    for share in ("0", "1", "nan"):
        with pytest.raises(BenchmarkError, match="share is"):
            noise_from(f"open_set(0.1,share={share})")


@settings(max_examples=40, deadline=None)
@given(counts=st.lists(st.integers(0, 300), min_size=2, max_size=8), ratio=st.floats(1, 100), seed=st.integers(0, 1000))
def test_class_sizes_follow_the_profile_and_no_present_class_is_emptied(counts, ratio, seed):
    counts = np.array(counts)
    ranks = np.random.default_rng(seed).permutation(len(counts))
    sizes = class_sizes(counts, ratio, ranks)
    assert (sizes <= counts).all()
    assert ((sizes > 0) == (counts > 0)).all()
    profile = ratio ** (-ranks / (len(counts) - 1))
    largest = (counts / profile)[counts > 0].min(initial=np.inf)
    assert all(
        size in (1, int(largest * p), int(largest * p) + 1) for size, p in zip(sizes, profile, strict=True) if size
    )


def test_the_first_class_keeps_ratio_times_the_texts_of_the_last_in_training_and_validation_alike():
    clean = np.repeat(np.arange(5), 1000)
    kept = {}
    for split in ("train", "valid"):
        for text in ("imbalance(10)", "imbalance(100)", "imbalance(10,order=given)"):
            model = noise_from(text)
            noisy = model.corrupt(inputs_for(model, clean, split=split))
            assert (noisy[noisy >= 0] == clean[noisy >= 0]).all()
            kept[split, text] = np.bincount(noisy[noisy >= 0], minlength=5)
    assert kept["train", "imbalance(10,order=given)"].tolist() == [1000, 562, 316, 177, 100]
    assert kept["train", "imbalance(100)"].max() == 1000
    assert kept["train", "imbalance(100)"].min() == 10
    order = np.argsort(kept["train", "imbalance(10)"]).tolist()
    assert order == np.argsort(kept["train", "imbalance(100)"]).tolist()
    assert order == np.argsort(kept["valid", "imbalance(10)"]).tolist()


@pytest.mark.parametrize("ratio", ["0.5", "nan", "inf"])
def test_a_ratio_below_one_is_an_error(ratio):
    with pytest.raises(BenchmarkError, match=r"imbalance.ratio is .* 1"):
        noise_from(f"imbalance({ratio})")
