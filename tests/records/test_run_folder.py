import errno
import json
import os
from pathlib import Path

import pytest

from benchmark.contracts import BenchmarkError
from benchmark.files import disk
from benchmark.files.durable import write_whole
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.record_files import parse_record
from benchmark.records.run_folder import RunFolder


def test_a_record_survives_writing_and_reading_to_the_bit(run_copy):
    folder = RunFolder(run_copy)
    before = folder.read().records
    for record in before.values():
        folder.write(record)
    assert folder.read().records == before
    assert len(before) == 4


def test_a_message_with_a_lone_surrogate_can_be_kept(run_copy):
    from benchmark.records.schema import Failure

    folder = RunFolder(run_copy)
    record = next(iter(folder.read().records.values()))
    failure = Failure(error_class="E", message="broken \udcff text", traceback_tail=[])
    folder.write(record.model_copy(update={"status": "failed", "failure": failure}))
    found = folder.read()
    assert not found.damaged
    assert found.records[record.trial].failure == failure


@pytest.mark.parametrize("harm", ["truncated", "empty", "not json", "another's", "unknown key"])
def test_a_damaged_record_is_named_and_not_used(run_copy, harm):
    path = sorted((run_copy / "records").iterdir())[0]
    text = path.read_text()
    if harm == "another's":
        text = sorted((run_copy / "records").iterdir())[1].read_text()
    elif harm == "unknown key":
        text = json.dumps(json.loads(text) | {"surprise": 1})
    else:
        text = {"truncated": text[: len(text) // 2], "empty": "", "not json": "\x00\xff"}[harm]
    path.write_text(text)
    contents = RunFolder(run_copy).read()
    assert tuple(contents.damaged) == (path.name,)
    assert len(contents.records) == 3


def test_damaged_files_go_to_the_quarantine(run_copy):
    folder = RunFolder(run_copy)
    name = sorted((run_copy / "records").iterdir())[0].name
    folder.quarantine_files((name,))
    assert (folder.quarantine / name).exists()
    assert not (folder.records / name).exists()


def test_a_record_is_never_seen_in_part(tmp_path, monkeypatch):
    path = tmp_path / "records" / "a.json"
    write_whole(path, b"old")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BenchmarkError, match=disk.DISK_TROUBLE[errno.ENOSPC]):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in path.parent.iterdir()] == ["a.json"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "may not be written"),
        (errno.EDQUOT, "quota"),
    ],
)
def test_disk_trouble_says_what_is_safe_and_what_to_do(tmp_path, monkeypatch, number, words):
    def fail(*_, **__):
        raise OSError(number, "no")

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(BenchmarkError, match=words) as caught:
        write_whole(tmp_path / "a.json", b"x")
    assert "--out" in str(caught.value)
    assert "stay" in str(caught.value)


def test_an_unknown_trouble_is_not_hidden(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise OSError(errno.EBADF, "no")

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(OSError, match="no"):
        write_whole(tmp_path / "a.json", b"x")


def test_two_drivers_cannot_hold_one_folder(tmp_path):
    folder = RunFolder(tmp_path / "run")
    with folder.locked(), pytest.raises(BenchmarkError, match=f"process {os.getpid()} on .*another --out"):
        folder.locked().__enter__()
    with folder.locked():
        pass


def test_a_folder_of_another_protocol_is_refused(run_copy):
    (run_copy / "run.json").write_text('{"protocol": 0}')
    with pytest.raises(BenchmarkError, match="protocol version 0"):
        RunFolder(run_copy).locked().__enter__()


def test_an_output_path_that_is_a_file_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(BenchmarkError, match="is a file"):
            RunFolder(path).locked().__enter__()


def test_leftovers_of_a_killed_driver_are_swept(run_copy):
    (run_copy / "records" / ".abc.json.1.tmp").write_text("half")
    with RunFolder(run_copy).locked():
        assert not list((run_copy / "records").glob(".*"))


def test_reading_a_record_that_is_none_is_a_value_error():
    for text in ("", "[]", "{}", "null", "\ud800"):
        with pytest.raises(ValueError):
            parse_record(text)


def test_an_artefact_is_made_once_and_whole(tmp_path):
    made = []

    def maker(folder):
        made.append(folder)
        (folder / "a").write_text("x")

    artefacts = ArtefactCache(tmp_path / "artefacts")
    assert artefacts.make("one", maker) == artefacts.make("one", maker) == artefacts.place("one")
    assert len(made) == 1
    assert (artefacts.place("one") / "a").read_text() == "x"


def test_an_artefact_whose_maker_fails_is_not_there(tmp_path):
    artefacts = ArtefactCache(tmp_path)

    def maker(folder):
        (folder / "a").write_text("x")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        artefacts.make("one", maker)
    assert not artefacts.place("one").exists()


def test_half_an_artefact_of_a_killed_process_is_swept(tmp_path):
    (tmp_path / ".one.99999").mkdir()
    ArtefactCache(tmp_path).make("one", lambda folder: None)
    assert {path.name for path in tmp_path.iterdir()} == {"one", ".one.lock"}


def test_disk_errors_name_the_disk_for_artefacts(tmp_path, monkeypatch):
    def fail(folder):
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(BenchmarkError, match=disk.DISK_TROUBLE[errno.ENOSPC]):
        ArtefactCache(tmp_path).make("one", fail)
