"""Passes that no captured graph may serve: each goes by the network itself."""

import copy

import numpy as np
import pytest
import torch

from benchmark.training.gpu import graphs as graphs_module
from tests.support.captures import EPOCHS, TEXTS, WORTH, Captures, inputs, plain, trainer_of, weights

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _short_trainings(monkeypatch):
    """A few steps are worth a capture here."""
    monkeypatch.setattr(graphs_module, "STEPS_WORTH_A_CAPTURE", WORTH)


def full_steps():
    """Steps of batches of eight in a training; the last one of an epoch has four."""
    return EPOCHS * (TEXTS // 8)


def test_a_second_pass_of_a_step_is_plain():
    def loss(batch):
        return plain(batch) + batch.second_view().square().mean() + batch.embeddings.square().mean()

    captures = Captures()
    assert all(map(torch.equal, weights(trainer_of(captures.ways()), loss), weights(trainer_of(), loss)))
    assert captures.passes == full_steps()


def test_a_part_of_a_batch_goes_by_a_plain_pass():
    captures = Captures()
    weights(trainer_of(captures.ways()), lambda batch: plain(batch.only(torch.arange(len(batch.rows)))))
    assert captures.passes == 0


@pytest.mark.parametrize("kind", ["forward_hook", "forward_pre_hook", "full_backward_hook", "full_backward_pre_hook"])
def test_a_pass_that_a_method_watches_is_plain(kind):
    captures, seen = Captures(), []

    def loss(batch):
        layer = batch.networks[0].transformer.encoder.layer[0]
        hook = getattr(layer, f"register_{kind}")(lambda *given: seen.append(given))
        try:
            return plain(batch)
        finally:
            # A hook on the way back is called after this loss is given.
            if kind.startswith("forward"):
                hook.remove()

    weights(trainer_of(captures.ways()), loss)
    assert captures.passes == 0
    assert len(seen) >= EPOCHS * -(-TEXTS // 8)


def test_passes_of_a_network_that_was_watched_from_the_beginning_are_plain():
    captures = Captures()
    trainer = trainer_of(captures.ways())
    networks = trainer.networks(1)
    networks[0].transformer.encoder.layer[0].register_forward_hook(lambda *given: None)
    list(trainer.train(networks, plain))
    assert captures.passes == 0


def test_a_pass_without_gradient_is_plain():
    captures = Captures()

    def loss(batch):
        with torch.no_grad():
            _ = batch.embeddings
        return plain(batch)

    weights(trainer_of(captures.ways()), loss)
    assert captures.passes == full_steps()


def test_a_pass_in_another_mode_is_plain():
    captures = Captures()

    def loss(batch):
        layer = batch.networks[0].transformer.encoder.layer[0].attention
        layer.eval()
        found = plain(batch)
        layer.train()
        return found

    assert all(map(torch.equal, weights(trainer_of(captures.ways()), loss), weights(trainer_of(), loss)))
    assert captures.passes == 0


def test_a_pass_over_weights_that_no_longer_train_is_plain():
    captures = Captures()

    def loss(batch):
        next(batch.networks[0].parameters()).requires_grad_(batch.step < 3)
        return plain(batch)

    weights(trainer_of(captures.ways()), loss, shuffle=False)
    assert captures.passes == 3


def test_a_pass_in_a_precision_of_the_methods_own_is_plain():
    captures = Captures()

    def loss(batch):
        with torch.autocast("cpu", torch.bfloat16):
            return plain(batch)

    weights(trainer_of(captures.ways()), loss)
    assert captures.passes == 0


def test_a_transformer_whose_mask_the_library_makes_is_not_captured():
    captures = Captures()
    trainer = trainer_of(captures.ways())
    networks = trainer.networks(2)
    networks[1].takes_ready_masks = False
    list(trainer.train(networks, plain))
    assert captures.shapes == [(8, 9), (8, 5)]
    assert captures.passes == full_steps()


def test_a_head_over_features_is_not_captured():
    captures = Captures()
    trainer = trainer_of(captures.ways())
    head = torch.nn.Linear(2, 2)
    graphs = captures.ways().graphs([head], inputs(), lambda: [np.arange(8)] * WORTH, CPU)
    assert (len(graphs), captures.shapes, trainer.ways.trouble) == (0, [], "")


def test_a_pass_over_weights_that_lie_elsewhere_is_plain():
    captures = Captures()

    def loss(batch):
        if batch.step == 3:
            weight = next(batch.networks[0].parameters())
            weight.data = weight.data.clone()
        return plain(batch)

    weights(trainer_of(captures.ways()), loss, shuffle=False)
    assert captures.passes == 3


def test_a_copy_of_a_network_is_no_captured_one():
    captures, copies = Captures(), []

    def loss(batch):
        copies[:] = [copy.deepcopy(batch.networks[0])]
        return plain(batch) + copies[0].embed(batch.encoded).mean()

    weights(trainer_of(captures.ways()), loss)
    assert captures.passes == full_steps()
