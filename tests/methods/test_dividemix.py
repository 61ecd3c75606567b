"""DivideMix's schedule, and which network splits for which."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmark.conformance.results import train
from benchmark.conformance.worlds import easy_world, world
from benchmark.contracts import method_from
from methods.dividemix import DivideMix, semi_supervised_losses


def test_warm_up_is_two_networks_of_cross_entropy_to_the_bit_and_what_follows_is_not():
    ours, plain = (train(method_from(name), easy_world()).predicted for name in ("dividemix", "ensemble_ce[members=2]"))
    assert np.array_equal(ours[0], plain[0])
    assert not np.array_equal(ours[-1], plain[-1])


@pytest.mark.parametrize(("epochs", "renewed"), [(10, [2, 3, 4, 5, 6, 7, 8, 9]), (4, [1, 2, 3]), (1, [])])
def test_split_is_renewed_before_each_epoch_after_a_fifth_of_them(monkeypatch, epochs, renewed):
    splits, original = [], DivideMix.renew
    monkeypatch.setattr(DivideMix, "renew", lambda self, *rest: (splits.append(len(seen)), original(self, *rest)))
    seen, loss = set(), DivideMix.loss
    monkeypatch.setattr(DivideMix, "loss", lambda self, batch: (seen.add(batch.epoch), loss(self, batch))[1])
    here = world()
    train(method_from("dividemix"), replace(here, recipe=replace(here.recipe, epochs=epochs)))
    assert splits == renewed


def test_targets_of_a_network_follow_the_split_of_the_other(monkeypatch):
    trusts = []

    def watched(self, guesses, trusted, noisy_labels):
        trusts.append(trusted)
        return original(self, guesses, trusted, noisy_labels)

    original = DivideMix.targets
    monkeypatch.setattr(DivideMix, "targets", watched)
    monkeypatch.setattr(
        DivideMix, "renew", lambda self, state, p, view, trainer: setattr(state, "right", split(len(view.train)))
    )
    train(method_from("dividemix"), world())
    assert trusts
    assert all((trust[0] == 0.75).all() for trust in trusts)
    assert all((trust[1] == 0.25).all() for trust in trusts)


def split(texts):
    """The first network doubts every label, the second believes them."""
    return torch.tensor([[0.25], [0.75]]).expand(2, texts)


def test_believed_labels_are_kept_in_part_and_the_others_left_out():
    guesses = torch.full((2, 2, 1, 2), 0.5)
    method, label = DivideMix(temperature=1.0), torch.tensor([1])
    believed = method.targets(guesses, torch.tensor([[0.8], [0.8]]), label)
    doubted = method.targets(guesses, torch.tensor([[0.4], [0.4]]), label)
    np.testing.assert_allclose(believed[0, 0], [0.1, 0.9], rtol=1e-6)
    np.testing.assert_allclose(doubted[0, 0], [0.5, 0.5])


@pytest.mark.parametrize("labelled", [True, False])
def test_a_batch_of_one_kind_has_a_finite_loss(labelled):
    logits = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(0))
    chosen = torch.full((2, 5), labelled)
    assert semi_supervised_losses(logits, logits.softmax(-1), chosen, 1.0, torch.ones(3) / 3).isfinite().all()
