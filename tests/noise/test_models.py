"""What holds for every registered noise model: how it is written, what it may touch,
what it refuses.
"""

import os
import subprocess
import sys

import numpy as np
import pytest

from benchmark.contracts import BenchmarkError, UnknownNameError, noise_from
from tests.support.noise_examples import EVERY, inputs_for, labels_of


@pytest.mark.parametrize("text", EVERY)
def test_labels_are_whole_numbers_in_range_and_inputs_stay_untouched(text):
    model, clean = noise_from(text), labels_of(300)
    inputs = inputs_for(model, clean.copy())
    features = inputs.features.copy()
    for array in (inputs.clean_labels, inputs.features, inputs.observed["weak"], inputs.teacher, inputs.token_ids):
        array.flags.writeable = False
    noisy = model.corrupt(inputs)
    assert noisy.dtype == np.int64
    assert noisy.shape == (300,)
    assert noisy.min() >= -1
    assert noisy.max() < 5
    assert (inputs.clean_labels == clean).all()
    assert (inputs.features == features).all()
    assert not np.shares_memory(noisy, inputs.clean_labels)
    assert not np.shares_memory(noisy, inputs.observed["weak"])


@pytest.mark.parametrize("text", EVERY)
def test_the_text_of_a_model_gives_it_back(text):
    assert str(noise_from(text)) == text
    assert noise_from(str(noise_from(text))) == noise_from(text)


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
    assert (model.corrupt(inputs) == inputs.observed["weak"]).all()
    assert (model.corrupt(inputs) == -1).any()


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
    with pytest.raises(BenchmarkError, match="parameter"):
        noise_from("clean(0.2)")


def _printed(program, hash_seed):
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()
