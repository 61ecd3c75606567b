"""Weights from texts and names of labels, against numbers that the authors' own code
computed; see golden/PROVENANCE.md.
"""

import types

import numpy as np
import pytest
import torch

from benchmark.conformance.results import train
from benchmark.conformance.worlds import easy_world
from benchmark.contracts import NoisyTexts, NoisyView, method_from
from methods.osa import OneStepAntiNoise, cosines

TOLERANCE = {"rtol": 1e-5, "atol": 1e-7}
LOGIT_SCALE = 100.0
"""The authors' similarities are this many times a cosine."""


class OneBatch:
    """Stands in for a trainer whose texts have given cosines with the names of the
    classes, and whose training is one batch.
    """

    device = torch.device("cpu")

    def __init__(self, cosines, batch_with):
        rest = np.sqrt(1 - (cosines**2).sum(1, keepdims=True))
        self.texts = np.hstack([cosines, rest])
        self.batch_with = batch_with

    def frozen_embeddings(self, split="train"):
        count, width = len(self.texts), self.texts.shape[1]
        return self.texts if split == "train" else np.eye(count, width)

    def networks(self, count):
        return []

    def train(self, networks, loss, *, state, **_):
        self.weights, self.loss = state, loss(self.batch_with(state))
        yield types.SimpleNamespace(fraction=1.0)


def fitted(case, batch_of, leaf, **parameters):
    """A training of one batch with the case's pairs in another order: the order, the
    logits and the stand-in.
    """
    pairs = len(case["sim"])
    order = np.random.default_rng(pairs).permutation(pairs)
    labels, logits = np.arange(pairs)[order], leaf(case["sim_train"][order][None])

    def batch_with(state):
        rows = torch.arange(pairs).flip(0)
        shown = logits[:, rows]
        return batch_of(shown, torch.from_numpy(labels)[rows], rows=rows, state=state)

    trainer = OneBatch(case["sim"][order] / LOGIT_SCALE, batch_with)
    texts = NoisyTexts([""] * pairs, labels)
    method = OneStepAntiNoise(boundary=float(case["thr"]) / LOGIT_SCALE, **parameters)
    list(method.fit(NoisyView(texts, texts, pairs), trainer))
    trainer.loss.backward()
    return order, logits, trainer


@pytest.mark.golden("osa_weight")
def test_fit_gives_the_authors_weights_loss_and_gradient_for_pairs_in_any_order(case, batch_of, leaf):
    if not np.isfinite(case["out_loss"]):
        pytest.skip("the authors' code gives no number")
    order, logits, trainer = fitted(case, batch_of, leaf, form="authors", percentile=100.0)
    np.testing.assert_allclose(trainer.weights, case["out_weight"][order], **TOLERANCE)
    np.testing.assert_allclose(trainer.loss.item(), case["out_loss"], **TOLERANCE)
    np.testing.assert_allclose(logits.grad[0], case["out_grad"][order], **TOLERANCE)


@pytest.mark.golden("osa_weight")
def test_all_weigh_one_where_the_authors_divide_nothing_by_nothing(case, batch_of, leaf):
    _, _, trainer = fitted(case, batch_of, leaf)
    theirs = case["out_weight"]
    assert np.isfinite(theirs).all() or (trainer.weights == 1).all()
    assert np.isnan(theirs).any() or (trainer.weights < 1).any()


@pytest.mark.golden("osa_weight")
def test_the_nearest_pair_weighs_most_where_the_authors_give_it_nothing(case, batch_of, leaf):
    if not np.isfinite(case["out_loss"]):
        pytest.skip("no pair is above the boundary")
    order, _, trainer = fitted(case, batch_of, leaf)
    nearest = int(np.diag(case["sim"])[order].argmax())
    assert case["out_weight"][order][nearest] == pytest.approx(0, abs=1e-12)
    assert trainer.weights[nearest] == 1


def test_boundary_is_the_mean_cosine_with_the_names_of_other_classes():
    likeness = np.array([[0.9, 0.1, 0.3], [0.2, 0.4, 0.2]])
    weights = OneStepAntiNoise(percentile=100.0).weights(likeness, np.array([0, 1]))
    np.testing.assert_allclose(weights, [1.0, 0.2 / 0.7])


def test_wrong_labels_weigh_less_where_the_names_say_what_the_classes_are():
    here = easy_world()
    noisy = here.trial_inputs.noisy
    wrong = noisy.train_labels != noisy.train.clean_labels
    features, names = (
        inputs.batch(np.arange(len(inputs)), torch.device("cpu")).numpy()
        for inputs in (here.trial_inputs.train_inputs, here.trial_inputs.label_name_inputs)
    )
    weights = OneStepAntiNoise().weights(cosines(features, names), noisy.train_labels)
    assert weights[wrong].max() < np.median(weights[~wrong])
    ours, plain = (train(method_from(name), here).test_accuracy for name in ("osa", "cross_entropy"))
    assert ours >= plain
