"""LNSR's second pass and its penalty."""

import types
from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmark.conformance.results import train
from benchmark.conformance.worlds import easy_world
from benchmark.contracts import method_from
from benchmark.training.encoders.networks import FrozenHead, TransformerClassifier, scratch_transformer
from benchmark.training.recipes import FROM_SCRATCH
from methods.lnsr import layers_of, mean_square, noise_like, watched


@pytest.fixture
def transformer():
    """A transformer of two layers with heavy dropout, in training mode, and a padded
    batch.
    """
    torch.manual_seed(0)
    network = TransformerClassifier(scratch_transformer(0.5), 3, replace(FROM_SCRATCH, dropout=0.5)).train()
    ids = torch.randint(1, 50, (4, 6))
    mask = torch.ones_like(ids)
    mask[2:, 3:] = 0
    return network, {"input_ids": ids, "attention_mask": mask}


@pytest.mark.parametrize("first", [0, 1])
def test_a_repeated_pass_drops_the_same_units_and_leaves_the_random_stream_alone(transformer, first):
    network, encoded = transformer
    with watched(layers_of(network)[first:]) as seen:
        network.embed(encoded)
    before = torch.get_rng_state()
    repeated = seen.repeated(seen.lower)
    assert len(repeated) == 2 - first
    for ours, theirs in zip(repeated, seen.outputs, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_penalty_is_felt_by_the_layers_above_the_noise(transformer):
    network, encoded = transformer
    layers = layers_of(network)
    with watched(layers[1:]) as seen:
        network.embed(encoded)
    (moved,) = seen.repeated(seen.lower + noise_like(seen.lower, 0.05))
    mean_square(moved - seen.outputs[0], encoded["attention_mask"]).backward()
    assert all(weight.grad.abs().sum() > 0 for weight in layers[1].parameters() if weight.ndim > 1)


def test_no_hook_stays_behind(transformer):
    network, encoded = transformer
    with watched(layers_of(network)) as seen:
        network.embed(encoded)
    network.embed(encoded)
    assert len(seen.outputs) == 2


def test_noise_has_the_share_asked_for_of_the_norm_of_each_token():
    hidden = torch.randn(3, 5, 8, generator=torch.Generator().manual_seed(0))
    shares = noise_like(hidden, 0.05).norm(dim=-1) / hidden.norm(dim=-1)
    torch.testing.assert_close(shares, torch.full((3, 5), 0.05))


def test_padding_does_not_count():
    states, mask = torch.ones(2, 3, 4), torch.tensor([[1, 1, 0], [1, 0, 0]])
    states[0, 2] = states[1, 1:] = 100.0
    assert mean_square(states, mask).item() == 1.0
    assert mean_square(states, None).item() > 1.0


def test_over_features_the_loss_adds_the_relative_drift_of_the_hidden_layer(batch_of, monkeypatch):
    torch.manual_seed(0)
    network = FrozenHead(torch.zeros(6), torch.ones(6), 8, 3, 0.0)
    features, noise = torch.randn(5, 6), 0.1 * torch.randn(5, 6)
    monkeypatch.setattr("methods.lnsr.noise_like", lambda hidden, size: noise)
    batch = batch_of([None], torch.tensor([0, 1, 2, 0, 1]), state=torch.no_grad)
    batch = batch.__class__(**{**vars(batch), "encoded": features, "networks": [network]})
    plain = torch.nn.functional.cross_entropy(network.classify(network.embed(features)), batch.noisy_labels)
    drift = (noise @ network.hidden.weight.T).square().mean() / (0.2**2 * features.square().mean())
    torch.testing.assert_close(method_from("lnsr[size=0.2, weight=3]").loss(batch), plain + 3 * drift)


def test_a_look_at_the_logits_before_the_loss_hinders_nothing(batch_of):
    network = FrozenHead(torch.zeros(6), torch.ones(6), 8, 3, 0.0)
    batch = batch_of([None], torch.tensor([0, 1, 2]), state=lambda: torch.random.fork_rng(devices=[]))
    batch = batch.__class__(**{**vars(batch), "encoded": torch.randn(3, 6), "networks": [network]})
    looked = batch.logits
    assert method_from("lnsr").loss(batch) > torch.nn.functional.cross_entropy(looked[0], batch.noisy_labels)


def test_without_weight_it_is_cross_entropy_to_the_bit_and_with_weight_it_is_not():
    found = [train(method_from(name), easy_world()).test for name in ("lnsr[weight=0]", "cross_entropy", "lnsr")]
    assert np.array_equal(found[0], found[1])
    assert not np.array_equal(found[2], found[1])


def test_the_longest_list_of_layers_is_the_transformer_s():
    inner = torch.nn.ModuleList([torch.nn.Linear(2, 2) for _ in range(2)])
    outer = torch.nn.ModuleList([torch.nn.Linear(2, 2) for _ in range(3)])
    network = torch.nn.Module()
    network.inner, network.outer = inner, outer
    assert layers_of(network) == list(outer)
    assert layers_of(types.SimpleNamespace(modules=lambda: iter([torch.nn.ReLU(), inner[0]]))) == [inner[0]]
