"""Tests that compare bits run on one thread and leave the process as they found it."""

import pytest
import torch

from benchmark.conformance.surroundings import restored


@pytest.fixture(autouse=True)
def _one_thread():
    with restored():
        torch.set_num_threads(1)
        yield
