"""A transition matrix in place or in a file: exact quotas, errors that name the row,
the file's hash in the id.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.contracts import BenchmarkError, noise_from
from benchmark.experiment.choices import Choices
from benchmark.experiment.expansion import as_now, expand
from benchmark.experiment.grid import load_grid
from benchmark.trial.artefacts.keys import artefact_keys
from noise.matrix import largest_remainders
from tests.support.noise_examples import inputs_for, labels_of

LAW = np.array([[0.7, 0.2, 0.1], [0.0, 1.0, 0.0], [0.25, 0.25, 0.5]])


def written(folder, law, name="law.csv"):
    path = folder / name
    if path.suffix == ".npy":
        np.save(path, law)
    else:
        np.savetxt(path, law, delimiter=",")
    return path


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 100), min_size=1, max_size=8), st.integers(0, 500))
def test_largest_remainders_add_up_and_stay_within_one(weights, total):
    shares = np.array(weights) / sum(weights)
    parts = largest_remainders(shares, total)
    assert parts.sum() == total
    assert np.abs(parts - shares * total).max() < 1


@pytest.mark.parametrize("form", ["inline", "law.csv", "law.npy"])
def test_the_realised_matrix_is_the_given_one_up_to_one_example(form, tmp_path):
    inline = "; ".join(" ".join(map(str, row)) for row in LAW)
    model = noise_from(f"matrix({inline if form == 'inline' else written(tmp_path, LAW, form)})")
    clean = labels_of(700, 3)
    noisy = model.corrupt(inputs_for(model, clean, classes=3))
    for k in range(3):
        members = noisy[clean == k]
        assert np.abs(np.bincount(members, minlength=3) - LAW[k] * len(members)).max() < 1
    assert np.allclose(model.transition_matrix(3), LAW)
    assert noise_from(str(model)) == model


@pytest.mark.parametrize(
    ("law", "message"),
    [
        ("0.9 0.1; 0.2 0.8", "2 rows and 2 columns; 3 classes need 3 and 3"),
        ("1 0 0; 0 0.8 0.1; 0 0 1", "row 1 sums to 0.9"),
        ("1 0 0; 0 1 0; 0 -0.1 1.1", "row 2, column 1 .* is -0.1"),
        ("1 0 0; 0 nan 0; 0 0 1", "row 1, column 1 .* is nan"),
        ("1 0 0; 0 one 0; 0 0 1", "'one' in row 1"),
        ("1 0 0; 0 1; 0 0 1", "row 1 .* has 2 entries; it must be square"),
        ("nowhere/law.csv", "cannot be read: No such file"),
        ("nowhere/law.npy", "cannot be read: No such file"),
    ],
)
def test_a_matrix_that_cannot_be_a_law_is_an_error_that_names_the_place(law, message):
    with pytest.raises(BenchmarkError, match=message):
        noise_from(f"matrix({law})").check(("a", "b", "c"))


def test_a_pickle_a_vector_and_text_in_another_encoding_are_refused(tmp_path):
    np.save(tmp_path / "objects.npy", np.array([{"a": 1}]), allow_pickle=True)
    np.save(tmp_path / "vector.npy", np.ones(3))
    (tmp_path / "latin.csv").write_bytes(b"\xe9,1\n")
    for name, message in (("objects.npy", "no plain array"), ("vector.npy", "no matrix"), ("latin.csv", "UTF-8")):
        with pytest.raises(BenchmarkError, match=message):
            noise_from(f"matrix({tmp_path / name})").check(("a", "b"))


def configs(noise, corpora=("trec",)):
    chosen = Choices(
        methods=("cross_entropy",), corpora=corpora, noises=(noise,), encoders=("scratch:tiny",), seeds=(0,)
    )
    return expand(load_grid("demo"), chosen)


@pytest.mark.parametrize("around", ["{}", "imbalance(4)+{}"])
def test_a_changed_file_makes_another_trial_and_other_labels(around, tmp_path):
    path = written(tmp_path, np.eye(6))
    noise = around.format(f"matrix({path})")
    (before,) = configs(noise)
    assert configs(noise)[0].id == before.id == as_now(before).id
    written(tmp_path, 0.9 * np.eye(6) + 0.1 * np.roll(np.eye(6), 1, axis=1))
    (after,) = configs(noise)
    assert as_now(before).id == after.id != before.id
    assert before.cell != after.cell
    assert before.noise == after.noise
    assert artefact_keys(before).noisy_labels != artefact_keys(after).noisy_labels


def test_a_matrix_of_another_size_than_the_corpus_is_refused_before_anything_runs():
    with pytest.raises(BenchmarkError, match=r"'trec'.*\b6 .*\b6 .*\b6"):
        configs("matrix(0.9 0.1; 0.2 0.8)")
