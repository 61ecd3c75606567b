"""Every verb that reads records names what is damaged, and goes on with the rest."""

import json

import pyarrow.parquet as pq
import pytest

from benchmark.records.archive.columns import COLUMNS
from benchmark.records.archive.packing import write_archive
from benchmark.records.run_folder import RunFolder
from benchmark.records.schema import Record
from tests.support.bits import flipped

VERBS = {
    "plan": ("plan", "--out", "{source}"),
    "report": ("report", "{source}", "--out", "{tmp}/report"),
    "archive": ("archive", "{source}", "{tmp}/packed.parquet"),
    "merge": ("merge", "{source}", "--out", "{tmp}/merged"),
    "compare": ("compare", "gce", "cross_entropy", "--out", "{source}"),
    "explain": ("explain", "{trial}", "--from", "{source}"),
}


@pytest.fixture
def damaged(run_copy):
    """A run folder with one flipped bit in one record, and that record's file."""
    path = sorted((run_copy / "records").iterdir())[0]
    content = path.read_bytes()
    path.write_bytes(flipped(content, 8 * content.index(b'"test_accuracy":0.') + 8 * 18))
    return run_copy, path


@pytest.mark.parametrize("verb", VERBS)
def test_a_flipped_bit_in_a_record_is_named_with_its_file(command, damaged, tmp_path, two_methods, verb):
    folder, path = damaged
    other = sorted(file.stem for file in path.parent.iterdir())[1]
    words = [word.format(source=folder, tmp=tmp_path, trial=other) for word in VERBS[verb]]
    grid = [word for word in two_methods if word != "--no-report"] if verb == "plan" else []
    ended = command(*words, *grid)
    assert ended.code == 0, ended.err
    assert path.name in ended.err
    assert "sha256" in ended.err


def test_a_run_puts_the_damaged_record_aside_and_runs_its_trial_again(
    command, damaged, two_methods, content, finished_run
):
    folder, path = damaged
    ended = command("run", *two_methods, "--executor", "inline", "--out", folder)
    assert ended.code == 0
    assert path.name in ended.err
    assert (folder / "quarantine" / path.name).exists()
    assert content(folder) == content(finished_run)


def test_an_archive_of_a_damaged_folder_says_how_many_it_holds(command, damaged, tmp_path):
    ended = command("archive", damaged[0], tmp_path / "a.parquet")
    assert "3 records" in ended.out


@pytest.fixture
def archive_with_a_changed_row(finished_run, tmp_path):
    """An archive whose first row says another accuracy than was written.

    The file's own sum does not hold either.
    """
    path = tmp_path / "changed.parquet"
    write_archive(RunFolder(finished_run).read().records.values(), path)
    table = pq.read_table(path).to_pylist()
    table[0]["last_test_accuracy"] += 0.001
    import pyarrow as pa

    pq.write_table(pa.Table.from_pylist(table, schema=COLUMNS), path)
    return path, table[0]["trial"]


@pytest.mark.parametrize("verb", ["plan", "report", "archive", "merge", "compare", "explain"])
def test_a_changed_row_of_an_archive_is_named_and_alone_left_out(
    command, archive_with_a_changed_row, tmp_path, two_methods, verb
):
    path, trial = archive_with_a_changed_row
    words = {
        "plan": ("plan", *[w for w in two_methods if w != "--no-report"], "--out", tmp_path / "x", "--archive", path),
        "report": ("report", path, "--out", tmp_path / "report"),
        "archive": ("archive", path, tmp_path / "packed.parquet"),
        "merge": ("merge", path, "--out", tmp_path / "merged"),
        "compare": ("compare", "gce", "cross_entropy", "--archive", path),
        "explain": ("explain", "gce", "--from", path),
    }[verb]
    if verb == "explain":
        from benchmark.records.archive.reading import archive_contents

        words = ("explain", archive_contents(path).records[0].trial, "--from", path)
    ended = command(*words)
    assert ended.code == 0, ended.err
    assert f"row 1, trial {trial}" in ended.err
    if verb == "plan":
        assert "3 done, 1 missing" in ended.out


def test_an_older_archive_is_read_and_said_to_be_unverified_once(command, finished_run, tmp_path):
    path = tmp_path / "old.parquet"
    write_archive(RunFolder(finished_run).read().records.values(), path)
    pq.write_table(pq.read_table(path).drop_columns(["sha256"]), path)
    ended = command("report", path, "--out", tmp_path / "report")
    assert ended.code == 0
    assert " ".join(ended.err.split()).count("4 of 4 records carry no sha256") == 1


def hostile(record: Record, trial: str) -> Record:
    """A record under an id that no schema allows."""
    return record.model_copy(update={"trial": trial})


@pytest.mark.parametrize("trial", ["../run", "/an/absolute/path", "..", "a/b"])
def test_merging_an_archive_whose_id_is_a_path_writes_nothing_outside(command, finished_run, tmp_path, trial):
    record = next(iter(RunFolder(finished_run).read().records.values()))
    write_archive([hostile(record, trial)], tmp_path / "hostile.parquet")
    before = {path for path in tmp_path.rglob("*")}
    ended = command("merge", tmp_path / "hostile.parquet", finished_run, "--out", tmp_path / "c" / "merged")
    assert ended.code == 0
    assert "row 1" in ended.err
    written = {path for path in tmp_path.rglob("*")} - before - {tmp_path / "c"}
    assert all(path.is_relative_to(tmp_path / "c" / "merged") for path in written)
    assert len(list((tmp_path / "c" / "merged" / "records").iterdir())) == 4


def test_plan_and_run_take_the_same_of_two_conflicting_results_and_say_so(
    command, run_copy, finished_run, two_methods, tmp_path
):
    folder = RunFolder(run_copy)
    record = next(iter(folder.read().records.values()))
    last = record.selections["last"]
    other = last.model_copy(update={"metrics": last.metrics | {"test_accuracy": 0.0}})
    write_archive([record.model_copy(update={"selections": {"last": other}})], tmp_path / "other.parquet")
    options = [word for word in two_methods if word != "--no-report"]
    planned = command("plan", *options, "--out", run_copy, "--archive", tmp_path / "other.parquet")
    ran = command(
        "run", *two_methods, "--executor", "serial", "--out", run_copy, "--archive", tmp_path / "other.parquet"
    )
    for ended in (planned, ran):
        assert ended.code == 0
        assert record.trial in " ".join(ended.err.split())
    assert folder.read().records[record.trial] == record


def test_json_of_a_plan_stays_json_where_something_is_damaged(command, damaged, two_methods):
    options = [word for word in two_methods if word != "--no-report"]
    ended = command("plan", *options, "--out", damaged[0], "--json")
    assert json.loads(ended.out)["counts"] == {"done": 3, "missing": 1}
