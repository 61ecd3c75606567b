"""The rows that each epoch of a training goes through."""

from dataclasses import replace

import numpy as np

from benchmark.conformance.worlds import SHORT
from benchmark.training.encoders.names import encoder_from
from benchmark.training.inputs import FeatureInputs
from benchmark.training.trainer import TrialTrainer


def test_rows_written_before_an_epoch_are_those_that_it_goes_through():
    trainer = TrialTrainer(
        encoder=encoder_from("frozen:anything"),
        recipe=replace(SHORT, batch_size=8, epochs=3),
        num_classes=2,
        inputs={"train": FeatureInputs(np.eye(40, 6, dtype=np.float32), np.arange(40))},
        noisy_labels=np.arange(40) % 2,
        shared_seed=("cell", 0),
        own_seed=("cell", 0, "method"),
    )
    rows, seen = np.arange(8), []

    def before_epoch(epoch):
        rows[:] = np.arange(8) + 10 * epoch

    def loss(batch):
        seen.append((batch.epoch, sorted(batch.rows.tolist())))
        return batch.losses.mean()

    list(trainer.train(trainer.networks(1), loss, rows=rows, before_epoch=before_epoch))
    assert seen == [(epoch, list(range(10 * epoch, 10 * epoch + 8))) for epoch in range(3)]
