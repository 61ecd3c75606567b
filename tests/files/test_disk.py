"""Trouble with the disk is one message wherever a file is written, and what was whole
before stays.
"""

import errno
import os
from pathlib import Path

import pytest

from benchmark.analysis.files import write_bytes
from benchmark.contracts import BenchmarkError
from benchmark.corpora.folders import write_to_cache
from benchmark.files.disk import DISK_TROUBLE, disk_errors, disk_message
from benchmark.files.durable import write_whole
from benchmark.records.run_folder import RunFolder

LOST_BY_NUMPY = OSError("131072 requested and 40960 written")


@pytest.mark.parametrize("number", DISK_TROUBLE)
def test_what_the_system_says_is_said_with_the_path(number):
    with pytest.raises(BenchmarkError) as error, disk_errors(Path("some/where")):
        raise OSError(number, os.strerror(number))
    assert "some/where" in str(error.value)
    assert DISK_TROUBLE[number] in str(error.value)


def test_what_numpy_could_not_write_is_a_full_disk():
    with pytest.raises(BenchmarkError, match="the disk is full"), disk_errors(Path("x")):
        raise LOST_BY_NUMPY


def test_trouble_of_another_kind_is_not_called_the_disk_s():
    with pytest.raises(ConnectionError), disk_errors(Path("x")):
        raise ConnectionError("the hub is away")


@pytest.mark.parametrize("write", [write_bytes, write_whole])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EFBIG])
def test_a_file_that_cannot_be_written_leaves_the_old_one_and_nothing_else(tmp_path, monkeypatch, write, number):
    path = tmp_path / "report.html"
    write(path, b"old")

    def fail(self, *arguments):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(BenchmarkError, match="Cannot write"):
        write(path, b"new")
    assert path.read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.parametrize("place", ["file/below", "file"])
def test_a_cache_that_cannot_be_written_is_done_without(tmp_path, place):
    (tmp_path / "file").write_text("")
    write_to_cache(tmp_path / place / "hashes.json", "{}")
    assert (tmp_path / "file").read_text() == ""


def test_an_error_that_nothing_nearer_explained_names_the_file_and_the_reason():
    message = disk_message(PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/some/file"))
    assert "/some/file" in message
    assert "may not be written" in message
    assert "temporary directory" in disk_message(FileNotFoundError(errno.ESRCH, "No usable temporary directory"))


@pytest.mark.parametrize("what", ["report", "report/report.html"])
def test_a_report_folder_that_cannot_be_written_is_said_and_the_records_stay(refused, run_copy, what):
    path = run_copy / what
    path.parent.mkdir(exist_ok=True)
    if what == "report":
        path.write_text("")
    else:
        path.mkdir()
    assert str(path) in refused("report", run_copy)
    assert len(RunFolder(run_copy).read().records) == 4


def test_a_full_disk_while_features_are_prepared_is_said(refused, tmp_path, tiny, monkeypatch):
    def fail(*arguments):
        raise LOST_BY_NUMPY

    monkeypatch.setattr("numpy.save", fail)
    message = refused(
        "run", *tiny, "--executor", "serial", "--methods", "gce", "--seeds", "1", "--out", tmp_path / "run"
    )
    assert "the disk is full" in message
    assert str(tmp_path / "run") in message


def test_no_folder_for_temporary_files_is_said(refused, monkeypatch):
    def missing():
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/none']")

    monkeypatch.setattr("tempfile.gettempdir", missing)
    monkeypatch.setattr("tempfile.mkdtemp", lambda *parts: missing())
    assert "/none" in refused("speed", "--quick", "--lines", "a")
