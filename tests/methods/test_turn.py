"""TURN's probe, its pools and the balanced draws of each epoch."""

import numpy as np
import pytest
import torch

from benchmark.conformance.results import train
from benchmark.conformance.worlds import LONGER, world
from benchmark.contracts import method_from
from methods.turn import SMALLEST_POOL, TuneRobustly, clean_pools, probability_right


def two_groups(low, high, count):
    draws = np.random.default_rng(0)
    return np.concatenate([draws.normal(low, 0.05, count), draws.normal(high, 0.05, count)])


def test_mixtures_by_class_split_each_class_by_its_own_losses():
    losses, labels = np.concatenate([two_groups(0.2, 1.0, 20), two_groups(3.0, 6.0, 20)]), np.repeat([0, 1], 40)
    expected = np.tile(np.repeat([True, False], 20), 2)
    np.testing.assert_array_equal(probability_right(losses, labels, 2, by_class=True) > 0.5, expected)
    assert ((probability_right(losses, labels, 2, by_class=False) > 0.5) != expected).any()


def test_a_class_of_few_examples_is_split_by_the_mixture_of_all():
    losses, labels = np.append(two_groups(0.2, 5.0, 40), [0.1, 0.2, 0.3]), np.append(np.zeros(80, np.int64), [1] * 3)
    by_class, of_all = (probability_right(losses, labels, 3, by_class=choice) for choice in (True, False))
    np.testing.assert_array_equal(by_class[80:], of_all[80:])


def test_pools_hold_what_exceeds_the_threshold_and_at_least_twenty_by_posterior():
    right = np.concatenate([np.linspace(0.5, 1, 101), np.linspace(0, 0.9, 91), [0.1, 0.2]])
    labels = np.repeat([0, 1, 3], [101, 91, 2])
    first, second, third = clean_pools(right, labels, 5, threshold=0.9)
    assert sorted(first) == list(np.flatnonzero(right > 0.9))
    assert sorted(second) == list(range(192 - SMALLEST_POOL, 192))
    assert sorted(third) == [192, 193]


def test_a_draw_takes_as_many_of_each_pool_and_none_twice():
    pools = [np.arange(50), np.arange(100, 130), np.arange(200, 290)]
    drawn = TuneRobustly().drawn(pools, np.random.default_rng(0))
    np.testing.assert_array_equal(np.bincount(drawn // 100), [30, 30, 30])
    assert len(set(drawn)) == 90
    assert sorted(TuneRobustly(balance=False).drawn(pools, None)) == sorted(np.concatenate(pools))


@pytest.fixture
def epochs(monkeypatch):
    """The rows of each epoch of a training on an easy set, and the weights that
    fine-tuning starts from.
    """
    rows, weights, loss = {}, [], TuneRobustly.loss

    def watched(self, batch):
        rows.setdefault(batch.epoch, []).extend(batch.rows.tolist())
        weights.append({name: value.clone() for name, value in batch.networks[0].state_dict().items()})
        return loss(self, batch)

    monkeypatch.setattr(TuneRobustly, "loss", watched)
    here = world(train=240, test=60, recipe=LONGER)
    train(method_from("turn"), here)
    return here, rows, weights[0]


def test_each_epoch_draws_anew_and_as_many_of_each_noisy_label(epochs):
    here, rows, _ = epochs
    labels = here.trial_inputs.noisy.train_labels
    assert len(rows) == LONGER.epochs
    for drawn in rows.values():
        assert len(set(np.bincount(labels[drawn]))) == 1
    assert len({tuple(sorted(drawn)) for drawn in rows.values()}) == len(rows)


def test_believed_labels_are_right_more_often_than_all(epochs):
    here, rows, _ = epochs
    noisy = here.trial_inputs.noisy
    right = noisy.train_labels == noisy.train.clean_labels
    believed = sorted({row for drawn in rows.values() for row in drawn})
    assert right[believed].mean() > right.mean() + 0.1


def test_probing_moves_the_classifier_and_leaves_the_encoder_as_it_was(epochs, monkeypatch):
    here, _, probed = epochs
    started = []

    def first(self, batch):
        started.append({name: value.clone() for name, value in batch.networks[0].state_dict().items()})
        return batch.losses.mean()

    monkeypatch.setattr(type(method_from("cross_entropy")), "loss", first)
    train(method_from("cross_entropy"), here)
    moved = {name for name, value in started[0].items() if not torch.equal(value, probed[name])}
    assert moved == {"classifier.weight", "classifier.bias"}
