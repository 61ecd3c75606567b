"""What every registered noise model and mixture promises, over many label sets, rates
and seeds.
"""

import hashlib
import os
import random
import subprocess
import sys
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from benchmark.contracts import noise_from
from benchmark.experiment.choices import Choices
from benchmark.experiment.expansion import expand
from benchmark.experiment.grid import load_grid
from benchmark.trial.artefacts.keys import artefact_keys
from noise._counts import quotas
from tests.support.noise_examples import (
    COUNTED,
    COUNTED_BY_CLASS,
    COUNTED_OVERALL,
    EVERY,
    HIGHEST,
    NESTED_AS_A_SET,
    RATED,
    WITHOUT_CHANCE,
    at_rate,
    inputs_for,
    labels_of,
)

rates = st.floats(0.0, 0.9)


def promised(name, rate, counts):
    """How many labels of each class turn wrong."""
    counts = np.array(counts)
    if name == "hub":
        counts[0] = 0
    return quotas(rate * (1 - 1 / len(counts)) if name == "uniform" else rate, counts)


@pytest.mark.parametrize("name", COUNTED_BY_CLASS)
@settings(max_examples=25, deadline=None)
@given(rate=rates, counts=st.lists(st.integers(0, 40), min_size=5, max_size=5), seed=st.integers(0, 99))
def test_wrong_labels_of_each_class_are_counted_exactly_and_no_class_vanishes(name, rate, counts, seed):
    model = at_rate(name, rate)
    clean = np.random.default_rng(seed).permutation(np.repeat(np.arange(5), counts))
    noisy = model.corrupt(inputs_for(model, clean, seed=seed))
    wrong = np.bincount(clean[noisy != clean], minlength=5)
    if name != "similar" or min(counts):
        assert wrong.tolist() == promised(name, rate, counts).tolist()
    assert set(np.unique(clean)) <= set(np.unique(noisy))


@pytest.mark.parametrize("name", sorted(COUNTED_OVERALL))
@settings(max_examples=15, deadline=None)
@given(share=st.floats(0.0, 0.99), size=st.integers(30, 200), seed=st.integers(0, 99))
def test_wrong_labels_of_all_classes_are_counted_exactly(name, share, size, seed):
    rate = share * HIGHEST.get(name, 0.9)
    model, clean = at_rate(name, rate), labels_of(size, seed=seed)
    wrong = (model.corrupt(inputs_for(model, clean, seed=seed)) != clean).sum()
    assert wrong == (int(rate * size + 1e-9) if name == "seal" else int(rate * size + 0.5))


@pytest.mark.parametrize("name", COUNTED)
@settings(max_examples=15, deadline=None)
@given(both=st.tuples(rates, rates), seed=st.integers(0, 99))
def test_wrong_labels_at_a_lower_rate_are_wrong_in_the_same_way_at_a_higher_one(name, both, seed):
    clean = labels_of(200, seed=seed)
    models = (at_rate(name, rate) for rate in sorted(min(rate, HIGHEST.get(name, 0.9)) for rate in both))
    lower, higher = (model.corrupt(inputs_for(model, clean, seed=seed)) for model in models)
    wrong = lower != clean
    assert (higher[wrong] != clean[wrong]).all()
    assert name in NESTED_AS_A_SET or (higher[wrong] == lower[wrong]).all()


@pytest.mark.parametrize("name", COUNTED)
def test_the_set_at_two_tenths_lies_within_the_set_at_four_tenths(name):
    clean = labels_of(2000)
    at_two, at_four = (model.corrupt(inputs_for(model, clean)) for model in (at_rate(name, 0.2), at_rate(name, 0.4)))
    wrong = at_two != clean
    if name not in ("hub", "uniform"):
        assert wrong.sum() == 400
        assert (at_four != clean).sum() == 800
    assert (at_four[wrong] != clean[wrong]).all()


@pytest.mark.parametrize("text", EVERY)
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 99))
def test_the_order_of_rows_does_not_matter(text, seed):
    model, clean = noise_from(text), labels_of(400, seed=seed)
    inputs = inputs_for(model, clean, seed=seed)
    moved = np.random.default_rng(seed).permutation(400)
    assert (model.corrupt(inputs.subset(moved, 5)) == model.corrupt(inputs)[moved]).all()


@pytest.mark.parametrize("text", EVERY)
def test_global_random_state_is_neither_read_nor_moved(text):
    model, clean = noise_from(text), labels_of(200)
    seen = []
    for state in (0, 1):
        np.random.seed(state)  # noqa: NPY002
        random.seed(state)
        before = np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002
        seen.append(model.corrupt(inputs_for(model, clean)))
        assert before == (np.random.get_state()[1].tolist(), random.getstate())  # noqa: NPY002
    assert (seen[0] == seen[1]).all()


@pytest.mark.parametrize(
    "text", [text for text in EVERY if noise_from(text).name not in WITHOUT_CHANCE | {"open_set", "keywords"}]
)
def test_another_seed_and_another_split_draw_other_labels(text):
    model, clean = noise_from(text), labels_of(400)
    noisy = model.corrupt(inputs_for(model, clean))
    assert (model.corrupt(inputs_for(model, clean, seed=2)) != noisy).any()
    assert (model.corrupt(inputs_for(model, clean, split="valid")) != noisy).any()


def test_labels_depend_on_the_seed_and_on_no_choice_of_training():
    grid = load_grid("demo")
    axes = {"methods": ("cross_entropy", "gce"), "encoders": ("scratch:tiny", "frozen:minilm"), "seeds": (3,)}
    chosen = [
        config
        for threads, epochs in ((1, 1), (2, 3))
        for config in expand(grid, Choices(**axes, noises=EVERY[:1], threads_per_trial=threads, epochs=epochs))
    ]
    assert len(chosen) == 8
    assert len({artefact_keys(config).noisy_labels for config in chosen}) == 1


PROGRAM = """
import hashlib
from benchmark.contracts import noise_from
from tests.support.noise_examples import inputs_for, labels_of
digest = hashlib.sha256()
for text in {texts!r}:
    model = noise_from(text)
    digest.update(model.corrupt(inputs_for(model, labels_of(300))).tobytes())
print(digest.hexdigest())
"""


def test_labels_are_the_same_in_other_processes_under_any_hash_seed():
    digest = hashlib.sha256()
    for text in EVERY:
        model = noise_from(text)
        digest.update(model.corrupt(inputs_for(model, labels_of(300))).tobytes())
    program = PROGRAM.format(texts=EVERY)
    assert _printed(program, "0") == _printed(program, "77") == digest.hexdigest()


@pytest.mark.parametrize("text", [text for text in EVERY if noise_from(text).transition_matrix(5) is not None])
def test_labels_follow_the_transition_matrix(text):
    model, clean = noise_from(text), labels_of(20_000)
    matrix = model.transition_matrix(5)
    assert np.allclose(matrix.sum(axis=1), 1.0, atol=1e-12)
    assert matrix.min() >= 0
    noisy = model.corrupt(inputs_for(model, clean))
    for k in range(5):
        counts = np.bincount(noisy[(clean == k) & (noisy >= 0)], minlength=5)
        possible = matrix[k] > 0
        assert counts.sum()
        assert not counts[~possible].any()
        expected = matrix[k][possible] * counts.sum()
        assert possible.sum() == 1 or chisquare(counts[possible], expected).pvalue > 1e-4


@pytest.mark.parametrize("name", ["symmetric", "asymmetric", "hub", "uniform"])
def test_two_classes_are_enough_and_their_labels_follow_the_transition_matrix(name):
    model, clean = at_rate(name, 0.4), labels_of(1000, 2)
    noisy, matrix = model.corrupt(inputs_for(model, clean, classes=2)), model.transition_matrix(2)
    for k in range(2):
        assert np.abs(np.bincount(noisy[clean == k], minlength=2) - matrix[k] * (clean == k).sum()).max() <= 1.5


@pytest.mark.parametrize("name", RATED)
@settings(max_examples=25, deadline=None)
@given(rate=rates)
def test_rows_of_the_transition_matrix_sum_to_one_at_every_rate(name, rate):
    matrix = at_rate(name, rate).transition_matrix(5)
    assert matrix is None or (np.allclose(matrix.sum(axis=1), 1.0, atol=1e-12) and matrix.min() >= 0)


@pytest.mark.parametrize("name", ["symmetric", "asymmetric", "hub", "superclass"])
def test_the_diagonal_dominates_below_the_bound_and_not_at_it(name):
    for classes in (2, 3, 10) if name != "superclass" else (5, 10):
        bound = at_rate(name, 0.4).rate_bound(classes)
        for rate, dominates in ((bound - 0.01, True), (bound, False)):
            matrix = at_rate(name, rate).transition_matrix(classes)
            others = np.where(np.eye(classes) > 0, -1.0, matrix).max(axis=1)
            assert (np.diag(matrix) > others + 1e-9).all() == dominates


def example(text, classes):
    """An example at another number of classes."""
    if not text.startswith("matrix"):
        return text
    rows = (0.6 * np.eye(classes) + 0.4 * np.roll(np.eye(classes), 1, axis=1)).tolist()
    return f"matrix({'; '.join(' '.join(map(str, row)) for row in rows)})"


@pytest.mark.parametrize("text", EVERY)
def test_many_rows_are_corrupted_in_seconds_and_little_memory(text):
    model, clean = noise_from(example(text, 20)), labels_of(12_000, 20)
    inputs = inputs_for(model, clean, classes=20, features=np.ones((12_000, 64)))
    begun = time.process_time()
    tracemalloc.start()
    model.corrupt(inputs)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.process_time() - begun < 2
    assert most < 80e6  # a number of a byte for each pair of rows would take 144e6


def _printed(program, hash_seed):
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()
