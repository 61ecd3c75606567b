"""What holds for every registered noise model: how it is written, what it may touch,
what it refuses.
"""

import dataclasses
import os
import subprocess
import sys

import numpy as np
import pytest

from benchmark.contracts import BenchmarkError, Draws, NoiseInputs, UnknownNameError, noise_from, noises

EXAMPLES = {
    "clean": "clean()",
    "imbalance": "imbalance(4)",
    "keywords": "keywords()",
    "matrix": "matrix(0.6 0.3 0.1 0 0; 0 0.6 0.3 0.1 0; 0 0 0.6 0.3 0.1; 0.1 0 0 0.6 0.3; 0.3 0.1 0 0 0.6)",
    "observed": "observed(weak)",
    "open_set": "open_set(0.1)",
    "superclass": "superclass(0.4,groups=0-1-2/3-4)",
}
"""Texts for five classes, of models that `name(0.4)` does not name."""

MIXTURES = ["symmetric(0.2)+open_set(0.1)", "imbalance(4)+asymmetric(0.4)", "instance(0.2)+symmetric(0.2)"]
FROM_FILES = {"imported"}
"""Their labels come from a file that names its texts: tests/noise/test_imported.py."""

ALL = [EXAMPLES.get(name, f"{name}(0.4)") for name in noises if name not in FROM_FILES]
EVERY = [*ALL, *MIXTURES]
RATED = [name for name in noises if "rate" in {field.name for field in dataclasses.fields(noises[name])}]

COUNTED_OVERALL = {"crowd", "pmd", "seal", "confusion"}
"""Their wrong labels are counted over all classes, since they gather on doubtful
texts.
"""

NESTED_AS_A_SET = {"crowd"}
"""A wrong label stays wrong at a higher rate, but may become another one."""

DROPS_ROWS = {"open_set"}
"""Their rate counts texts of held-out classes, of which there may be too few:
tests/noise/test_open_set.py.
"""

COUNTED = [name for name in RATED if name not in DROPS_ROWS]
COUNTED_BY_CLASS = [name for name in COUNTED if name not in COUNTED_OVERALL]
WITHOUT_CHANCE = {"clean", "observed", "seal"}
HIGHEST = {"confusion": 0.6}
"""Rates that a model's own cap allows on the inputs below; elsewhere 0.9."""


def at_rate(name, rate):
    """The example of a model at another rate."""
    return dataclasses.replace(noise_from(EXAMPLES.get(name, f"{name}(0.4)")), rate=rate)


def inputs_for(model, clean, ids=None, classes=5, seed=1, split="train", features=None):
    ids = [f"t{i}" for i in range(len(clean))] if ids is None else ids
    features = np.random.default_rng(3).standard_normal((len(clean), 8)) if features is None else features
    observed = {"weak": np.where(np.arange(len(clean)) % 3 == 0, -1, (clean + 1) % classes)}
    draws = Draws(("corpus", model.stream_name(), seed), split, ids)
    names = tuple(f"group{k // 2}.class{k}" for k in range(classes))
    extras = extras_for(len(clean), classes)
    return NoiseInputs(clean, classes, draws, features, observed, *extras, label_names=names)


def extras_for(size, classes):
    """A teacher's probabilities, token ids and texts, none of which says anything of
    the clean labels.
    """
    rng = np.random.default_rng(4)
    teacher, token_ids = rng.dirichlet(np.ones(classes), size), rng.integers(0, 30_522, (size, 12)).astype(np.int32)
    return teacher, token_ids, [" ".join(f"w{word}" for word in row) for row in rng.integers(0, 60, (size, 8))]


def labels_of(size, classes=5, seed=0):
    return np.random.default_rng(seed).integers(0, classes, size)


@pytest.mark.parametrize("text", EVERY)
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


@pytest.mark.parametrize("text", EVERY)
def test_the_text_of_a_model_gives_it_back(text):
    assert str(noise_from(text)) == text and noise_from(str(noise_from(text))) == noise_from(text)


def test_listing_the_noise_models_imports_neither_scipy_nor_scikit_learn():
    program = "import sys; from benchmark.contracts import noises; list(noises); print(*sys.modules)"
    assert not {"scipy", "sklearn"} & set(_printed(program, "0").split())


@pytest.mark.parametrize("text", EVERY)
def test_an_absent_class_shifts_no_label(text):
    model, clean = noise_from(text), np.repeat([0, 2, 4], 100)
    noisy = model.corrupt(inputs_for(model, clean))
    kept = set(range(model.in_distribution(5)))
    assert {0, 2, 4} & kept <= set(clean[noisy == clean]) or text.startswith("observed")
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
    with pytest.raises(BenchmarkError, match=r"rate is .* \[0, 1\)"):
        noise_from(text)


def test_unknown_models_and_parameters_are_errors_that_name_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean 'symmetric'"):
        noise_from("symetric(0.2)")
    with pytest.raises(UnknownNameError, match="Did you mean 'scale'"):
        noise_from("instance(0.2, scael=2)")
    with pytest.raises(BenchmarkError, match="takes no parameter"):
        noise_from("clean(0.2)")


def _printed(program, hash_seed):
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()
