"""SelfMix's split and its schedule."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from benchmark.conformance.results import train
from benchmark.conformance.worlds import easy_world, world
from benchmark.contracts import method_from
from methods.selfmix import SelfMix, Split, label_losses, standardised_by_label


def wrong_labels(here):
    return here.trial_inputs.noisy.train_labels != here.trial_inputs.noisy.train.clean_labels


def test_split_finds_the_wrong_labels_of_an_easy_set_and_corrects_labels():
    here = easy_world()
    found = train(method_from("selfmix"), here).findings
    assert roc_auc_score(wrong_labels(here), found["suspicion"]) > 0.9
    corrected = found["corrected_labels"] != here.trial_inputs.noisy.train.clean_labels
    assert corrected.mean() < 0.75 * wrong_labels(here).mean()


def test_warm_up_is_cross_entropy_to_the_bit_and_what_follows_is_not():
    ours, plain = (train(method_from(name), easy_world()).predicted for name in ("selfmix", "cross_entropy"))
    assert np.array_equal(ours[0], plain[0])
    assert not np.array_equal(ours[-1], plain[-1])


def test_a_warm_up_of_the_whole_training_is_cross_entropy():
    ours, plain = train(method_from("selfmix[warmup=1]"), world()), train(method_from("cross_entropy"), world())
    assert np.array_equal(ours.test, plain.test)
    np.testing.assert_array_equal(ours.findings["suspicion"], plain.findings["suspicion"])


@pytest.mark.parametrize(("epochs", "renewed"), [(10, [2, 3, 4, 5, 6, 7, 8, 9]), (4, [1, 2, 3]), (1, [])])
def test_split_is_renewed_before_each_epoch_after_a_fifth_of_them(monkeypatch, epochs, renewed):
    splits, original = [], SelfMix.renew
    monkeypatch.setattr(SelfMix, "renew", lambda self, *rest: (splits.append(len(seen)), original(self, *rest)))
    seen, loss = set(), SelfMix.loss
    monkeypatch.setattr(SelfMix, "loss", lambda self, batch: (seen.add(batch.epoch), loss(self, batch))[1])
    here = world()
    train(method_from("selfmix"), replace(here, recipe=replace(here.recipe, epochs=epochs)))
    assert splits == renewed


def test_unlabelled_examples_pull_by_their_guess_whatever_their_label(batch_of):
    logits = torch.randn(1, 6, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    def loss_with(labels):
        batch = batch_of(logits, torch.tensor(labels), state=split())
        object.__setattr__(batch, "encoded", torch.ones(6, 4, dtype=torch.float64))
        batch.networks[0].classify = lambda embedding: logits[0, : len(embedding)]
        batch.networks[0].eval = batch.networks[0].train = lambda: None
        return SelfMix().loss(batch).item()

    def split():
        return Split(3, np.random.default_rng(0), believed=torch.arange(6) < 3)

    assert loss_with([0, 1, 2, 0, 1, 2]) == loss_with([0, 1, 2, 2, 2, 2])
    assert loss_with([0, 1, 2, 0, 1, 2]) != loss_with([1, 1, 2, 0, 1, 2])


def test_losses_by_label_bear_an_absent_label_and_one_of_equal_losses():
    losses = standardised_by_label(np.array([1.0, 3.0, 2.0, 2.0]), np.array([0, 0, 2, 2]), 4)
    np.testing.assert_allclose(losses, [-1.0, 1.0, 0.0, 0.0])


def test_loss_of_an_impossible_label_is_finite():
    assert label_losses(np.array([[1.0, 0.0]]), np.array([1])) == pytest.approx(-np.log(1e-7))
