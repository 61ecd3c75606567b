"""Texts are never cut later than the encoder has places for tokens."""

import json

import pytest

from benchmark.contracts import BenchmarkError
from benchmark.corpora import catalogue
from benchmark.training.encoders.names import Encoder, encoder_from
from benchmark.training.encoders.positions import SCRATCH_POSITIONS, check_tokens, positions_of

BERT = {"model_type": "bert", "max_position_embeddings": 512, "pad_token_id": 0}


def encoder_at(folder, config):
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"")
    (folder / "config.json").write_text(config if isinstance(config, str) else json.dumps(config))
    return Encoder(name=str(folder), kind="fine-tuned", base=str(folder))


@pytest.mark.parametrize(
    ("config", "positions"),
    [
        (BERT, 512),
        (BERT | {"model_type": "roberta", "max_position_embeddings": 514, "pad_token_id": 1}, 512),
        (BERT | {"model_type": "deberta-v2", "position_biased_input": False}, None),
        ({"model_type": "t5"}, None),
        ("{", None),
        ("[]", None),
    ],
)
def test_positions_are_read_from_the_encoder_s_configuration(tmp_path, config, positions):
    assert positions_of(encoder_at(tmp_path / "encoder", config)) == positions


def test_an_encoder_that_is_not_at_hand_is_looked_at_later():
    assert positions_of(encoder_from("frozen:some-group/no-such-encoder")) is None


def test_the_encoder_of_random_weights_has_the_positions_that_are_said():
    from benchmark.training.encoders.networks import scratch_transformer

    assert scratch_transformer(0.0).config.max_position_embeddings == SCRATCH_POSITIONS


def test_the_last_position_is_allowed_and_the_next_is_not(tmp_path):
    encoder = encoder_at(tmp_path / "encoder", BERT)
    check_tokens(encoder, 512, "own")
    with pytest.raises(BenchmarkError, match=r"513.*512"):
        check_tokens(encoder, 513, "own")


@pytest.mark.parametrize("encoder", ["frozen:minilm", "minilm", "scratch:tiny"])
@pytest.mark.parametrize("verb", ["run", "plan"])
def test_more_tokens_than_positions_are_refused_before_anything_starts(refused, tmp_path, monkeypatch, verb, encoder):
    monkeypatch.setattr(catalogue, "_own", {})
    data = tmp_path / "own.csv"
    data.write_text("text,label\n" + "good one,a\nbad one,b\n" * 20)
    own = ("--data", data, "--text-column", "text", "--label-column", "label")
    message = refused(
        verb, *own, "--max-tokens", "700", "--encoder", encoder, "--seeds", "1", "--out", tmp_path / "run"
    )
    assert "700" in message
    assert "512" in message
    assert not (tmp_path / "run").exists()
