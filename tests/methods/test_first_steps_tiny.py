"""A committed fingerprint of trainings of `scratch:tiny` by some methods: what a
change of the transformer's arithmetic or of its random streams moves.

    BENCHMARK_REFRESH=first_steps_tiny pytest tests/methods/test_first_steps_tiny.py
"""

import dataclasses
import json
import os
from pathlib import Path

import numpy as np
import pytest

from benchmark.conformance.worlds import world
from benchmark.contracts import method_from
from benchmark.records.config import TrialConfig
from benchmark.training.inputs import TokenInputs
from benchmark.training.recipes import FROM_SCRATCH
from benchmark.trial.run import follow
from benchmark.trial.task import TrialTask

STORED = Path(__file__).parent / "first_steps_tiny.json"
REFRESH = os.environ.get("BENCHMARK_REFRESH") == "first_steps_tiny"
CHOSEN = ("cross_entropy", "gce", "elr", "co_teaching", "lnsr", "cr", "selfmix")
"""Methods that read the transformer in different ways: once, twice, by several
networks, by its layers.
"""
RECIPE = dataclasses.replace(FROM_SCRATCH, epochs=2, batch_size=8, points=1)
TEXTS = 3
TOLERANCE = {"rtol": 1e-3, "atol": 1e-4}


def token_inputs(inputs):
    """Texts of 5 to 12 tokens, those of a class from a vocabulary of its own."""
    lengths = 5 + np.arange(len(inputs)) % 8
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    words = np.asarray(inputs.features[inputs.chosen]).argmax(axis=1)
    tokens = 2 + np.repeat(words, lengths) * 50 + np.arange(starts[-1]) % 50
    return TokenInputs(tokens.astype(np.int32), starts, 0, np.arange(len(inputs)))


def first_steps(name):
    """Probabilities of three test texts at the end."""
    method = method_from(name)
    made = world(train=32, test=24, recipe=RECIPE).trial_inputs
    splits = ("train_inputs", "valid_inputs", "test_inputs")
    made = dataclasses.replace(made, **{split: token_inputs(getattr(made, split)) for split in splits})
    config = TrialConfig(
        method=str(method), method_version=method.version, corpus=made.corpus.name, card="none",
        noise=made.noisy.manifest.noise, noise_version=1, encoder="scratch:tiny", weights="none",
        recipe=RECIPE.as_config(), seed=0,
    )  # fmt: skip
    evaluator, _ = follow(TrialTask(config=config, artefacts=Path()), method, made)
    return np.round(evaluator.last_test[:TEXTS].astype(float), 5).tolist()


def read():
    return json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}


@pytest.mark.parametrize("name", CHOSEN)
def test_first_steps_of_the_tiny_transformer_stay(name):
    found = first_steps(name)
    if REFRESH:
        content = read() | {name: found}
        lines = (f"{json.dumps(known)}: {json.dumps(content[known])}" for known in sorted(content))
        STORED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    moved = f"The training of {name} over scratch:tiny moved; a change of its stream belongs into the recipe"
    np.testing.assert_allclose(found, read()[name], **TOLERANCE, err_msg=moved)


def test_every_stored_method_is_looked_at():
    assert sorted(read()) == sorted(CHOSEN)
