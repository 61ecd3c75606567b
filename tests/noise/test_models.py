"""What holds for every registered noise model."""

import dataclasses
import hashlib
import os
import random
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from benchmark.contracts import BenchmarkError, Draws, NoiseInputs, UnknownNameError, noise_from, noises
from noise._counts import quotas

EXAMPLES = {"clean": "clean()", "observed": "observed(weak)", "keywords": "keywords()"}
ALL = [EXAMPLES.get(name, f"{name}(0.4)") for name in noises]
RATED = [name for name in noises if "rate" in {field.name for field in dataclasses.fields(noises[name])}]

COUNTED_OVERALL = {"pmd", "seal", "confusion"}
"""Their wrong labels are counted over all classes, since they gather on doubtful texts."""

COUNTED_BY_CLASS = [name for name in RATED if name not in COUNTED_OVERALL]
WITHOUT_CHANCE = {"seal"}
HIGHEST = {"confusion": 0.6}
"""Rates that a model's own cap allows on the inputs below; elsewhere 0.9."""


def inputs_for(model, clean, ids=None, classes=5, seed=1, split="train", features=None):
    ids = [f"t{i}" for i in range(len(clean))] if ids is None else ids
    features = np.random.default_rng(3).standard_normal((len(clean), 8)) if features is None else features
    observed = {"weak": np.where(np.arange(len(clean)) % 3 == 0, -1, (clean + 1) % classes)}
    draws = Draws(("corpus", model.stream_name(), seed), split, ids)
    return NoiseInputs(clean, classes, draws, features, observed, *extras_for(len(clean), classes))


def extras_for(size, classes):
    """A teacher's probabilities, token ids and texts, none of which says anything of the clean labels."""
    rng = np.random.default_rng(4)
    teacher, token_ids = rng.dirichlet(np.ones(classes), size), rng.integers(0, 30_522, (size, 12)).astype(np.int32)
    return teacher, token_ids, [" ".join(f"w{word}" for word in row) for row in rng.integers(0, 60, (size, 8))]


def in_order(inputs, moved):
    """The same examples in another order."""
    rows = {name: getattr(inputs, name)[moved] for name in ("clean_labels", "features", "teacher", "token_ids")}
    return dataclasses.replace(
        inputs,
        **rows,
        draws=dataclasses.replace(inputs.draws, ids=[inputs.draws.ids[i] for i in moved]),
        texts=[inputs.texts[i] for i in moved],
        observed={"weak": inputs.observed["weak"][moved]},
    )


def labels_of(size, classes=5, seed=0):
    return np.random.default_rng(seed).integers(0, classes, size)


@pytest.mark.parametrize("text", ALL)
def test_labels_are_whole_numbers_in_range_and_inputs_stay_untouched(text):
    model, clean = noise_from(text), labels_of(300)
    inputs = inputs_for(model, clean.copy())
    features = inputs.features.copy()
    for array in (inputs.clean_labels, inputs.features, inputs.observed["weak"], inputs.teacher, inputs.token_ids):
        array.flags.writeable = False
    noisy = model.corrupt(inputs)
    assert noisy.dtype == np.int64 and noisy.shape == (300,) and noisy.min() >= -1 and noisy.max() < 5
    assert (inputs.clean_labels == clean).all() and (inputs.features == features).all()
    assert not np.shares_memory(noisy, inputs.clean_labels) and not np.shares_memory(noisy, inputs.observed["weak"])


@pytest.mark.parametrize("text", ALL)
def test_the_text_of_a_model_gives_it_back(text):
    assert str(noise_from(text)) == text and noise_from(str(noise_from(text))) == noise_from(text)


@pytest.mark.parametrize("name", COUNTED_BY_CLASS)
@settings(max_examples=25, deadline=None)
@given(rate=st.floats(0.0, 0.9), counts=st.lists(st.integers(0, 40), min_size=5, max_size=5), seed=st.integers(0, 99))
def test_wrong_labels_of_each_class_are_counted_exactly_and_no_class_vanishes(name, rate, counts, seed):
    model = dataclasses.replace(noise_from(f"{name}(0.4)"), rate=rate)
    clean = np.random.default_rng(seed).permutation(np.repeat(np.arange(5), counts))
    noisy = model.corrupt(inputs_for(model, clean, seed=seed))
    wrong = np.bincount(clean[noisy != clean], minlength=5)
    assert wrong.tolist() == quotas(rate, np.array(counts)).tolist()
    assert set(np.unique(clean)) <= set(np.unique(noisy))


@pytest.mark.parametrize("name", sorted(COUNTED_OVERALL))
@settings(max_examples=15, deadline=None)
@given(share=st.floats(0.0, 0.99), size=st.integers(30, 200), seed=st.integers(0, 99))
def test_wrong_labels_of_all_classes_are_counted_exactly(name, share, size, seed):
    rate = share * HIGHEST.get(name, 0.9)
    model, clean = dataclasses.replace(noise_from(f"{name}(0.4)"), rate=rate), labels_of(size, seed=seed)
    wrong = (model.corrupt(inputs_for(model, clean, seed=seed)) != clean).sum()
    assert wrong == (int(rate * size + 1e-9) if name == "seal" else int(rate * size + 0.5))


@pytest.mark.parametrize("name", RATED)
@settings(max_examples=15, deadline=None)
@given(rates=st.tuples(st.floats(0.0, 0.9), st.floats(0.0, 0.9)), seed=st.integers(0, 99))
def test_wrong_labels_at_a_lower_rate_are_wrong_in_the_same_way_at_a_higher_one(name, rates, seed):
    clean = labels_of(200, seed=seed)
    lower, higher = (
        model.corrupt(inputs_for(model, clean, seed=seed))
        for model in (
            dataclasses.replace(noise_from(f"{name}(0.4)"), rate=min(rate, HIGHEST.get(name, 0.9)))
            for rate in sorted(rates)
        )
    )
    wrong = lower != clean
    assert (higher[wrong] == lower[wrong]).all()


@pytest.mark.parametrize("name", RATED)
def test_the_set_at_two_tenths_lies_within_the_set_at_four_tenths(name):
    clean = labels_of(2000)
    at_two, at_four = (
        model.corrupt(inputs_for(model, clean)) for model in map(noise_from, (f"{name}(0.2)", f"{name}(0.4)"))
    )
    wrong = at_two != clean
    assert wrong.sum() == 400 and (at_four != clean).sum() == 800
    assert (at_four[wrong] == at_two[wrong]).all()


@pytest.mark.parametrize("text", ALL)
def test_the_order_of_rows_does_not_matter(text):
    model, clean = noise_from(text), labels_of(400)
    inputs = inputs_for(model, clean)
    moved = np.random.default_rng(9).permutation(400)
    shuffled = in_order(inputs, moved)
    assert (model.corrupt(shuffled) == model.corrupt(inputs)[moved]).all()


@pytest.mark.parametrize("text", ALL)
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


@pytest.mark.parametrize("name", [name for name in RATED if name not in WITHOUT_CHANCE])
def test_another_seed_and_another_split_draw_other_labels(name):
    model, clean = noise_from(f"{name}(0.4)"), labels_of(400)
    noisy = model.corrupt(inputs_for(model, clean))
    assert (model.corrupt(inputs_for(model, clean, seed=2)) != noisy).any()
    assert (model.corrupt(inputs_for(model, clean, split="valid")) != noisy).any()


PROGRAM = """
import hashlib, numpy as np
from benchmark.contracts import Draws, NoiseInputs, noise_from
digest = hashlib.sha256()
for text in {texts!r}:
    model = noise_from(text)
    clean = np.random.default_rng(0).integers(0, 5, 300)
    observed = {{"weak": np.where(np.arange(300) % 3 == 0, -1, (clean + 1) % 5)}}
    draws = Draws(("corpus", model.stream_name(), 1), "train", [f"t{{i}}" for i in range(300)])
    features, rng = np.random.default_rng(3).standard_normal((300, 8)), np.random.default_rng(4)
    teacher, token_ids = rng.dirichlet(np.ones(5), 300), rng.integers(0, 30_522, (300, 12)).astype(np.int32)
    texts = [" ".join(f"w{{word}}" for word in row) for row in rng.integers(0, 60, (300, 8))]
    inputs = NoiseInputs(clean, 5, draws, features, observed, teacher, token_ids, texts)
    digest.update(model.corrupt(inputs).tobytes())
print(digest.hexdigest())
"""


def test_labels_are_the_same_in_other_processes_under_any_hash_seed():
    digest = hashlib.sha256()
    for text in ALL:
        model = noise_from(text)
        digest.update(model.corrupt(inputs_for(model, labels_of(300))).tobytes())
    assert _printed(PROGRAM.format(texts=ALL), "0") == _printed(PROGRAM.format(texts=ALL), "77") == digest.hexdigest()


def test_listing_the_noise_models_imports_neither_scipy_nor_scikit_learn():
    program = "import sys; from benchmark.contracts import noises; list(noises); print(*sys.modules)"
    assert not {"scipy", "sklearn"} & set(_printed(program, "0").split())


@pytest.mark.parametrize("text", ["clean()", "symmetric(0.4)", "asymmetric(0.4)"])
@pytest.mark.parametrize("classes", [2, 5])
def test_flips_of_a_class_follow_the_transition_matrix(text, classes):
    model = noise_from(text)
    matrix = model.transition_matrix(classes)
    assert np.allclose(matrix.sum(axis=1), 1.0, atol=1e-12)
    clean = labels_of(20_000, classes)
    noisy = model.corrupt(inputs_for(model, clean, classes=classes))
    for k in range(classes):
        counts = np.bincount(noisy[clean == k], minlength=classes)
        expected = matrix[k] * counts.sum()
        assert abs(counts[k] - expected[k]) <= 1.5 and not counts[expected == 0].any()
        wrong = (expected > 0) & (np.arange(classes) != k)
        if wrong.sum() > 1:
            targets = counts[wrong]
            assert chisquare(targets, np.full(wrong.sum(), targets.sum() / wrong.sum())).pvalue > 1e-4


@pytest.mark.parametrize("name", ["clean", "symmetric", "asymmetric"])
def test_the_diagonal_dominates_below_the_bound_and_not_at_it(name):
    for classes in (2, 3, 10):
        bound = noise_from(EXAMPLES.get(name, f"{name}(0.4)")).rate_bound(classes)
        for rate, dominates in ((bound - 0.01, True), (bound, False)):
            model = (
                dataclasses.replace(noise_from(f"{name}(0.4)"), rate=rate) if name in RATED else noise_from("clean()")
            )
            matrix = model.transition_matrix(classes)
            others = np.where(np.eye(classes) > 0, -1.0, matrix).max(axis=1)
            assert (np.diag(matrix) > others + 1e-9).all() == (dominates or name == "clean")


@pytest.mark.parametrize("text", ALL)
def test_an_absent_class_shifts_no_label(text):
    model, clean = noise_from(text), np.repeat([0, 2, 4], 100)
    noisy = model.corrupt(inputs_for(model, clean))
    assert {0, 2, 4} <= set(clean[noisy == clean]) or text.startswith("observed")
    assert noisy.max() < 5


def test_observed_labels_are_copied_with_their_gaps():
    model = noise_from("observed(weak)")
    inputs = inputs_for(model, labels_of(30))
    assert (model.corrupt(inputs) == inputs.observed["weak"]).all() and (model.corrupt(inputs) == -1).any()


def test_an_unknown_source_lists_those_at_hand():
    model = noise_from("observed(week)")
    with pytest.raises(UnknownNameError, match=r"'week'.*Did you mean 'weak'"):
        model.corrupt(inputs_for(model, labels_of(5)))


@pytest.mark.parametrize(
    "text", ["symmetric(1.0)", "symmetric(-0.1)", "asymmetric(1)", "instance(1.2)", "instance(nan)"]
)
def test_a_rate_outside_zero_to_one_is_an_error(text):
    with pytest.raises(BenchmarkError, match="rate lies in"):
        noise_from(text)


def test_unknown_models_and_parameters_are_errors_that_name_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean 'symmetric'"):
        noise_from("symetric(0.2)")
    with pytest.raises(UnknownNameError, match="Did you mean 'scale'"):
        noise_from("instance(0.2, scael=2)")
    with pytest.raises(BenchmarkError, match="takes no parameter"):
        noise_from("clean(0.2)")


@pytest.mark.parametrize("name", RATED)
def test_many_rows_are_corrupted_in_seconds(name):
    model, clean = noise_from(f"{name}(0.4)"), labels_of(30_000, 20)
    inputs = inputs_for(model, clean, classes=20, features=np.ones((30_000, 64)))
    begun = time.perf_counter()
    model.corrupt(inputs)
    assert time.perf_counter() - begun < 4


def _printed(program, hash_seed):
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()
