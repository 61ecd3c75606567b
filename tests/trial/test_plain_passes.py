"""A trial whose method a captured pass cannot serve, from its beginning to its
outcome.
"""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmark.conformance.worlds import world
from benchmark.contracts import method_from
from benchmark.records.config import TrialConfig
from benchmark.training.gpu import graphs as graphs_module
from benchmark.training.gpu.ways import Ways
from benchmark.training.inputs import TokenInputs
from benchmark.training.recipes import FROM_SCRATCH
from benchmark.trial.run import follow
from benchmark.trial.task import TrialTask
from tests.support.broken_methods import Plain, broken
from tests.support.captures import Captures

RECIPE = dataclasses.replace(FROM_SCRATCH, epochs=2, batch_size=8, points=1)


@broken
class GoesBackItself(Plain):
    """Makes a backward pass of its own from the third step on."""

    def loss(self, batch):
        loss = batch.losses.mean()
        if batch.step >= 2:
            torch.autograd.grad(loss, list(batch.networks[0].transformer.parameters()), retain_graph=True)
        return loss


def tokens(inputs):
    lengths = np.full(len(inputs), 6)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return TokenInputs((2 + np.arange(starts[-1]) % 50).astype(np.int32), starts, 0, np.arange(len(inputs)))


@pytest.fixture
def captures(monkeypatch):
    """A CPU that does as a GPU would."""
    counted = Captures()
    monkeypatch.setattr(graphs_module, "STEPS_WORTH_A_CAPTURE", 2)
    monkeypatch.setattr(Ways, "on", classmethod(lambda cls, device: counted.ways()))
    return counted


def outcome(method):
    made = world(train=32, test=24, recipe=RECIPE).trial_inputs
    splits = ("train_inputs", "valid_inputs", "test_inputs")
    made = dataclasses.replace(made, **{split: tokens(getattr(made, split)) for split in splits})
    config = TrialConfig(
        method="cross_entropy", method_version=1, corpus=made.corpus.name, card="none",
        noise=made.noisy.manifest.noise, noise_version=1, encoder="scratch:tiny", weights="none",
        recipe=RECIPE.as_config(), seed=0,
    )  # fmt: skip
    evaluator, trainer = follow(TrialTask(config=config, artefacts=Path()), method, made)
    return evaluator.last_test, trainer.ways.trouble, len(evaluator.curve)


def test_it_begins_anew_and_ends_as_with_plain_passes(captures, monkeypatch):
    found, trouble, points = outcome(GoesBackItself())
    assert captures.passes == 3
    assert "backward pass of its own" in trouble
    monkeypatch.undo()
    expected, _, same_points = outcome(GoesBackItself())
    assert np.array_equal(found, expected)
    assert points == same_points


def test_a_method_of_the_harness_needs_no_second_beginning(captures):
    _, trouble, _ = outcome(method_from("cross_entropy"))
    assert captures.passes == 8
    assert trouble == ""
