import json
import re
import shutil

import pytest

from benchmark.records.archive.reading import read_archive
from benchmark.records.config import digest
from benchmark.records.run_folder import RunFolder


@pytest.fixture
def halves(finished_run, tmp_path):
    """Two run folders that hold two trials each."""
    records = list(RunFolder(finished_run).read().records.values())
    folders = []
    for name, mine in (("a", records[:2]), ("b", records[2:])):
        folder = RunFolder(tmp_path / name)
        with folder.locked():
            for record in mine:
                folder.write(record)
        folders.append(folder.path)
    return folders


def changed(record, accuracy):
    selections = {
        rule: chosen.model_copy(update={"metrics": chosen.metrics | {"test_accuracy": accuracy}})
        for rule, chosen in record.selections.items()
    }
    return record.model_copy(update={"selections": selections})


def first_record(path):
    return next(iter(RunFolder(path).read().records.values()))


def test_folders_and_archives_become_one_folder_that_holds_every_record(command, finished_run, halves, tmp_path):
    command("archive", halves[1], tmp_path / "b.parquet")
    ended = command("merge", halves[0], tmp_path / "b.parquet", halves[1], "--out", tmp_path / "c")
    assert ended.code == 0
    assert "4 records" in " ".join(ended.out.split())
    assert "2 records" in ended.out
    assert RunFolder(tmp_path / "c").read().records == RunFolder(finished_run).read().records


def test_the_target_can_be_an_archive_and_what_it_holds_stays(command, finished_run, halves, tmp_path):
    target = tmp_path / "c.parquet"
    command("merge", halves[0], "--out", target)
    command("merge", halves[1], "--out", target)
    kept = {record.trial: record for record in read_archive(target)}
    assert kept == RunFolder(finished_run).read().records


def test_a_merged_folder_has_nothing_left_to_run(command, halves, two_methods, tmp_path):
    command("merge", *halves, "--out", tmp_path / "c")
    ended = command("plan", *[word for word in two_methods if word != "--no-report"], "--out", tmp_path / "c")
    assert ended.code == 0
    assert "4 done" in " ".join(ended.out.split())


def test_a_conflict_is_refused_with_its_fields_and_nothing_is_written(refused, halves, tmp_path):
    record = first_record(halves[0])
    RunFolder(halves[1]).write(changed(record, 0.123))
    said = refused("merge", *halves, "--out", tmp_path / "c")
    assert record.trial in said
    assert "selections.last.metrics.test_accuracy" in said
    assert "0.123" in said
    assert not (tmp_path / "c").exists()


def test_a_preferred_source_decides_and_the_other_record_is_quarantined(command, halves, tmp_path):
    record = first_record(halves[0])
    RunFolder(halves[1]).write(changed(record, 0.123))
    ended = command("merge", *halves, "--out", tmp_path / "c", "--prefer", halves[0])
    assert ended.code == 0
    assert "1 record " in ended.out
    assert RunFolder(tmp_path / "c").read().records[record.trial] == record
    aside = list((tmp_path / "c" / "quarantine").glob("*.json"))
    assert json.loads(aside[0].read_text())["selections"]["last"]["metrics"]["test_accuracy"] == 0.123


def test_other_protocol_versions_are_kept_apart_with_a_sentence_and_survive_another_merge(command, halves, tmp_path):
    first = first_record(halves[0])
    config = first.config | {"protocol": 0}
    old = first.model_copy(update={"protocol": 0, "trial": digest(config), "config": config})
    older = RunFolder(tmp_path / "old", 0)
    with older.locked():
        older.write(old)
    ended = command("merge", *halves, tmp_path / "old", "--out", tmp_path / "c")
    assert "protocol version 0" in ended.out
    assert "Protocol version 0: 1 record" in ended.out
    assert len(RunFolder(tmp_path / "c").read().records) == 4
    again = command("merge", tmp_path / "c", "--out", tmp_path / "d")
    assert again.code == 0
    assert RunFolder(tmp_path / "d" / "protocol-0").read().records == {old.trial: old}


def test_merging_into_a_source_changes_no_file_that_is_there(command, halves):
    before = {path: path.stat().st_mtime_ns for path in (halves[0] / "records").iterdir()}
    ended = command("merge", *halves, "--out", halves[0])
    assert ended.code == 0
    assert "met again" not in ended.out
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len(RunFolder(halves[0]).read().records) == 4


def test_a_damaged_file_is_named_and_left_where_it_is(command, halves, tmp_path):
    damaged = halves[0] / "records" / "broken.json"
    damaged.write_text("{")
    ended = command("merge", *halves, "--out", tmp_path / "c")
    assert ended.code == 0
    assert re.search(r"broken\.json.*JSON", " ".join(ended.err.split()))
    assert damaged.exists()


def test_bad_sources_are_refused(refused, halves, tmp_path):
    assert str(tmp_path / "none") in refused("merge", tmp_path / "none", "--out", tmp_path / "c")
    assert f"'{tmp_path}'" in refused("merge", halves[0], "--out", tmp_path / "c", "--prefer", tmp_path)
    shutil.rmtree(halves[0] / "records")
    (halves[0] / "records").mkdir()
    assert str(halves[0]) in refused("merge", halves[0], "--out", tmp_path / "c")
