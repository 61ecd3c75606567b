"""Captured passes, with the plain call in the place of a capture where there is no GPU:
when they serve, when they do not, and that a training goes on without them.
"""

import numpy as np
import pytest
import torch

from benchmark.training.gpu import graphs as graphs_module
from benchmark.training.gpu.capture import captured
from benchmark.training.gpu.graphs import SWITCH, PlainPassNeededError, StepGraphs, are_wanted, worth_a_capture
from benchmark.training.gpu.ways import Ways, plainly_if_needed
from tests.support.captures import EPOCHS, TEXTS, WORTH, Captures, plain, trainer_of, weights

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _short_trainings(monkeypatch):
    """A few steps are worth a capture here."""
    monkeypatch.setattr(graphs_module, "STEPS_WORTH_A_CAPTURE", WORTH)


def full_steps():
    """Steps of batches of eight in a training; the last one of an epoch has four."""
    return EPOCHS * (TEXTS // 8)


def test_a_captured_training_has_the_bits_of_a_plain_one_where_the_passes_are_the_same():
    captures = Captures()
    assert all(map(torch.equal, weights(trainer_of(captures.ways()), count=2), weights(trainer_of(), count=2)))
    assert captures.passes == 2 * full_steps()


def test_passes_are_captured_for_each_network_and_frequent_shape_the_widest_first():
    captures = Captures()
    weights(trainer_of(captures.ways()), count=2)
    assert captures.shapes == [(8, 9), (8, 5)] * 2


def test_a_cpu_captures_nothing():
    assert Ways.on(CPU) == Ways(ahead=False, capture=None)


def test_a_gpu_captures_and_makes_batches_ahead():
    ways = Ways.on(torch.device("cuda"))
    assert ways.capture is captured
    assert ways.ahead


def test_the_environment_can_forbid_it(monkeypatch):
    monkeypatch.setenv(SWITCH, "0")
    assert not are_wanted()
    assert Ways.on(torch.device("cuda")).capture is None


def test_a_shape_with_few_steps_is_not_captured():
    often, seldom = [np.arange(4)] * WORTH, [np.arange(3)] * (WORTH - 1)
    assert [len(rows) for rows in worth_a_capture(often + seldom, lambda rows: 5)] == [4]


@pytest.mark.parametrize("fails_at", [1, 2, 3])
def test_where_one_capture_fails_all_passes_are_plain_with_the_same_bits(fails_at):
    captures = Captures(fails_at)
    trainer = trainer_of(captures.ways())
    assert all(map(torch.equal, weights(trainer, count=2), weights(trainer_of(), count=2)))
    assert captures.passes == 0
    assert "not permitted" in trainer.ways.trouble


def test_after_a_failure_the_trial_tries_no_second_time():
    captures = Captures(1)
    trainer = trainer_of(captures.ways())
    weights(trainer)
    weights(trainer)
    assert len(captures.shapes) == 1


def test_a_capture_that_fails_makes_the_passes_of_every_training_plain():
    captures = Captures(fails_at=3)
    trainer = trainer_of(captures.ways())
    networks = trainer.networks(2)
    first = trainer.train(networks[:1], plain)
    next(first)
    before = captures.passes
    list(trainer.train(networks[1:], plain))
    list(first)
    assert before > 0
    assert captures.passes == before


def test_the_graphs_of_a_network_share_memory_and_those_of_two_do_not():
    pools, used = iter("abcd"), []

    def capture(network, input_ids, attention_mask, pool):
        used.append(pool)
        return lambda *given: network.embed(dict(zip(("input_ids", "attention_mask"), given, strict=True)))

    weights(trainer_of(Ways(capture=capture, new_pool=lambda device: next(pools))), count=2)
    assert used == ["a", "a", "b", "b"]


def test_shapes_are_those_of_all_epochs():
    asked = []
    trainer = trainer_of(Captures().ways())
    trainer.ways.graphs = lambda networks, inputs, batches, device: asked.append(batches()) or StepGraphs()
    seen = []
    weights(trainer, lambda batch: seen.append(batch.rows.tolist()) or plain(batch), shuffle=False)
    weights(trainer, plain)
    assert [rows.tolist() for rows in asked[0]] == seen
    assert sorted(map(len, asked[1])) == sorted(map(len, seen))
    assert [rows.tolist() for rows in asked[1]] != seen


def test_what_a_method_keeps_of_a_pass_is_not_overwritten():
    trainer, kept = trainer_of(Captures().ways()), []
    run = torch.zeros(8, 128, requires_grad=True)
    networks = trainer.networks(1)
    for _ in trainer.train(networks, lambda batch: kept.append(batch.graphs) or plain(batch)):
        pass
    graphs = kept[0]
    ids = torch.ones(3, 4, dtype=torch.int64)
    graphs.add(0, networks[0], ids, lambda *given: run)
    graphs.begin_step()
    seen = graphs.forward(0, networks[0], {"input_ids": ids, "attention_mask": ids})
    with torch.no_grad():
        run.add_(1.0)
    assert float(seen.detach().abs().max()) == 0.0


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_backward_pass_of_the_methods_own_asks_for_plain_passes(create_graph):
    def loss(batch):
        parameters = list(batch.networks[0].transformer.parameters())
        torch.autograd.grad(plain(batch), parameters, retain_graph=True, create_graph=create_graph)
        return plain(batch)

    with pytest.raises(PlainPassNeededError):
        weights(trainer_of(Captures().ways()), loss)


def test_a_gradient_of_the_classifier_alone_asks_for_nothing():
    captures = Captures()

    def loss(batch):
        torch.autograd.grad(plain(batch), list(batch.networks[0].classifier.parameters()), retain_graph=True)
        return plain(batch)

    weights(trainer_of(captures.ways()), loss)
    assert captures.passes == full_steps()


def test_two_backward_passes_through_one_pass_ask_for_plain_passes():
    graphs = []

    def loss(batch):
        graphs[:] = [batch.graphs]
        total = plain(batch)
        with batch.graphs.descending():
            total.backward(retain_graph=True)
        return total

    with pytest.raises(PlainPassNeededError):
        weights(trainer_of(Captures().ways()), loss)


def test_a_backward_pass_into_an_earlier_step_asks_for_plain_passes():
    kept = []

    def loss(batch):
        kept.append(batch.embeddings)
        return plain(batch) + kept[0].mean()

    with pytest.raises(PlainPassNeededError):
        weights(trainer_of(Captures().ways()), loss)


def test_a_training_that_needs_plain_passes_begins_anew_with_them():
    tried = []

    def train(ways):
        tried.append(ways)
        if ways is None:
            raise PlainPassNeededError("a reason")
        return ways

    found = plainly_if_needed("cuda", train)
    assert len(tried) == 2
    assert found.capture is None
    assert found.ahead
    assert found.trouble == "a reason"


def test_the_reason_is_one_short_line():
    assert len(Ways().without_graphs("a\nlong reason " * 100).trouble) <= 120
    assert "\n" not in Ways().without_graphs("a\nlong reason").trouble
