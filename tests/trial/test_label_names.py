"""The names of the classes as texts: encoded for methods that declare the need of them,
and shown to no other.
"""

import dataclasses

import numpy as np
import pytest
import torch

from benchmark.conformance.results import _task
from benchmark.conformance.worlds import world
from benchmark.contracts import Method, Need, method_from, noise_from
from benchmark.corpora.corpus import Corpus, Split
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.config import TrialConfig, noise_fields
from benchmark.running.executors.shipping import names_of
from benchmark.training.encoders.encoding import tokenise
from benchmark.training.encoders.names import encoder_from
from benchmark.training.recipes import FROM_SCRATCH
from benchmark.trial.artefacts.keys import artefact_keys
from benchmark.trial.inputs import load_trial_inputs
from benchmark.trial.prepare import prepare
from benchmark.trial.run import make_trainer
from benchmark.trial.task import TrialTask

SCRATCH = "scratch:tiny"


@dataclasses.dataclass(frozen=True, repr=False)
class Needy(Method):
    """A method that needs what it is told to."""

    name = "needy"

    granted: tuple[Need, ...] = ()

    def needs(self):
        return frozenset(self.granted)

    def __str__(self):
        return self.name


def config_of(method):
    return TrialConfig(
        method=method,
        method_version=1,
        corpus="toy",
        card="none",
        **noise_fields(noise_from("symmetric(0.4)")),
        encoder=SCRATCH,
        weights="none",
        recipe=FROM_SCRATCH.as_config(),
        seed=0,
    )


@pytest.fixture
def prepared(tmp_path, monkeypatch):
    """Prepares the artefacts of one trial; gives what is said and what is loaded."""
    labels = np.arange(30) % 3
    ids, texts = (tuple(f"{kind} {row}" for row in range(30)) for kind in ("id", "text"))
    splits = {
        name: Split(tuple(f"{name} {one}" for one in ids), texts, labels, {}) for name in ("train", "valid", "test")
    }
    corpus = Corpus("toy", ("sci.med", "Cause-Effect", "wide_open"), splits)
    monkeypatch.setattr("benchmark.trial.artefacts.corpus.load_corpus", lambda name: corpus)

    def load(method):
        config, artefacts, said = config_of(method), ArtefactCache(tmp_path), []
        prepare([config], artefacts, "cpu", said.append)
        return said, load_trial_inputs(config, artefacts)

    return load


def test_names_are_encoded_as_the_words_that_they_are_made_of(prepared):
    _, trial_inputs = prepared("osa")
    tokens, starts, _ = tokenise(encoder_from(SCRATCH), ["sci med", "Cause Effect", "wide open"], 64)
    assert len(trial_inputs.label_name_inputs) == 3
    for row in range(3):
        shown = trial_inputs.label_name_inputs.batch(np.array([row]), torch.device("cpu"))["input_ids"][0]
        assert shown.tolist() == tokens[starts[row] : starts[row + 1]].tolist()


def test_a_method_that_does_not_need_them_has_none_made(prepared):
    said, trial_inputs = prepared("cross_entropy")
    assert trial_inputs.label_name_inputs is None
    assert not [message for message in said if "label names" in message]
    assert [message for message in prepared("osa")[0] if "label names" in message]


def test_they_go_along_with_a_trial_to_another_machine(tmp_path):
    tasks = {name: TrialTask(config=config_of(name), artefacts=tmp_path) for name in ("osa", "cross_entropy")}
    name = artefact_keys(tasks["osa"].config).label_names
    assert name in names_of(tasks["osa"])
    assert len(names_of(tasks["osa"])) == len(names_of(tasks["cross_entropy"])) + 1


def trainer_for(granted):
    here, method = world(), Needy(granted)
    return make_trainer(_task(method_from("cross_entropy"), here), method, here.trial_inputs, keep_embeddings=False)


def test_a_method_that_declares_the_need_may_look_at_them():
    assert trainer_for((Need.LABEL_NAMES,)).frozen_embeddings("label_names").shape == (3, 16)


@pytest.mark.parametrize("granted", [(), (Need.TEST_TEXTS,)])
def test_a_method_that_does_not_may_not(granted):
    with pytest.raises(KeyError, match="label_names"):
        trainer_for(granted).frozen_embeddings("label_names")


@pytest.mark.parametrize("split", ["train", "valid"])
def test_texts_before_training_are_those_of_the_split_asked_for(split):
    here, trainer = world(), trainer_for(())
    inputs = getattr(here.trial_inputs, f"{split}_inputs")
    expected = trainer.represent(inputs.batch(np.arange(len(inputs)), trainer.device))
    np.testing.assert_allclose(trainer.frozen_embeddings(split), expected, atol=1e-6)
