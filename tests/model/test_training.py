"""A kept model is what the trial had, and it says the same after it was saved."""

import re
from dataclasses import replace

import numpy as np
import pytest

from benchmark.contracts import BenchmarkError, methods
from benchmark.model.files import load_model, save_model
from benchmark.model.request import config_of_table
from benchmark.model.training import train_model
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.schema import pack_bits
from benchmark.training.encoders.names import encoder_from
from benchmark.trial.inputs import load_trial_inputs
from benchmark.trial.metrics import negative_log_likelihood
from benchmark.trial.run import run_trial
from benchmark.trial.task import TrialTask
from tests.support.cache import keep_in

REFUSED = {"linear_probe", "majority"}
REFUSED |= {"clean_few", "clean_upper_bound", "noise_oracle_drop"}
COLUMNS = {"text_columns": ["words"], "label_column": "label"}
needs_minilm = pytest.mark.skipif(not encoder_from("frozen:minilm").at_hand(), reason="minilm is not installed")


def trained(table, tmp_path, method, encoder):
    config, _ = config_of_table(table, method, encoder, 0, COLUMNS, {"epochs": 2})
    artefacts = ArtefactCache(tmp_path / "artefacts")
    return config, artefacts, train_model(config, artefacts, ["words"])


@pytest.mark.parametrize(
    ("method", "encoder"),
    [
        pytest.param("jocor", "frozen:minilm", marks=needs_minilm),
        ("cr", "scratch:tiny"),
        pytest.param("dygen", "frozen:minilm", marks=needs_minilm),
        pytest.param("dygen[trajectory=last-1]", "frozen:minilm", marks=needs_minilm),
        ("sidyp", "scratch:tiny"),
        ("cr_npc", "scratch:tiny"),
    ],
)
def test_predictions_are_those_of_the_trial_to_the_bit_and_stay_so_when_saved(table, tmp_path, method, encoder):
    config, artefacts, model = trained(table, tmp_path, method, encoder)
    record = run_trial(TrialTask(config=config, artefacts=artefacts.root))
    chosen = record.selections["noisy_valid"]
    assert (chosen.stage, chosen.fraction) == model.about.point
    trial_inputs = load_trial_inputs(config, artefacts)
    texts, labels = trial_inputs.noisy.test.texts, trial_inputs.noisy_test_labels
    predicted = model.predict_proba(texts)
    assert pack_bits(predicted.argmax(1) == labels) == chosen.correct
    assert negative_log_likelihood(predicted, labels) == chosen.metrics["noisy_test_nll"]
    save_model(model, tmp_path / "model")
    np.testing.assert_array_equal(load_model(tmp_path / "model").predict_proba(texts), predicted, strict=True)


@pytest.mark.parametrize(
    ("method", "encoder", "instead"),
    [
        ("dygen", "minilm", "--encoder frozen:minilm, or 'cr'"),
        ("sidyp", "minilm", "--encoder frozen:minilm, or 'cr'"),
        ("dygen[until=prior]", "scratch:tiny", "'cr'"),
    ],
)
def test_a_second_stage_that_needs_more_than_weights_is_refused_before_it_trains(table, method, encoder, instead):
    with pytest.raises(BenchmarkError, match=f"{re.escape(repr(method))}.*Name {instead}"):
        config_of_table(table, method, encoder, 0, COLUMNS, {})


def test_a_second_model_of_another_version_of_its_method_is_refused(table, tmp_path):
    model = trained(table, tmp_path, "npc", "scratch:tiny")[2]
    other = replace(model, about=model.about.model_copy(update={"second": 1_000}))
    with pytest.raises(BenchmarkError, match=r"version 1000 of 'npc'"):
        other.predict_proba(["a text"])


def test_a_method_that_predicts_by_something_else_is_refused_by_name(table, tmp_path):
    with pytest.raises(BenchmarkError, match="'majority'"):
        trained(table, tmp_path, "majority", "scratch:tiny")


def test_another_encoder_under_the_same_name_is_refused(table, tmp_path):
    model = trained(table, tmp_path, "cross_entropy", "scratch:tiny")[2]
    other = type(model)(model.about.model_copy(update={"encoder_weights": "0123"}), model.weights)
    with pytest.raises(BenchmarkError, match="0123"):
        other.predict_proba(["a text"])


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("shared")


@pytest.fixture
def shared_artefacts(shared_folder, monkeypatch):
    """What all methods share on the table, made once, as are the features of texts."""
    keep_in(shared_folder / "cache", monkeypatch)
    return ArtefactCache(shared_folder / "artefacts")


@needs_minilm
@pytest.mark.parametrize("method", sorted(methods))
def test_every_method_is_kept_as_it_was_evaluated_or_refused_by_name(model_table, shared_artefacts, method):
    try:
        config, _ = config_of_table(model_table, method, "frozen:minilm", 0, COLUMNS, {"epochs": 1})
        model = train_model(config, shared_artefacts)
    except BenchmarkError as refusal:
        assert method in REFUSED
        assert f"'{method}" in str(refusal)
        return
    trial_inputs = load_trial_inputs(config, shared_artefacts)
    found = negative_log_likelihood(model.predict_proba(trial_inputs.noisy.test.texts), trial_inputs.noisy_test_labels)
    assert found == model.about.metrics["noisy_test_nll"]
    assert method not in REFUSED
