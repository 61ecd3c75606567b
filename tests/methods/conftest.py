"""Golden cases and stand-ins that the tests of methods share."""

import contextlib
import types
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmark.conformance.surroundings import restored
from benchmark.training.batch import TrainBatch
from tests.support.golden_cases import add_marker, parametrize_by_case

HERE = Path(__file__).parent


def pytest_configure(config):
    add_marker(config)


def pytest_generate_tests(metafunc):
    parametrize_by_case(metafunc, HERE / "golden", HERE / "shared" / "golden")


@pytest.fixture(autouse=True)
def _one_thread():
    """Tests that compare bits run on one thread and leave the process as they found
    it.
    """
    with restored():
        torch.set_num_threads(1)
        yield


@pytest.fixture
def batch_of():
    """Makes a training batch whose networks answer with given logits (K, B, C)."""

    def make(logits, labels, *, rows=None, state=None, step=0, total_steps=1):
        networks = [
            types.SimpleNamespace(embed=lambda encoded: encoded, classify=lambda _, k=k: logits[k])
            for k in range(len(logits))
        ]
        return TrainBatch(
            encoded=None,
            rows=torch.arange(len(labels)) if rows is None else rows,
            noisy_labels=labels,
            networks=networks,
            streams=[contextlib.nullcontext] * len(networks),
            epoch=0,
            step=step,
            total_steps=total_steps,
            state=state,
        )

    return make


@pytest.fixture
def leaf():
    """Makes a float64 tensor that collects gradients."""
    return lambda array: torch.tensor(np.asarray(array), dtype=torch.float64, requires_grad=True)


@pytest.fixture
def tensor():
    """Makes a tensor of an array's own type."""
    return lambda array: torch.from_numpy(np.array(array))
