"""Temporary folders of runs: short enough for sockets, gone after the run, or after the
next one.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.running.executors import scratch


@pytest.fixture
def only(tmp_path, monkeypatch):
    monkeypatch.setattr(scratch, "bases", lambda: [tmp_path])
    return tmp_path


def test_a_folder_lasts_as_long_as_its_run(only):
    with scratch.scratch_folder(200) as folder:
        scratch.remove_leftovers()
        assert folder.is_dir()
    assert list(only.iterdir()) == []


def test_the_folder_of_a_killed_run_is_removed(only):
    code = (
        "import os, sys, pathlib\nfrom benchmark.running.executors import scratch\n"
        "scratch.bases = lambda: [pathlib.Path(sys.argv[1])]\n"
        "with scratch.scratch_folder(200): os._exit(1)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(only)], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    assert len(list(only.iterdir())) == 1
    scratch.remove_leftovers()
    assert list(only.iterdir()) == []


def test_a_folder_into_which_somebody_still_writes_is_removed_by_the_next_run(only, monkeypatch):
    folder = only / f"{scratch.PREFIX}killed"
    (folder / "session").mkdir(parents=True)
    (folder / scratch.LOCK).touch()
    remove = shutil.rmtree

    def remove_and_write_again(path, ignore_errors):
        remove(path)
        (folder / "session").mkdir(parents=True)

    with monkeypatch.context() as busy:
        busy.setattr(scratch.shutil, "rmtree", remove_and_write_again)
        scratch.remove_leftovers()
    scratch.remove_leftovers()
    assert list(only.iterdir()) == []


def test_a_folder_that_is_not_a_runs_stays(only):
    (only / f"{scratch.PREFIX}kept").mkdir()
    (only / f"{scratch.PREFIX}link").symlink_to(only)
    scratch.remove_leftovers()
    assert len(list(only.iterdir())) == 2


def test_a_path_too_long_for_sockets_is_passed_over(tmp_path, monkeypatch):
    deep = tmp_path / ("d" * 60)
    deep.mkdir()
    monkeypatch.setenv("TMPDIR", str(deep))
    assert scratch.bases()[0] == deep
    with scratch.scratch_folder(40) as folder:
        assert len(os.fsencode(folder)) <= 40
        assert folder.parent in (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))
    monkeypatch.setattr(scratch, "bases", lambda: [deep, tmp_path / "absent"])
    with scratch.scratch_folder(40) as folder:
        assert folder is None
    assert list(deep.iterdir()) == []
