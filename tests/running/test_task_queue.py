"""Shared trainings in a run are made once, read by all and removed in time."""

import json

import pytest

from benchmark.api import run_grid
from benchmark.contracts.trainer import SharedTraining
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.run_folder import RunFolder
from benchmark.running import task_queue
from benchmark.running.task_queue import TaskQueue
from benchmark.training.gpu import PLAIN_PASSES, graphs
from benchmark.training.gpu.ways import Ways
from benchmark.trial import shared_training
from benchmark.trial.costs import PEAKS
from benchmark.trial.shared_training import TrainingTask
from methods.cr import CoRegularization
from methods.shared.co_regularised import CoRegularised
from tests.support.captures import Captures

METHODS = ("cross_entropy", "dygen", "cr", "cr_npc")
FEW = ("cross_entropy", "cr", "cr_npc")
"""Of the three that share a training those whose trials are short."""


def grid(out, methods=METHODS, seeds=2, **options):
    return run_grid(
        out=out,
        methods=methods,
        corpora=("apidocs",),
        noises=("symmetric(0.4)",),
        encoders=("scratch:tiny",),
        seeds=seeds,
        limit_examples=32,
        epochs=2,
        **{"executor": "inline"} | options,
    )


def lose(out, which):
    """Remove some records; gives how many."""
    folder = RunFolder(out)
    paths = [folder.record_path(record.trial) for record in folder.read().records.values() if which(record)]
    for path in paths:
        path.unlink()
    return len(paths)


def trainings(out):
    return sorted(path.name for path in (out / "artefacts").glob("training-*"))


@pytest.fixture(scope="module")
def apart(tmp_path_factory):
    """Records of trials that train for themselves, by method and seed."""
    found = {}
    for method in METHODS:
        outcome = grid(tmp_path_factory.mktemp("apart"), (method,))
        found |= {(record.method, record.seed): record for record in outcome.records}
    return found


@pytest.fixture
def made(monkeypatch):
    """The names of the shared trainings that are made."""
    names, write = [], shared_training._write

    def note(folder, task):
        names.append(task.training)
        write(folder, task)

    monkeypatch.setattr(shared_training, "_write", note)
    return names


def result(record):
    return record.model_dump(exclude={"costs", "provenance"})


def assert_same(records, apart):
    for record in records:
        alone = apart[record.method, record.seed]
        assert result(record) == result(alone)
        assert record.costs.forward_texts == alone.costs.forward_texts
        assert record.costs.backward_texts == alone.costs.backward_texts


def test_trials_that_share_a_training_have_the_records_of_trials_that_do_not(tmp_path, apart, made):
    outcome = grid(tmp_path)
    assert len(outcome.records) == 8
    assert_same(outcome.records, apart)
    assert len(made) == 2
    assert not trainings(tmp_path)


def test_one_training_at_a_time_lies_on_a_disk_that_holds_no_more(tmp_path, apart, made, monkeypatch):
    there = []

    def keep(self, record, recorded=TaskQueue.recorded):
        there.append(trainings(tmp_path))
        recorded(self, record)

    monkeypatch.setattr(task_queue, "MOST_GIB", 1e-9)
    monkeypatch.setattr(TaskQueue, "recorded", keep)
    outcome = grid(tmp_path, FEW)
    assert_same(outcome.records, apart)
    assert len(made) == 2
    assert max(map(len, there)) == 1


def test_a_training_goes_with_the_last_trial_that_reads_it(tmp_path, made, monkeypatch):
    left = []

    def keep(self, record, recorded=TaskQueue.recorded):
        recorded(self, record)
        left.append((record.method, len(trainings(tmp_path))))

    monkeypatch.setattr(TaskQueue, "recorded", keep)
    grid(tmp_path, ("dygen", "cr"), seeds=2)
    assert [count for _, count in left] == [1, 0, 1, 0]


def test_a_run_that_goes_on_makes_only_what_its_trials_read(tmp_path, apart, made):
    grid(tmp_path, FEW)
    lost = lose(tmp_path, lambda record: record.method in ("cr", "cr_npc"))
    made.clear()
    outcome = grid(tmp_path, FEW)
    assert outcome.ran == lost == 4
    assert len(made) == 2
    assert_same(outcome.records, apart)


def test_what_a_killed_run_left_is_read_and_what_is_no_longer_wanted_removed(tmp_path, apart, made, monkeypatch):
    with monkeypatch.context() as killed:
        killed.setattr(TaskQueue, "close", lambda self: None)
        killed.setattr(TaskQueue, "recorded", lambda self, record: None)
        killed.setattr(ArtefactCache, "forget", lambda self, name: None)
        grid(tmp_path, FEW)
    assert len(trainings(tmp_path)) == 2
    lose(tmp_path, lambda record: record.seed == 0)
    made.clear()
    outcome = grid(tmp_path, FEW)
    assert not made
    assert outcome.ran == 3
    assert_same(outcome.records, apart)
    assert not trainings(tmp_path)


def test_trials_of_a_training_that_fails_are_failed_with_its_words(tmp_path, monkeypatch):
    def shared(self, recipe):
        return SharedTraining(Broken(self.networks, self.weight, self.warmup), selectable=True)

    class Broken(CoRegularised):
        def loss(self, batch):
            raise ArithmeticError("loss is not finite")

    monkeypatch.setattr(CoRegularization, "shared_training", shared)
    outcome = grid(tmp_path, ("cross_entropy", "cr", "cr[weight=5.0]", "dygen"), seeds=1)
    failed = {record.method: record.failure for record in outcome.failed}
    assert {record.method for record in outcome.records if record.status == "done"} == {"cross_entropy", "dygen"}
    assert all(failure.error_class == "ArithmeticError" for failure in failed.values())
    assert all("loss is not finite" in failure.message for failure in failed.values())
    assert not trainings(tmp_path)


def test_a_training_damaged_after_it_was_made_is_made_again(tmp_path, apart, made, monkeypatch):
    damaged = []

    def spoil(self, task, failure, trained=TaskQueue.trained):
        trained(self, task, failure)
        if not damaged:
            damaged.append(task.training)
            place = tmp_path / "artefacts" / task.training
            next(place.glob("*-probabilities.npy")).write_bytes(b"nothing")

    monkeypatch.setattr(TaskQueue, "trained", spoil)
    outcome = grid(tmp_path, FEW)
    assert not outcome.failed
    assert_same(outcome.records, apart)
    assert len(made) == 3


def test_a_run_that_is_stopped_leaves_no_training(tmp_path, made):
    outcome = grid(tmp_path, max_hours=1e-9)
    assert outcome.stopped_by is not None
    assert not trainings(tmp_path)


def test_trials_carry_the_peak_memory_of_their_training(tmp_path, monkeypatch):
    memory = json.dumps({"peak_mib": 1e6, "gpu_peak_mib": None})
    monkeypatch.setattr(shared_training, "write_peaks", lambda folder, *given: (folder / PEAKS).write_text(memory))
    outcome = grid(tmp_path, ("cross_entropy", "cr", "cr_npc"), seeds=1)
    peaks = {record.method: record.costs.peak_mib for record in outcome.records}
    assert peaks["cr"] == peaks["cr_npc"] == 1e6
    assert peaks["cross_entropy"] < 1e6


def test_trials_say_why_the_passes_of_their_training_were_plain(tmp_path, monkeypatch):
    captures = Captures(fails_at=1)
    monkeypatch.setattr(graphs, "STEPS_WORTH_A_CAPTURE", 1)
    monkeypatch.setattr(Ways, "on", classmethod(lambda cls, device: captures.ways()))
    outcome = grid(tmp_path, ("cr", "cr_npc"), seeds=1)
    assert len(captures.shapes) == 1
    assert all(PLAIN_PASSES in record.costs.device for record in outcome.records)


def test_a_task_starts_as_soon_as_what_it_reads_is_there(tmp_path, monkeypatch):
    """A worker goes on while another still trains: trials of a training that is made
    come before the next training, and trials that share nothing fill what is left.
    """
    started = []

    def note(self, given=TaskQueue.next):
        task = given(self)
        if task is not None:
            started.append(("training" if isinstance(task, TrainingTask) else task.config.method, task.config.seed))
        return task

    monkeypatch.setattr(TaskQueue, "next", note)
    grid(tmp_path, FEW, seeds=2)
    assert started == [
        *[("training", 0), ("cr", 0), ("cr_npc", 0)],
        *[("training", 1), ("cr", 1), ("cr_npc", 1)],
        *[("cross_entropy", 0), ("cross_entropy", 1)],
    ]


def test_trials_that_share_nothing_start_while_the_disk_holds_no_further_training(tmp_path, monkeypatch):
    monkeypatch.setattr(task_queue, "MOST_GIB", 1e-9)
    given = []

    def ask_on(self, tasks, artefacts, keep, made=TaskQueue.__init__):
        made(self, tasks, artefacts, keep)
        given.extend(iter(self.next, None))

    monkeypatch.setattr(TaskQueue, "__init__", ask_on)
    grid(tmp_path, FEW, seeds=2)
    assert [isinstance(task, TrainingTask) for task in given] == [True, False, False]
    assert {task.config.method for task in given[1:]} == {"cross_entropy"}
