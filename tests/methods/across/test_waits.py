"""No step of a training waits for a GPU, but where a method says why."""

import pytest
import torch

from benchmark.conformance.results import train
from benchmark.conformance.worlds import easy_world
from benchmark.contracts import method_from, methods
from tests.support.captures import plain, trainer_of
from tests.support.waits import waits_of_steps

MUST = {
    "co_teaching_plus": {
        ("methods/co_teaching_plus.py", "boolean index"),
        ("benchmark/training/descent.py", "boolean index"),
    },
    "selfmix": {("methods/selfmix.py", "aten::nonzero")},
}
"""Methods whose passes are as large as the values of a batch say, with the backward
pass: the disagreement set, the examples that are not believed.
"""

REGISTERED = [name for name in methods if methods[name].__module__.startswith("methods.")]


def waits(monkeypatch, run):
    with waits_of_steps(monkeypatch) as found:
        run()
    return dict(found)


def whole(batch):
    """Everything that a batch offers to a loss."""
    part = batch.only(torch.arange(3))
    return plain(batch) + batch.second_view().mean() + batch.label_probabilities.mean() + part.evaluated().mean()


def test_a_step_over_a_transformer_does_not_wait(monkeypatch):
    trainer = trainer_of(clip_norm=1.0, weight_decay=0.1)
    assert waits(monkeypatch, lambda: list(trainer.train(trainer.networks(2), whole))) == {}


@pytest.mark.parametrize(
    ("reads", "name"),
    [
        (lambda batch: batch.losses.mean().item(), "item"),
        (lambda batch: bool((batch.losses > 0).any()), "__bool__"),
        (lambda batch: batch.losses.detach().cpu(), "cpu"),
        (lambda batch: (batch.rows > 3).nonzero(), "aten::nonzero"),
        (lambda batch: batch.losses[batch.losses > 0.5], "boolean index"),
    ],
)
def test_a_loss_that_waits_is_found(monkeypatch, reads, name):
    trainer = trainer_of(epochs=1)

    def loss(batch):
        reads(batch)
        return plain(batch)

    found = waits(monkeypatch, lambda: list(trainer.train(trainer.networks(1), loss)))
    assert name in {what for _, what in found}


@pytest.mark.parametrize("name", REGISTERED)
def test_a_method_waits_in_its_steps_only_where_it_must(name, monkeypatch):
    found = waits(monkeypatch, lambda: train(method_from(name), easy_world()))
    assert found.keys() == MUST.get(name, set())
