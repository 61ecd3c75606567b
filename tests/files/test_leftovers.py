"""Temporary files of dead processes vanish, and those of living ones stay."""

import os
import socket
import subprocess
import sys

from benchmark.analysis.files import write_bytes
from benchmark.corpora.hashes import sha256_of
from benchmark.files import leftovers
from benchmark.files.leftovers import remove_leftovers, temporary_beside

DEAD = 2**22 + 1
"""Above the largest process number of Linux."""


def named(path, process):
    return path.with_name(temporary_beside(path).name.replace(f"-{os.getpid()}.", f"-{process}."))


def test_files_and_folders_of_dead_processes_are_removed_and_others_stay(tmp_path):
    left, mine = named(tmp_path / "report.html", DEAD), temporary_beside(tmp_path / "report.html")
    folder = named(tmp_path / "download", DEAD)
    other = tmp_path / ".report.html.ffffff-1.tmp"
    users = [tmp_path / name for name in ("notes.tmp", ".hidden", ".a.tmp", "report.html")]
    for path in (left, mine, other, *users):
        path.write_text("")
    folder.mkdir()
    (folder / "part").write_text("")
    remove_leftovers(tmp_path, tmp_path / "none")
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in (mine, other, *users)}


def test_what_another_machine_left_goes_by_age(tmp_path):
    old, new = tmp_path / ".a.ffffff-1.tmp", tmp_path / ".b.ffffff-1.tmp"
    for path in (old, new):
        path.write_text("")
    os.utime(old, (0, 0))
    remove_leftovers(tmp_path)
    assert not old.exists()
    assert new.exists()


def test_a_name_tells_machines_apart(tmp_path, monkeypatch):
    here = temporary_beside(tmp_path / "a")
    monkeypatch.setattr(socket, "gethostname", lambda: "elsewhere")
    leftovers._machine.cache_clear()
    there = temporary_beside(tmp_path / "a")
    leftovers._machine.cache_clear()
    assert here != there


def test_a_long_name_leaves_room_for_the_process(tmp_path):
    path = tmp_path / ("a" * 250)
    write_bytes(path, b"x")
    assert path.read_bytes() == b"x"


def test_a_killed_writer_is_told_by_its_file(tmp_path):
    code = (
        "import os, pathlib\nfrom benchmark.files.leftovers import temporary_beside\n"
        f"temporary_beside(pathlib.Path({str(tmp_path / 'a')!r})).write_text('half')\nos.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == -9
    assert len(list(tmp_path.iterdir())) == 1
    remove_leftovers(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_run_and_a_report_remove_what_dead_ones_left(command, run_copy, two_methods, monkeypatch, tmp_path):
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("benchmark.corpora.hashes._known", {})
    places = [run_copy / "run.json", run_copy / "report" / "report.html", run_copy / "report" / "figures" / "a.png"]
    places += [run_copy / "quarantine" / "a.json", run_copy / "records" / "a.json", tmp_path / "cache" / "hashes.json"]
    places += [tmp_path / "cache" / "files" / "0a" / "corpus.zip"]
    left = [named(place, DEAD) for place in places]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    sha256_of(run_copy / "run.json")
    assert command("run", *two_methods, "--executor", "serial", "--out", run_copy).code == 0
    assert not [path for path in left if path.exists()]
