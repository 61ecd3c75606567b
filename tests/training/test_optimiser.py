"""What reaches each network at each step: initial weights, learning rate, gradients and
rows.
"""

import numpy as np
import pytest
import torch

from benchmark.conformance.worlds import SHORT
from benchmark.contracts.trainer import SharedTraining
from benchmark.training.encoders.names import encoder_from
from benchmark.training.inputs import FeatureInputs
from benchmark.training.recipes import Recipe
from benchmark.training.trainer import TrialTrainer
from methods.shared import co_regularised as stages
from methods.shared.co_regularised import CoRegularised

ROWS, CLASSES = 40, 3
PLAIN = {**SHORT.as_config(), "batch_size": 10, "epochs": 2}


def trainer_of(**changes):
    features = np.random.default_rng(0).normal(size=(ROWS, 6)).astype(np.float32)
    return TrialTrainer(
        encoder=encoder_from("frozen:anything"),
        recipe=Recipe(**(PLAIN | changes)),
        num_classes=CLASSES,
        inputs={"train": FeatureInputs(features, np.arange(ROWS))},
        noisy_labels=np.arange(ROWS) % CLASSES,
        shared_seed=("cell",),
        own_seed=("cell", "method"),
    )


def plain(batch):
    return batch.losses.sum(0).mean()


def nothing(batch):
    return 0.0 * plain(batch)


@pytest.fixture
def rates(monkeypatch):
    """The learning rates of all parameter groups at each step of the optimiser, in
    their order.
    """
    seen, step = [], torch.optim.AdamW.step

    def spied(self, *args, **options):
        seen.append([group["lr"] for group in self.param_groups])
        return step(self, *args, **options)

    monkeypatch.setattr(torch.optim.AdamW, "step", spied)
    return seen


BY_HAND = {
    "none": [0.4, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8],
    "linear": [0.4, 0.8, 0.8, 0.8 * 5 / 6, 0.8 * 4 / 6, 0.8 * 3 / 6, 0.8 * 2 / 6, 0.8 * 1 / 6],
}


@pytest.mark.parametrize("decay", BY_HAND)
def test_each_step_has_the_learning_rate_worked_out_by_hand(decay, rates):
    trainer = trainer_of(learning_rate=0.8, warmup=0.25, decay=decay)
    for _ in trainer.train(trainer.networks(1), nothing):
        pass
    np.testing.assert_allclose(rates, [[rate] for rate in BY_HAND[decay]])


def test_every_network_of_a_step_has_the_learning_rate_that_the_method_chose(rates):
    trainer = trainer_of(weight_decay=0.1)
    for _ in trainer.train(trainer.networks(2), nothing, learning_rate=lambda step, total: (step + 1) / total):
        pass
    np.testing.assert_allclose(rates, [[(step + 1) / 8] * 2 for step in range(8)])


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_matrices_of_all_networks_decay_by_the_recipe_and_vectors_never(decay, monkeypatch):
    trainer, decays, step = trainer_of(weight_decay=decay), [], torch.optim.AdamW.step

    def spied(self, *args, **options):
        decays.append({p: group["weight_decay"] for group in self.param_groups for p in group["params"]})
        return step(self, *args, **options)

    monkeypatch.setattr(torch.optim.AdamW, "step", spied)
    networks = trainer.networks(2)
    for _ in trainer.train(networks, nothing):
        pass
    expected = {p: decay if p.ndim > 1 else 0.0 for network in networks for p in network.parameters()}
    assert decays == [expected] * 8


SAWTOOTH_BY_HAND = [0.0, 0.5, 1.0, 17 / 18, 0.0, 0.5, 1.0, 17 / 18]
"""Twenty steps of which two warm up, as the first four of each of five epochs have
it.
"""


def test_the_sawtooth_of_a_shared_training_begins_anew_with_each_epoch(rates, monkeypatch):
    monkeypatch.setattr(stages, "SAWTOOTH_WARMUP", 0.1)
    trainer = trainer_of(learning_rate=0.8, epochs=5)
    for _ in trainer.shared(SharedTraining(CoRegularised(schedule="sawtooth"))):
        pass
    by_step = [step[0] for step in rates]
    np.testing.assert_allclose(by_step[:8], [0.8 * share for share in SAWTOOTH_BY_HAND])
    assert len(by_step) == 20


def test_gradients_of_a_step_are_those_of_its_batch_alone(monkeypatch):
    trainer, expected, found = trainer_of(dropout=0.0), [], []
    network = trainer.networks(1)[0]
    parameters, step = list(network.parameters()), torch.optim.AdamW.step

    def loss(batch):
        expected.append(torch.autograd.grad(batch.losses.mean(), parameters, retain_graph=True))
        return batch.losses.mean()

    def spied(self, *args, **options):
        found.append([parameter.grad.clone() for parameter in parameters])
        return step(self, *args, **options)

    monkeypatch.setattr(torch.optim.AdamW, "step", spied)
    for _ in trainer.train([network], loss):
        pass
    assert len(found) == len(expected) == 8
    for gradients, by_hand in zip(found, expected, strict=True):
        torch.testing.assert_close(gradients, list(by_hand))


def test_a_network_without_a_part_in_the_loss_stays_as_it_was():
    trainer = trainer_of()
    trained, idle = trainer.networks(2)
    before = [value.detach().clone() for value in idle.parameters()]
    for _ in trainer.train([trained, idle], lambda batch: batch.losses[0].mean() + 0.0 * batch.losses[1].mean()):
        pass
    for value, kept in zip(idle.parameters(), before, strict=True):
        assert torch.equal(value, kept)


def test_a_network_that_a_step_leaves_out_is_not_carried_on_by_its_momentum():
    trainer = trainer_of()
    networks = trainer.networks(2)
    before = []

    def loss(batch):
        turn = batch.step % 2
        now = [[value.detach().clone() for value in network.parameters()] for network in networks]
        before.append(now)
        network = networks[turn]
        return torch.nn.functional.cross_entropy(network.classify(network.embed(batch.encoded)), batch.noisy_labels)

    for _ in trainer.train(networks, loss):
        pass
    for step in range(len(before) - 1):
        for number in (0, 1):
            same = all(map(torch.equal, before[step][number], before[step + 1][number]))
            assert same == (number != step % 2)


def test_networks_start_from_different_weights_and_number_k_is_the_same_in_every_call():
    trainer = trainer_of()
    first, again = trainer.networks(3), trainer.networks(3)
    for k, network in enumerate(first):
        assert torch.equal(network.hidden.weight, again[k].hidden.weight)
        for other in first[:k]:
            assert not torch.equal(network.hidden.weight, other.hidden.weight)


@pytest.mark.parametrize("shuffle", [True, False])
def test_each_epoch_goes_through_every_row_once(shuffle):
    trainer, seen = trainer_of(batch_size=7), {0: [], 1: []}

    def loss(batch):
        seen[batch.epoch] += batch.rows.tolist()
        return plain(batch)

    for _ in trainer.train(trainer.networks(1), loss, shuffle=shuffle):
        pass
    for rows in seen.values():
        assert sorted(rows) == list(range(ROWS))
        assert (rows == list(range(ROWS))) == (not shuffle)
    assert (seen[0] == seen[1]) == (not shuffle)
