"""First stages: stopped early, chosen by noisy validation, out of fold."""

import types

import numpy as np
import pytest

from benchmark.conformance.worlds import SHORT
from benchmark.contracts import NoisyTexts, NoisyView, generator
from benchmark.training.encoders.names import encoder_from
from benchmark.training.inputs import FeatureInputs
from benchmark.training.trainer import TrialTrainer
from methods.shared.early_training import out_of_fold_posterior, stratified_folds, train_early

CLASSES = 3
FRACTIONS = (0.1, 0.2, 0.5, 1.0)


def texts(labels):
    return NoisyTexts([""] * len(labels), np.asarray(labels, dtype=np.int64))


class Scripted:
    """A kit whose only network is its point: validation goes as told, training texts
    show the point's number.
    """

    def __init__(self, valid_rows, train_rows=2):
        self.valid_rows, self.train_rows = valid_rows, train_rows
        self.looked = []

    def networks(self, count):
        weights = {"at": np.array(-1.0)}
        network = types.SimpleNamespace(
            state_dict=lambda: {"at": types.SimpleNamespace(clone=lambda: weights["at"].copy())},
            load_state_dict=weights.update,
            weights=weights,
        )
        return [network] * count

    def train(self, networks, loss, rows=None):
        for number, fraction in enumerate(FRACTIONS):
            networks[0].weights["at"] = np.array(float(number))
            yield types.SimpleNamespace(fraction=fraction)

    def evaluate(self, networks, split="train"):
        number = int(networks[0].weights["at"])
        if split == "valid":
            self.looked.append(number)
            return types.SimpleNamespace(probabilities=np.array(self.valid_rows[number])[:, None])
        return types.SimpleNamespace(probabilities=np.full((self.train_rows, 1, 2), number))


RIGHT, SURER, WRONG = [[0.6, 0.4]], [[0.9, 0.1]], [[0.2, 0.8]]


@pytest.mark.parametrize(
    ("valid_rows", "share", "chosen", "looked"),
    [
        ([WRONG, RIGHT, RIGHT, SURER], 0.5, 1, 3),
        ([WRONG, RIGHT, SURER, RIGHT], 1.0, 2, 4),
        ([WRONG, RIGHT, SURER, SURER], 0.2, 1, 2),
        ([RIGHT, WRONG, WRONG, WRONG], 0.01, 0, 1),
    ],
    ids=["earlier of equals", "surer of equally right", "not beyond the share", "first point beyond the share"],
)
def test_best_point_within_the_share_by_noisy_validation(valid_rows, share, chosen, looked):
    trainer = Scripted(valid_rows)
    view = NoisyView(texts([0, 1]), texts([0]), num_classes=2)
    early = train_early(view, trainer, share)
    assert (early.train == chosen).all()
    assert len(trainer.looked) == looked
    np.testing.assert_array_equal(early.valid, valid_rows[chosen])


def test_without_validation_labels_the_last_point_of_the_share_stands():
    view = NoisyView(texts([0, 1]), texts([]), num_classes=2)
    early = train_early(view, Scripted([]), 0.5)
    assert (early.train == 2).all()
    assert early.valid.shape == (0, 2)


def trial(labels, valid_labels=(0, 1, 2)):
    """A view and its kit, three round clouds far apart."""
    labels, valid_labels = np.asarray(labels, dtype=np.int64), np.asarray(valid_labels, dtype=np.int64)
    draws = generator("early training")
    clean = np.arange(len(labels)) % CLASSES
    features = {
        "train": (4.0 * np.eye(6)[clean] + draws.normal(size=(len(labels), 6))).astype(np.float32),
        "valid": (4.0 * np.eye(6)[valid_labels]).astype(np.float32),
    }
    trainer = TrialTrainer(
        encoder=encoder_from("frozen:anything"),
        recipe=SHORT,
        num_classes=CLASSES,
        inputs={split: FeatureInputs(rows, np.arange(len(rows))) for split, rows in features.items()},
        noisy_labels=labels,
        shared_seed=("cell", 0),
        own_seed=("cell", 0, "method"),
    )
    return NoisyView(texts(labels), texts(valid_labels), num_classes=CLASSES), trainer


def test_no_text_is_judged_by_a_network_that_learnt_its_label():
    labels = np.arange(60) % CLASSES
    moved = labels.copy()
    moved[7] = (labels[7] + 1) % CLASSES
    folds = np.arange(60) % 5
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("methods.shared.early_training.stratified_folds", lambda *_: folds)
        before, after = (out_of_fold_posterior(*trial(given), folds=5, share=1.0) for given in (labels, moved))
    np.testing.assert_array_equal(before[folds == folds[7]], after[folds == folds[7]])
    assert (before[folds != folds[7]] != after[folds != folds[7]]).any()
    np.testing.assert_allclose(before.sum(axis=1), 1.0, rtol=1e-5)
    assert (before.argmax(axis=1) == labels).mean() > 0.9


@pytest.mark.parametrize(("size", "folds"), [(103, 5), (4, 5), (1, 5), (9, 1)])
def test_folds_hold_equal_shares_of_each_label(size, folds):
    labels = np.arange(size) % 2
    found = stratified_folds(labels, folds, np.random.default_rng(0))
    for label in (0, 1):
        counts = np.bincount(found[labels == label], minlength=max(2, folds))
        assert counts.max() - counts.min() <= 1
    assert found.min() >= 0
    assert found.max() < max(2, folds)
