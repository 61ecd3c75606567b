"""Few widths on a GPU: which they are, and that they change nothing but rounding."""

import numpy as np
import pytest
import torch

import benchmark.training.inputs as inputs_module
from benchmark.training.encoders.names import encoder_from
from benchmark.training.gpu.widths import WIDTHS, few_widths, padded_width
from benchmark.training.inputs import TokenInputs
from benchmark.training.recipes import FROM_SCRATCH, Recipe
from benchmark.training.trainer import TrialTrainer

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("longest", "most", "width"),
    [(1, 128, 16), (16, 128, 16), (17, 128, 32), (128, 128, 128), (97, 100, 100), (5, 9, 9), (513, 700, 700)],
)
def test_a_batch_is_padded_to_the_next_width_and_never_beyond_the_longest_text(longest, most, width):
    assert padded_width(longest, most) == width


def test_no_text_is_ever_cut():
    assert all(padded_width(longest, 600) >= longest for longest in range(1, 601))


def test_there_are_few_widths():
    assert len({padded_width(longest, 512) for longest in range(1, 513)}) == len(WIDTHS) == 12


def test_a_cpu_pads_to_the_longest_text_of_the_batch_and_a_gpu_to_few_widths():
    assert [few_widths(torch.device(name)) for name in ("cpu", "cuda", "cuda:1")] == [False, True, True]


@pytest.fixture
def as_on_a_gpu(monkeypatch):
    monkeypatch.setattr(inputs_module, "few_widths", lambda device: True)


LENGTHS = np.array([3, 20, 7, 33, 40, 5] * 6)


def texts():
    starts = np.concatenate([[0], np.cumsum(LENGTHS)]).astype(np.int64)
    return TokenInputs((np.arange(starts[-1]) % 97 + 2).astype(np.int32), starts, 0, np.arange(len(LENGTHS)))


def test_the_mask_keeps_each_texts_own_tokens(as_on_a_gpu):
    rows = np.array([0, 1, 2])
    batch = texts().batch(rows, CPU)
    assert batch["attention_mask"].shape == (3, 32)
    assert batch["attention_mask"].sum(1).tolist() == LENGTHS[rows].tolist()
    assert torch.equal(batch["input_ids"] != 0, batch["attention_mask"].bool())


def test_a_batch_has_the_width_that_was_said(as_on_a_gpu):
    inputs = texts().subset(np.array([4, 3, 0, 1]))
    for rows in (np.array([0, 1]), np.array([2]), np.array([3, 2])):
        assert inputs.batch(rows, CPU)["input_ids"].shape[1] == inputs.width(rows, CPU)


def test_a_few_chosen_texts_are_padded_as_all_of_their_split(as_on_a_gpu):
    assert texts().subset(np.array([0])).width(np.array([0]), CPU) == 16


def trained():
    """Weights and a look after a training without dropout, whose draws would differ."""
    recipe = Recipe(**(FROM_SCRATCH.as_config() | {"epochs": 1, "dropout": 0.0, "batch_size": 6}))
    trainer = TrialTrainer(
        encoder=encoder_from("scratch:tiny"),
        recipe=recipe,
        num_classes=3,
        inputs={"train": texts()},
        noisy_labels=np.arange(len(LENGTHS)) % 3,
        shared_seed=("test", 0),
        own_seed=("test", 0, "plain"),
    )
    networks = trainer.networks(1)
    list(trainer.train(networks, lambda batch: batch.losses.mean()))
    return trainer.evaluate(networks).probabilities


def test_training_and_looks_are_the_same_up_to_rounding(monkeypatch):
    narrow = trained()
    monkeypatch.setattr(inputs_module, "few_widths", lambda device: True)
    assert not np.array_equal(trained(), narrow)
    np.testing.assert_allclose(trained(), narrow, atol=2e-4)
