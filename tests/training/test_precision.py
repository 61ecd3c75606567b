"""Precision and batch size as choices: what they change, where they are refused and
what they leave as it is.
"""

from pathlib import Path

import numpy as np
import pytest
import torch

from benchmark.analysis.comparability import comparable_groups
from benchmark.analysis.frame import tidy
from benchmark.conformance.worlds import world
from benchmark.contracts import BenchmarkError, method_from
from benchmark.experiment.choices import Choices
from benchmark.experiment.expansion import expand
from benchmark.experiment.grid import load_grid
from benchmark.speed.made_records import made_record
from benchmark.training import precision
from benchmark.training.encoders.names import encoder_from
from benchmark.training.encoders.networks import build_network
from benchmark.training.recipes import FROM_SCRATCH, FROZEN
from benchmark.trial.artefacts.encoded_texts import inputs_of
from benchmark.trial.artefacts.keys import artefact_keys
from benchmark.trial.run import make_trainer
from benchmark.trial.task import TrialTask

AXES = {"methods": ["gce"], "noises": ["symmetric(0.4)"], "seeds": 1}


def trials(encoder="scratch:tiny", corpora=("apidocs",), **choices):
    return expand(load_grid("demo"), Choices(**AXES, encoders=[encoder], corpora=corpora, **choices))


@pytest.fixture
def processor(tmp_path, monkeypatch):
    """Makes this machine's processor one with the given flags."""

    def with_flags(flags):
        path = tmp_path / "cpuinfo"
        path.write_text(f"processor : 0\nflags\t\t: fpu sse {flags}\n")
        monkeypatch.setattr(precision, "CPU_INFO", path)

    return with_flags


@pytest.mark.parametrize("choice", [{"precision": "float32"}, {"batch_size": FROM_SCRATCH.batch_size}])
def test_the_default_given_by_name_leaves_the_id(choice):
    assert [config.id for config in trials(**choice)] == [config.id for config in trials()]


@pytest.mark.parametrize("choice", [{"precision": "bfloat16"}, {"batch_size": 64}])
def test_another_value_changes_the_id(choice):
    assert trials(**choice)[0].id != trials()[0].id


def test_the_batch_size_counts_the_steps_of_a_training():
    (config,) = trials(batch_size=64)
    assert config.recipe["batch_size"] == 64


@pytest.mark.parametrize("choice", [{"precision": "bfloat16"}, {"batch_size": 64}])
def test_tables_keep_another_value_apart_on_other_corpora_too(choice):
    configs = [*trials(corpora=("apidocs",), **choice), *trials(corpora=("trec",))]
    kept = comparable_groups(tidy([made_record(config) for config in configs]))
    assert len(kept.settings) == 2


def test_features_are_made_anew_in_another_precision():
    names = [
        artefact_keys(config).inputs for config in (*trials("frozen:x"), *trials("frozen:x", precision="bfloat16"))
    ]
    assert names[0] != names[1]


def test_token_ids_serve_every_precision():
    names = {artefact_keys(config).inputs for config in (*trials(), *trials(precision="bfloat16"))}
    assert len(names) == 1


def embedded(value):
    torch.manual_seed(0)
    network = build_network(encoder_from("scratch:tiny"), FROM_SCRATCH.varied(precision=value), 3, None).eval()
    ids = torch.arange(2, 18).reshape(2, 8)
    return network.embed({"input_ids": ids, "attention_mask": torch.ones_like(ids)})


def test_bfloat16_moves_an_embedding_by_less_than_its_rounding():
    exact, rounded = embedded("float32"), embedded("bfloat16")
    assert not torch.equal(exact, rounded)
    torch.testing.assert_close(exact, rounded, atol=0.05, rtol=0.05)


def test_products_of_a_pass_are_in_bfloat16():
    network = build_network(encoder_from("scratch:tiny"), FROM_SCRATCH.varied(precision="bfloat16"), 3, None)
    seen = []
    layer = network.transformer.encoder.layer[0].intermediate.dense
    layer.register_forward_hook(lambda module, given, found: seen.append(found.dtype))
    ids = torch.arange(2, 18).reshape(2, 8)
    network.embed({"input_ids": ids, "attention_mask": torch.ones_like(ids)})
    assert seen == [torch.bfloat16]


@pytest.mark.parametrize(("here", "has", "allowed"), [(True, True, True), (True, False, False), (False, True, False)])
def test_a_gpu_may_not_imitate_bfloat16(monkeypatch, processor, here, has, allowed):
    processor("amx_bf16" if not allowed else "")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: here)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: has or including_emulation)
    assert precision.has_bfloat16("cuda:0") is allowed


def test_a_trial_is_refused_where_it_runs_by_a_processor_without_the_instructions(processor):
    processor("avx512f")
    made = world(train=32, test=24).trial_inputs
    task = TrialTask(config=trials(precision="bfloat16")[0], artefacts=Path())
    with pytest.raises(BenchmarkError, match="avx512_bf16"):
        make_trainer(task, method_from("gce"), made, keep_embeddings=False)


def test_features_are_made_in_the_precision_of_the_recipe(monkeypatch):
    asked = []
    monkeypatch.setattr(
        "benchmark.features.embedding.features_of", lambda *given: asked.append(given) or np.ones((1, 2), np.float32)
    )
    inputs_of(encoder_from("frozen:x"), ["a text"], FROZEN.varied(precision="bfloat16"), "cpu")
    assert asked[0][4] == "bfloat16"


def test_embeddings_stay_in_float32():
    assert embedded("bfloat16").dtype == torch.float32


@pytest.mark.parametrize("flags", ["avx512_bf16", "amx_bf16 amx_tile"])
def test_a_processor_with_the_instructions_may_use_them(processor, flags):
    processor(flags)
    precision.check_precision("bfloat16", "cpu")


def test_a_processor_without_the_instructions_is_refused(processor):
    processor("avx512f")
    with pytest.raises(BenchmarkError, match="avx512_bf16"):
        precision.check_precision("bfloat16", "cpu")


def test_a_system_that_lists_no_instructions_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(precision, "CPU_INFO", tmp_path / "none")
    with pytest.raises(BenchmarkError, match="bfloat16"):
        precision.check_precision("bfloat16", "cpu")


def test_float32_is_for_every_processor(processor):
    processor("")
    precision.check_precision("float32", "cpu")


def run_words(folder, *more):
    small = ("--methods", "cross_entropy", "--corpora", "apidocs", "--noises", "symmetric(0.4)", "--seeds", "0,")
    limits = ("--encoder", "scratch:tiny", "--limit-examples", "16", "--epochs", "1", "--executor", "inline")
    return ("run", "--out", str(folder), *small, *limits, *more)


def test_a_run_is_refused_before_it_starts(processor, refused, tmp_path):
    processor("avx512f")
    said = refused(*run_words(tmp_path / "run", "--precision", "bfloat16"))
    assert "avx512_bf16" in said


def test_a_run_on_a_gpu_that_is_not_there_is_told_of_the_gpu_and_not_of_its_precision(refused, tmp_path, monkeypatch):
    monkeypatch.setattr("benchmark.running.executors.resources.gpus", lambda: 0)
    said = refused(*run_words(tmp_path / "run", "--precision", "bfloat16", "--gpu"))
    assert "--gpu asks for 1 and this machine has 0" in said


def test_a_run_trains_with_both_choices(processor, command, tmp_path):
    processor("amx_bf16")
    ended = command(*run_words(tmp_path / "run", "--precision", "bfloat16", "--batch-size", "8"))
    assert ended.code == 0
