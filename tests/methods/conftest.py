"""Golden cases and stand-ins that the tests of methods share."""

import contextlib
import types
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmark.conformance.surroundings import restored
from benchmark.training.batch import TrainBatch

GOLDEN = Path(__file__).parent / "golden", Path(__file__).parent / "shared" / "golden"


def pytest_configure(config):
    config.addinivalue_line("markers", "golden(name): one test a case of golden/<name>.npz, given as `case`")


def pytest_generate_tests(metafunc):
    marker = metafunc.definition.get_closest_marker("golden")
    if marker is None:
        return
    (path,) = (folder / f"{marker.args[0]}.npz" for folder in GOLDEN if (folder / f"{marker.args[0]}.npz").exists())
    with np.load(path, allow_pickle=False) as stored:
        arrays = dict(stored)
    cases = []
    for number in range(int(arrays["n_cases"])):
        prefix = f"case{number}_"
        case = {key.removeprefix(prefix): value for key, value in arrays.items() if key.startswith(prefix)}
        cases.append(pytest.param(case, id=str(case.get("tag", number))))
    metafunc.parametrize("case", cases)


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
