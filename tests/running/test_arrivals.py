"""What the user is told of records as they arrive."""

import contextlib
from types import SimpleNamespace

from benchmark.running.arrivals import Arrivals
from benchmark.training.gpu import PLAIN_PASSES
from tests.support.records import Factory


def told_of(devices):
    """Warnings after one record from each device."""
    told = []
    listener = SimpleNamespace(warn=told.append, finished=lambda record: None)
    keeper, stopper = SimpleNamespace(keep=lambda record: None), SimpleNamespace(whole=contextlib.nullcontext)
    arrivals = Arrivals({}, keeper, stopper, listener, fail_fast=False)
    for seed, device in enumerate(devices):
        record = Factory().record("gce", seed=seed)
        arrivals.take(record.model_copy(update={"costs": record.costs.model_copy(update={"device": device})}))
    return told


def test_plain_passes_on_a_gpu_are_said_once_with_their_reason():
    (told,) = told_of([f"a GPU ({PLAIN_PASSES}: RuntimeError: no capture)"] * 3)
    assert "no capture" in told


def test_captured_passes_and_a_cpu_are_nothing_to_tell_of():
    assert told_of(["a GPU", "cpu"]) == []
