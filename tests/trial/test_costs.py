"""What a record says of a trial's memory and device."""

import dataclasses
import json
from types import SimpleNamespace

import pytest

import benchmark.trial.costs as costs_module
from benchmark.training.costs import Counts
from benchmark.training.gpu import PLAIN_PASSES
from benchmark.training.gpu.ways import Ways
from benchmark.trial.costs import PEAKS, trial_costs, write_peaks
from benchmark.trial.task import TrialTask


@pytest.fixture
def gpu(monkeypatch):
    """A GPU of which the trial itself has taken 65 MiB."""
    monkeypatch.setattr(costs_module, "peaks", lambda device: (400.0, 65.0))
    monkeypatch.setattr("torch.cuda.get_device_name", lambda: "a GPU")


def trainer(ways=None):
    return SimpleNamespace(counts=Counts(), ways=ways or Ways())


def task(folder, training):
    config = SimpleNamespace(threads=1)
    return TrialTask.model_construct(config=config, artefacts=folder, device="cuda", training=training)


def shared(folder, **memory):
    place = folder / "training-a"
    place.mkdir()
    (place / PEAKS).write_text(json.dumps(memory), encoding="utf-8")


def test_a_trial_that_reads_a_shared_training_takes_the_memory_that_it_took(gpu, tmp_path):
    shared(tmp_path, peak_mib=900.0, gpu_peak_mib=2048.0)
    costs = trial_costs(task(tmp_path, "training-a"), trainer(), 1.0)
    assert (costs.peak_mib, costs.gpu_peak_mib) == (900.0, 2048.0)


def test_a_trial_that_takes_more_than_its_shared_training_says_its_own(gpu, tmp_path):
    shared(tmp_path, peak_mib=300.0, gpu_peak_mib=20.0)
    costs = trial_costs(task(tmp_path, "training-a"), trainer(), 1.0)
    assert (costs.peak_mib, costs.gpu_peak_mib) == (400.0, 65.0)


def test_a_training_by_itself_says_its_own_memory(gpu, tmp_path):
    costs = trial_costs(task(tmp_path, None), trainer(), 1.0)
    assert (costs.peak_mib, costs.gpu_peak_mib) == (400.0, 65.0)


def test_a_shared_training_leaves_its_peaks(gpu, tmp_path):
    write_peaks(tmp_path, "cuda", "")
    found = json.loads((tmp_path / PEAKS).read_text())
    assert (found["peak_mib"], found["gpu_peak_mib"]) == (400.0, 65.0)


def test_a_trial_says_why_the_passes_of_its_shared_training_were_plain(gpu, tmp_path):
    (tmp_path / "training-a").mkdir()
    write_peaks(tmp_path / "training-a", "cuda", "RuntimeError: no capture")
    device = trial_costs(task(tmp_path, "training-a"), trainer(), 1.0).device
    assert device == f"a GPU ({PLAIN_PASSES}: RuntimeError: no capture)"


def test_a_record_says_why_the_passes_of_a_gpu_were_plain(gpu, tmp_path):
    ways = dataclasses.replace(Ways(), trouble="RuntimeError: no capture")
    assert (
        trial_costs(task(tmp_path, None), trainer(ways), 1.0).device
        == f"a GPU ({PLAIN_PASSES}: RuntimeError: no capture)"
    )


def test_a_record_of_captured_passes_names_the_gpu_alone(gpu, tmp_path):
    assert trial_costs(task(tmp_path, None), trainer(), 1.0).device == "a GPU"
