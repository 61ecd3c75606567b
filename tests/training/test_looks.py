"""Passes of all texts without training are counted and keep to the time limit."""

import time

import numpy as np
import pytest

from benchmark.conformance.worlds import SHORT
from benchmark.training.encoders.names import encoder_from
from benchmark.training.inputs import FeatureInputs
from benchmark.training.trainer import TrialTimeoutError, TrialTrainer
from tests.support.captures import trainer_of as trainer_of_tokens

ROWS = 8


def trainer_of(**options):
    return TrialTrainer(
        encoder=encoder_from("frozen:anything"),
        recipe=SHORT,
        num_classes=2,
        inputs={"train": FeatureInputs(np.eye(ROWS, 3, dtype=np.float32), np.arange(ROWS))},
        shared_seed=("cell", 0),
        own_seed=("cell", 0, "method"),
        **{"noisy_labels": np.arange(ROWS) % 2} | options,
    )


@pytest.mark.parametrize(
    "act",
    [
        lambda trainer: trainer.evaluate(trainer.networks(1)),
        lambda trainer: trainer.frozen_embeddings(),
        lambda trainer: trainer.outputs(trainer._train_inputs, lambda encoded: None),
    ],
    ids=["evaluation", "frozen embeddings", "outputs"],
)
def test_a_trial_past_its_time_limit_is_stopped_in_a_look(act):
    with pytest.raises(TrialTimeoutError, match="time limit"):
        act(trainer_of(deadline=time.monotonic() - 1.0))


def test_texts_that_are_embedded_before_training_count_as_passed():
    trainer = trainer_of()
    trainer.frozen_embeddings()
    assert trainer.counts.forward_texts == ROWS


def test_texts_are_embedded_before_training_without_dropout():
    trainer = trainer_of_tokens()
    np.testing.assert_array_equal(trainer.frozen_embeddings(), trainer.frozen_embeddings())


def test_labels_that_are_changed_later_change_no_training():
    labels, seen = np.arange(ROWS) % 2, []
    trainer = trainer_of(noisy_labels=labels)
    labels[:] = 0
    list(
        trainer.train(trainer.networks(1), lambda batch: seen.extend(batch.noisy_labels.tolist()) or batch.losses.sum())
    )
    assert set(seen) == {0, 1}
