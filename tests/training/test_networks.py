"""The networks that methods train are built to the size that their encoder's
description states.
"""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from benchmark.training.encoders.names import encoder_from
from benchmark.training.encoders.networks import TransformerClassifier, build_network
from benchmark.training.inputs import TokenInputs
from benchmark.training.recipes import FINE_TUNED, FROM_SCRATCH, FROZEN
from benchmark.training.trainer import TrialTrainer


def test_the_tiny_transformer_has_two_layers_of_128_with_two_heads():
    config = build_network(encoder_from("scratch:tiny"), FROM_SCRATCH, 5, None).transformer.config
    assert config.num_hidden_layers == 2
    assert config.hidden_size == 128
    assert config.num_attention_heads == 2
    assert config.intermediate_size == 256


def test_the_vocabulary_has_room_for_padding_start_and_every_hashed_word():
    from benchmark.training.encoders.encoding import HASHED_WORDS

    config = build_network(encoder_from("scratch:tiny"), FROM_SCRATCH, 5, None).transformer.config
    assert config.vocab_size == HASHED_WORDS + 2


def test_a_transformers_classifier_begins_undecided():
    network = build_network(encoder_from("scratch:tiny"), FROM_SCRATCH, 5, None)
    assert torch.count_nonzero(network.classifier.bias) == 0
    assert network.classifier.weight.detach().std().item() == pytest.approx(0.02, rel=0.1)


def test_a_frozen_head_standardises_and_has_one_hidden_layer():
    mean, deviation = torch.tensor([1.0, 2.0]), torch.tensor([2.0, 4.0])
    head = build_network(encoder_from("frozen:any"), FROZEN, 3, (mean, deviation))
    assert head.represent(torch.tensor([[3.0, -2.0]])).tolist() == [[1.0, -1.0]]
    assert head.embed(torch.zeros(4, 2)).shape == (4, FROZEN.hidden)
    assert head.classify(torch.zeros(4, FROZEN.hidden)).shape == (4, 3)


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory):
    """A tiny transformer in a folder, as one that was trained before lies there."""
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("encoder") / "tiny"
    config = BertConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, vocab_size=99)
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return encoder_from(str(folder))


@pytest.mark.parametrize("recipe", [FINE_TUNED, replace(FINE_TUNED, training_mode_at_start=False)])
def test_a_pretrained_transformer_drops_out_units_from_its_first_step_on_unless_its_recipe_is_an_older_one(
    pretrained, recipe
):
    trainer = TrialTrainer(
        encoder=pretrained,
        recipe=recipe,
        num_classes=2,
        inputs={"train": TokenInputs(np.arange(8, dtype=np.int32), np.array([0, 4, 8]), 0, np.arange(2))},
        noisy_labels=np.array([0, 1]),
        shared_seed=("test",),
        own_seed=("test", "own"),
        device="cpu",
    )
    layers = list(trainer.networks(1)[0].transformer.modules())
    assert {layer.training for layer in layers} == {recipe.training_mode_at_start}


@pytest.mark.parametrize(
    ("kind", "attention", "takes"), [("bert", "sdpa", True), ("bert", "eager", False), ("gpt2", "sdpa", False)]
)
def test_a_ready_mask_is_for_transformers_that_use_it_as_it_is(kind, attention, takes):
    config = SimpleNamespace(model_type=kind, _attn_implementation=attention, hidden_size=4)
    network = TransformerClassifier(SimpleNamespace(config=config), 2, FINE_TUNED)
    assert network.takes_ready_masks is takes
