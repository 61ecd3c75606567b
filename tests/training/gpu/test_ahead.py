"""Batches made ahead in a thread: same order, same streams, same errors, and no thread
that stays.
"""

import threading
import time

import numpy as np
import pytest
import torch

from benchmark.training.cuda import UNDISTURBED
from benchmark.training.encoders.names import encoder_from
from benchmark.training.gpu.ahead import AHEAD, batches_ahead
from benchmark.training.gpu.ways import Ways
from benchmark.training.inputs import FeatureInputs
from benchmark.training.recipes import FROZEN, Recipe
from benchmark.training.trainer import TrialTimeoutError, TrialTrainer

ROWS = [np.array([k, k + 1]) for k in range(20)]


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "batches"]


@pytest.mark.parametrize("in_thread", [False, True])
def test_batches_come_in_their_order(in_thread):
    with batches_ahead(lambda rows: rows.tolist(), ROWS, in_thread) as made:
        assert list(made) == [rows.tolist() for rows in ROWS]


@pytest.mark.parametrize("in_thread", [False, True])
def test_an_error_comes_where_its_batch_would_have_come(in_thread):
    def make(rows):
        if rows[0] == 3:
            raise OSError("the disk is gone")
        return rows

    with batches_ahead(make, ROWS, in_thread) as made:
        for _ in range(3):
            next(made)
        with pytest.raises(OSError, match="disk"):
            next(made)


def test_the_thread_makes_few_batches_ahead():
    begun = []
    with batches_ahead(lambda rows: begun.append(rows) or rows, ROWS, True) as made:
        next(made)
        time.sleep(0.3)
        assert len(begun) <= 1 + AHEAD + 1


@pytest.mark.parametrize("taken", [0, 1, 20])
def test_the_thread_ends_with_the_block(taken):
    with batches_ahead(lambda rows: rows, ROWS, True) as made:
        for _ in range(taken):
            next(made)
    assert threads() == []


def test_the_thread_waits_while_a_graph_is_captured():
    with UNDISTURBED, batches_ahead(lambda rows: begun.append(rows) or rows, ROWS, True):
        begun = []
        time.sleep(0.2)
        found = list(begun)
        UNDISTURBED.release()
        time.sleep(0.2)
        UNDISTURBED.acquire()
        assert found == []
        assert begun != []


def trainer_of(ahead, **options):
    features = np.random.default_rng(0).normal(size=(100, 6)).astype(np.float32)
    recipe = Recipe(**(FROZEN.as_config() | {"epochs": 2, "batch_size": 16, "hidden": 8}))
    return TrialTrainer(
        encoder=encoder_from("frozen:anything"),
        recipe=recipe,
        num_classes=3,
        inputs={"train": FeatureInputs(features, np.arange(100))},
        noisy_labels=np.arange(100) % 3,
        shared_seed=("cell",),
        own_seed=("cell", "method"),
        ways=Ways(ahead=ahead),
        **options,
    )


def weights(ahead):
    trainer = trainer_of(ahead)
    networks, drawn = trainer.networks(1), trainer.stream("noise")

    def loss(batch):
        with drawn():
            return (batch.losses * torch.rand(len(batch.rows))).mean()

    seen = [point.fraction for point in trainer.train(networks, loss)]
    return seen, [value.clone() for value in networks[0].state_dict().values()]


def test_a_training_has_the_same_bits_with_batches_made_ahead():
    (points, plain), (same_points, ahead) = weights(False), weights(True)
    assert points == same_points
    assert all(map(torch.equal, plain, ahead))


def test_no_thread_outlives_a_training_that_is_stopped():
    trainer = trainer_of(True)
    training = trainer.train(trainer.networks(1), lambda batch: batch.losses.mean())
    next(training)
    assert len(threads()) == 1
    training.close()
    assert threads() == []


def test_no_thread_outlives_a_training_past_its_time_limit():
    trainer = trainer_of(True, deadline=time.monotonic() - 1.0)
    with pytest.raises(TrialTimeoutError):
        list(trainer.train(trainer.networks(1), lambda batch: batch.losses.mean()))
    assert threads() == []
