"""What a trial hands to a method: noisy labels with their own texts, the shared
estimate, and exactly what it needs.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from benchmark.conformance.results import _task, train
from benchmark.conformance.worlds import world
from benchmark.contracts import Method, Need, UsesNoiseRate, method_from, methods, noise_from
from benchmark.corpora.corpus import Corpus, Split
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.config import TrialConfig, noise_fields
from benchmark.training.encoders.encoding import tokenise
from benchmark.training.encoders.names import encoder_from
from benchmark.training.recipes import FROM_SCRATCH
from benchmark.training.threads import torch_threads
from benchmark.trial.inputs import load_trial_inputs
from benchmark.trial.prepare import prepare
from benchmark.trial.run import make_trainer
from benchmark.trial.view import noisy_view

SCRATCH = "scratch:tiny"
REGISTERED = [name for name in methods if methods[name].__module__.startswith("methods.")]
WANT_THE_RATE = [name for name in REGISTERED if issubclass(methods[name], UsesNoiseRate)]


@dataclass(frozen=True, repr=False)
class Needy(Method):
    """A method that needs one thing, or nothing."""

    name = "needy"

    need: Need | None = None

    def needs(self):
        return frozenset() if self.need is None else frozenset({self.need})

    def __str__(self):
        return self.name


@pytest.fixture
def trial_inputs():
    """A world whose splits are all of other sizes, with texts that the noise left
    without a label.
    """
    made = world(train=40, test=24, noise=noise_from("asymmetric(0.4)")).trial_inputs
    return replace(made, unlabelled_texts=("one", "two"))


@pytest.fixture
def granted(trial_inputs):
    return lambda need: noisy_view(Needy(need), trial_inputs).declared_inputs[need]


def test_each_need_is_answered_by_its_own_array(trial_inputs, granted):
    noisy = trial_inputs.noisy
    wrong = noisy.train_labels != noisy.train.clean_labels
    assert granted(Need.NOISE_RATE) == wrong.mean()
    np.testing.assert_array_equal(granted(Need.CLEAN_TRAIN_LABELS), noisy.train.clean_labels)
    np.testing.assert_array_equal(granted(Need.CLEAN_VALID_LABELS), noisy.valid.clean_labels)
    np.testing.assert_array_equal(granted(Need.CLEAN_TEST_LABELS), noisy.test.clean_labels)
    assert granted(Need.TEST_TEXTS) == trial_inputs.corpus.splits["test"].texts
    assert granted(Need.LABEL_NAMES) == trial_inputs.corpus.label_names
    assert granted(Need.UNLABELLED_TEXTS) == ("one", "two")


def test_rows_of_the_granted_matrix_are_clean_classes_and_columns_noisy_ones(trial_inputs, granted):
    noisy, matrix = trial_inputs.noisy, granted(Need.TRANSITION_MATRIX)
    for true in range(3):
        for label in range(3):
            of_class = noisy.train_labels[noisy.train.clean_labels == true]
            assert matrix[true, label] == pytest.approx((of_class == label).mean())
    assert not np.allclose(matrix, matrix.T)


@pytest.mark.parametrize("need", list(Need))
def test_one_need_grants_nothing_else(need, trial_inputs):
    assert set(noisy_view(Needy(need), trial_inputs).declared_inputs) == {need}


@pytest.mark.parametrize("need", [Need.CLEAN_TRAIN_LABELS, Need.CLEAN_VALID_LABELS, Need.CLEAN_TEST_LABELS])
def test_a_method_that_writes_into_what_it_was_granted_changes_nothing_else(need, trial_inputs, granted):
    granted(need)[:] = -1
    for split in (trial_inputs.noisy.train, trial_inputs.noisy.valid, trial_inputs.noisy.test):
        assert split.clean_labels.min() >= 0


def test_a_method_that_writes_into_its_labels_changes_nothing_else(trial_inputs):
    view = noisy_view(Needy(), trial_inputs)
    view.train.noisy_labels[:] = -1
    view.valid.noisy_labels[:] = -1
    assert trial_inputs.noisy.train_labels.min() >= 0
    assert trial_inputs.noisy.valid_labels.min() >= 0


def test_texts_go_with_the_labels_of_their_own_split(trial_inputs):
    view, noisy = noisy_view(Needy(), trial_inputs), trial_inputs.noisy
    assert view.train.texts == noisy.train.texts
    assert view.valid.texts == noisy.valid.texts
    np.testing.assert_array_equal(view.train.noisy_labels, noisy.train_labels)
    np.testing.assert_array_equal(view.valid.noisy_labels, noisy.valid_labels)
    assert view.num_classes == 3


@pytest.mark.parametrize("split", ["train", "valid", "test"])
def test_the_kit_looks_at_the_split_that_it_is_asked_for(split, trial_inputs):
    here = replace(world(train=40), trial_inputs=trial_inputs)
    method = Needy(Need.TEST_TEXTS)
    trainer = make_trainer(_task(method, here), method, trial_inputs, keep_embeddings=False)
    networks = trainer.networks(1)
    inputs = getattr(trial_inputs, f"{split}_inputs")
    expected = trainer.observe(networks, inputs.batch(np.arange(len(inputs)), trainer.device))
    np.testing.assert_array_equal(trainer.evaluate(networks, split=split).probabilities, expected.probabilities)


@pytest.mark.parametrize("name", WANT_THE_RATE)
@pytest.mark.parametrize("form", ["{}", "{}[rate=oracle]"])
def test_the_rate_that_a_method_works_with_is_the_one_that_it_was_handed(name, form):
    """A training by the estimate, or by the true rate, is that by the same number given
    by hand.
    """
    here = world(rate=0.35)
    rate = here.trial_inputs.noisy.manifest.realised_rate if "oracle" in form else 0.35
    with torch_threads(1):
        handed, by_hand, other = (
            train(method_from(text), here).test
            for text in (form.format(name), f"{name}[rate={rate}]", f"{name}[rate=0.7]")
        )
    np.testing.assert_array_equal(handed, by_hand)
    assert np.abs(handed - other).max() > 1e-6


def test_an_estimate_is_handed_to_those_alone_that_want_one():
    here = world(rate=0.35).trial_inputs
    given = {name: noisy_view(method_from(name), here).estimated_rate for name in REGISTERED}
    assert given == {name: 0.35 if issubclass(methods[name], UsesNoiseRate) else None for name in REGISTERED}


def labelled_split(name, size):
    """Texts that all differ.

    Every fifth one has no weak label, every third of the others a wrong one.
    """
    clean = np.arange(size) % 3
    weak = np.where(np.arange(size) % 5 == 0, -1, (clean + (np.arange(size) % 3 == 1)) % 3)
    ids, texts = zip(*((f"{name} {row}", f"{name} text number {row}") for row in range(size)), strict=True)
    return Split(ids, texts, clean, {"weak": weak})


@pytest.fixture
def loaded(tmp_path, monkeypatch):
    """Prepares the artefacts of a trial under a noise and loads what it works on."""

    def load(noise, *splits):
        sizes = {"train": 60, "valid": 20, "test": 15}
        corpus = Corpus("toy", ("a", "b", "c"), {name: labelled_split(name, sizes[name]) for name in splits})
        monkeypatch.setattr("benchmark.trial.artefacts.corpus.load_corpus", lambda name: corpus)
        config = TrialConfig(
            method="cross_entropy",
            method_version=1,
            corpus="toy",
            card="none",
            **noise_fields(noise_from(noise)),
            encoder=SCRATCH,
            weights="none",
            recipe=FROM_SCRATCH.as_config(),
            seed=0,
        )
        artefacts = ArtefactCache(tmp_path)
        prepare([config], artefacts, "cpu", lambda message: None)
        return load_trial_inputs(config, artefacts)

    return load


WITH_AND_WITHOUT_VALIDATION = pytest.mark.parametrize(
    ("noise", "splits"),
    [
        ("symmetric(0.4)", ("train", "valid", "test")),
        ("symmetric(0.4)", ("train", "test")),
        ("observed(weak)", ("train", "valid", "test")),
        ("observed(weak)", ("train", "test")),
    ],
)


@WITH_AND_WITHOUT_VALIDATION
def test_inputs_of_a_trial_are_those_of_its_texts(noise, splits, loaded):
    """Rows without a label are dropped, validation may be carved off training, and
    inputs follow.
    """
    trial_inputs = loaded(noise, *splits)
    for split in ("train", "valid", "test"):
        texts, inputs = getattr(trial_inputs.noisy, split).texts, getattr(trial_inputs, f"{split}_inputs")
        tokens, starts, _ = tokenise(encoder_from(SCRATCH), texts, FROM_SCRATCH.max_tokens)
        assert len(inputs) == len(texts)
        for row in range(len(texts)):
            shown = inputs.batch(np.array([row]), torch.device("cpu"))["input_ids"][0]
            assert shown.tolist() == tokens[starts[row] : starts[row + 1]].tolist()


@WITH_AND_WITHOUT_VALIDATION
def test_no_text_is_in_two_splits_and_each_has_the_label_of_its_id(noise, splits, loaded):
    noisy = loaded(noise, *splits).noisy
    ids = [set(split.ids) for split in (noisy.train, noisy.valid, noisy.test)]
    assert sum(map(len, ids)) == len(set.union(*ids))
    assert len(noisy.test) == 15
    for split, labels in ((noisy.train, noisy.train_labels), (noisy.valid, noisy.valid_labels)):
        rows = np.array([int(name.split()[-1]) for name in split.ids])
        np.testing.assert_array_equal(split.clean_labels, rows % 3)
        if noise == "observed(weak)":
            np.testing.assert_array_equal(labels, (rows % 3 + (rows % 3 == 1)) % 3)
