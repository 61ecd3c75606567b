"""The parts of attribution pruning: attributions, blind rule, pruned units, warm-up."""

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from sklearn.mixture import GaussianMixture

from benchmark.conformance.results import train
from benchmark.conformance.worlds import LONGER, world
from benchmark.contracts import BenchmarkError, method_from
from methods.attribution_prune import MANY_CLASSES, AttributionPrune, units
from methods.attribution_prune.units import believed, blind_rule, label_attributions, probability_right, sensitivities


def two_losses(first, second, wrong_share=0.4):
    """Losses of 100 examples around two means, and who is in the second part."""
    in_second = np.arange(100) < 100 * wrong_share
    return np.where(in_second, second, first) + np.where(np.arange(100) % 2, 0.5, -0.5), in_second


def flipped(classes=3, each=100, share=0.3):
    """Activations that tell the true classes; some labels are those of the next."""
    draws = np.random.default_rng(0)
    true = np.repeat(np.arange(classes), each)
    labels = np.where(np.arange(len(true)) % each < share * each, (true + 1) % classes, true)
    embeddings = 2.0 * np.eye(classes)[true] + draws.normal(0, 0.3, (len(true), classes))
    weights = 2 * np.eye(classes) - 1
    losses = -(embeddings @ weights.T)[np.arange(len(true)), labels]
    return embeddings, weights, losses, labels, labels != true


def test_attribution_is_the_gradient_of_the_given_labels_logit_times_the_unit():
    draws = torch.Generator().manual_seed(0)
    hidden, weights = torch.randn(4, 5, generator=draws, requires_grad=True), torch.randn(3, 5, generator=draws)
    labels = torch.tensor([2, 0, 1, 2])
    (hidden @ weights.T)[torch.arange(4), labels].sum().backward()
    found = label_attributions(hidden.detach().numpy(), weights.numpy(), labels.numpy())
    np.testing.assert_allclose(found, (hidden.grad * hidden).detach(), rtol=1e-6)


def test_attributions_of_a_class_tell_flipped_labels_where_the_losses_say_which_part_is_wrong():
    embeddings, weights, losses, labels, wrong = flipped()
    right = probability_right(label_attributions(embeddings, weights, labels), losses, labels)
    assert roc_auc_score(wrong, 1 - right) > 0.95


def test_the_authors_components_of_all_examples_at_once_follow_classes_and_not_flips():
    embeddings, weights, _, _, wrong = flipped()
    released = units.standardised(units.released_attributions(embeddings, weights))
    component = GaussianMixture(2, random_state=42).fit_predict(released)
    assert 0.4 < roc_auc_score(wrong, component) < 0.6


@pytest.mark.parametrize("swapped", [False, True])
def test_the_component_of_higher_loss_is_wrong_whatever_its_number(swapped):
    losses, in_second = two_losses(0.0, 3.0)
    second = np.where(in_second != swapped, 0.9, 0.1)
    np.testing.assert_allclose(blind_rule(second, losses), np.where(in_second, 0.1, 0.9))


@pytest.mark.parametrize("first, second, share", [(0.0, 0.1, 0.4), (0.0, 3.0, 0.04), (0.0, 3.0, 0.7), (3.0, 0.0, 0.3)])
def test_all_are_right_where_the_parts_are_alike_or_one_is_tiny_or_most_would_be_wrong(first, second, share):
    losses, in_second = two_losses(first, second, share)
    np.testing.assert_array_equal(blind_rule(in_second.astype(float), losses), np.ones(100))


def test_classes_of_few_examples_are_parted_together():
    embeddings, weights, losses, labels, wrong = flipped(each=30)
    right = probability_right(label_attributions(embeddings, weights, labels), losses, labels)
    assert min(np.bincount(labels)) < units.LARGE_CLASS
    assert roc_auc_score(wrong, 1 - right) > 0.8


def test_believed_are_the_likely_half_at_least_of_every_class():
    right = np.array([0.9, 0.8, 0.6, 0.1, 0.4, 0.3, 0.2, 0.1, 0.05])
    chosen = believed(right, np.array([0, 0, 0, 0, 1, 1, 1, 1, 1]))
    np.testing.assert_array_equal(chosen, [1, 1, 1, 0, 1, 1, 1, 0, 0])


def test_the_unit_that_wrong_labels_excite_is_most_sensitive_whatever_the_class_means():
    draws = np.random.default_rng(0)
    labels, wrong = np.repeat([0, 1], 200), draws.random(400)
    hidden = draws.normal(0, 1, (400, 8)) + 10.0 * labels[:, None] * np.arange(8)
    hidden[:, 3] += 2 * wrong
    hidden[:, 5] = 1.0
    found = sensitivities(hidden, wrong, labels, None)
    assert found.argmax() == 3
    assert found[5] == pytest.approx(0, abs=1e-12)


@pytest.fixture
def watched(monkeypatch):
    """Trains a method on an easy set: its network, partition and the embeddings of each
    batch, by epoch.
    """

    def run(name, here):
        networks, partitions, embeddings, part, loss = (
            [],
            [],
            {},
            AttributionPrune.part_and_prune,
            AttributionPrune.loss,
        )

        def parting(self, network, partition, view, trainer):
            part(self, network, partition, view, trainer)
            networks.append(network)
            partitions.append(partition)

        def losing(self, batch):
            embeddings.setdefault(batch.epoch, []).append(batch.embeddings[0].detach())
            return loss(self, batch)

        monkeypatch.setattr(AttributionPrune, "part_and_prune", parting)
        monkeypatch.setattr(AttributionPrune, "loss", losing)
        train(method_from(name), here)
        (network,), (partition,) = networks, partitions
        return network, partition, {epoch: torch.cat(seen) for epoch, seen in embeddings.items()}

    return run


def test_pruned_units_give_zero_in_every_later_step_and_to_the_end(watched):
    here = world(train=240, recipe=LONGER)
    network, _, embeddings = watched("attribution_prune[prune=0.25]", here)
    pruned = network.kept == 0
    assert pruned.sum() == LONGER.hidden // 4
    assert (embeddings[0][:, pruned] != 0).any()
    later = torch.cat([embeddings[epoch] for epoch in range(1, LONGER.epochs)])
    assert (later[:, pruned] == 0).all()
    assert (later[:, ~pruned] != 0).any()
    with torch.no_grad():
        ended = network.embed(here.trial_inputs.test_inputs.batch(np.arange(12), torch.device("cpu")))
    assert (ended[:, pruned] == 0).all()


def test_nothing_is_pruned_where_nothing_should_be(watched):
    network, _, _ = watched("attribution_prune[prune=none]", world(train=240, recipe=LONGER))
    assert network.kept is None


def test_no_unit_is_pruned_where_the_rule_takes_all_labels_for_right(watched, monkeypatch):
    monkeypatch.setattr(units, "LARGEST_SHARE", 0.0)
    network, partition, _ = watched("attribution_prune", world(train=240, recipe=LONGER))
    assert (partition.right == 1).all()
    assert network.kept is None


def test_believed_labels_are_right_more_often_than_all(watched):
    here = world(train=240, recipe=LONGER)
    _, partition, _ = watched("attribution_prune", here)
    noisy = here.trial_inputs.noisy
    right = noisy.train_labels == noisy.train.clean_labels
    assert right[partition.believed.numpy()].mean() > right.mean() + 0.05


@pytest.mark.parametrize("classes, first", [(3, 1), (MANY_CLASSES, 2)])
def test_the_warm_up_is_twice_as_long_for_many_classes(classes, first, monkeypatch):
    believing, loss = {}, AttributionPrune.loss

    def losing(self, batch):
        believing[batch.epoch] = batch.state.believed is not None
        return loss(self, batch)

    monkeypatch.setattr(AttributionPrune, "loss", losing)
    train(method_from("attribution_prune"), world(train=120, classes=classes, recipe=LONGER))
    assert [epoch for epoch, does in believing.items() if does] == list(range(first, LONGER.epochs))


@pytest.mark.parametrize("field", ["prune=1", "prune=0", "penalty=-1", "warmup=0", "partition=labels"])
def test_parameters_outside_their_ranges_are_refused(field):
    with pytest.raises(BenchmarkError, match=field.partition("=")[0]):
        method_from(f"attribution_prune[{field}]")
