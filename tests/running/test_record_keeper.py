"""A run whose folder, records or lock somebody removes meanwhile loses nothing that is
finished, and says so.
"""

import os
import re
import shutil

import pytest

from benchmark.contracts import BenchmarkError
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.run_folder import RunFolder
from benchmark.running.record_keeper import Keeper

INLINE = ("--executor", "inline")


@pytest.fixture
def removing(command, two_methods, tmp_path, monkeypatch):
    """Runs four trials, and removes a path of the run's folder in the course of the
    third.
    """

    def run(*parts):
        from benchmark.running.executors import inline

        real, seen, out = inline.run_task, [], tmp_path / "run"

        def trial(task):
            outcome = real(task)
            seen.append(outcome["record"]["trial"])
            if len(seen) == 3:
                path = out.joinpath(*parts)
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            return outcome

        monkeypatch.setattr(inline, "run_task", trial)
        return command("run", *two_methods, *INLINE, "--out", out), out

    return run


def test_records_that_were_removed_are_written_again(removing, content, finished_run):
    ended, out = removing("records")
    assert ended.code == 0
    assert re.search(r"\b[1-4] record\(s\)", ended.err)
    assert content(out) == content(finished_run)


def test_a_record_that_was_removed_after_the_last_trial_is_written_again(run_copy):
    folder, warnings = RunFolder(run_copy), []
    with folder.locked():
        keeper = Keeper(folder, folder.read().records.values(), warnings.append)
        before = {path.name: path.read_bytes() for path in folder.records.iterdir()}
        next(folder.records.iterdir()).unlink()
        keeper.finish()
    assert {path.name: path.read_bytes() for path in folder.records.iterdir()} == before
    assert "1 record(s)" in warnings[0]


def test_a_run_whose_folder_was_removed_stops_with_its_records_written_again(
    removing, command, two_methods, content, finished_run, monkeypatch
):
    ended, out = removing()
    assert ended.code == 2
    assert "Traceback" not in ended.err
    assert f"'{out}' was removed during the run" in " ".join(ended.err.split())
    assert len(content(out)) == 3
    monkeypatch.undo()
    assert command("run", *two_methods, *INLINE, "--out", out).code == 0
    assert content(out) == content(finished_run)


def test_a_lock_that_was_removed_is_taken_again(removing, content, finished_run):
    ended, out = removing(".lock")
    assert ended.code == 0
    assert "lock" in ended.err
    assert (out / ".lock").exists()
    assert content(out) == content(finished_run)


def test_a_run_whose_lock_another_run_has_taken_stops_and_names_it(run_copy):
    folder = RunFolder(run_copy)
    record = next(iter(folder.read().records.values()))
    with folder.locked():
        (run_copy / ".lock").unlink()
        with RunFolder(run_copy).locked(), pytest.raises(BenchmarkError, match=str(os.getpid())):
            Keeper(folder, [], lambda text: None).keep(record)


def test_what_killed_runs_left_half_made_is_removed(tmp_path):
    artefacts = ArtefactCache(tmp_path)
    whole = artefacts.make("corpus-1", lambda folder: (folder / "a").write_text("a"))
    (tmp_path / ".corpus-2.123").mkdir()
    (tmp_path / ".corpus-2.lock").write_text("")
    artefacts.sweep()
    assert [path.name for path in tmp_path.iterdir()] == [whole.name]
