"""The check of a device by two tiny trainings, here on the CPU."""

import dataclasses

import numpy as np
import pytest
import torch

from benchmark.conformance import gpu as gpu_module
from benchmark.conformance.gpu import check_device


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(gpu_module, "RECIPE", dataclasses.replace(gpu_module.RECIPE, epochs=1))


def test_a_cpu_gives_the_same_bits_twice(short):
    assert [found.good for found in check_device("cpu")] == [True, True, True]


def test_other_bits_plain_passes_and_another_end_are_found(monkeypatch):
    ends = iter([(np.zeros(3), "RuntimeError: no capture"), (np.full(3, 0.5), ""), (np.ones(3), "")])
    monkeypatch.setattr(gpu_module, "_trained", lambda device, plainly=False: next(ends))
    found = check_device("cpu")
    assert [one.good for one in found] == [False, False, False]
    assert "no capture" in found[1].text


def test_the_check_moves_no_random_stream(short):
    state = torch.get_rng_state()
    check_device("cpu")
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
def test_a_gpu_passes_the_check():
    assert {found.text: found.good for found in check_device() if not found.good} == {}
