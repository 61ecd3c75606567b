import multiprocessing
import subprocess
import sys
import tracemalloc

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmark.contracts.errors import BenchmarkError
from benchmark.records.archive import packing, probe
from benchmark.records.archive.columns import COLUMNS
from benchmark.records.archive.packing import write_archive
from benchmark.records.archive.reading import archive_contents, read_archive
from benchmark.records.schema import Failure
from tests.support.bits import flipped, some_bits


def place_of(record):
    """What the rows of an archive are sorted by."""
    return record.cell, record.seed, record.trial


@pytest.fixture
def records(factory):
    return [
        *factory.grid(["cross_entropy", "gce"], ["clean()", "symmetric(0.4)"], [1, 2]),
        factory.record("elr", status="failed"),
    ]


def test_nothing_is_lost_on_the_way_through_an_archive(records, tmp_path):
    path = tmp_path / "all.parquet"
    write_archive(records, path)
    assert read_archive(path) == sorted(records, key=place_of)


def test_the_bytes_do_not_depend_on_order_or_repetition(records, tmp_path):
    write_archive(records, tmp_path / "a")
    write_archive([*records[::-1], records[0]], tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_large_archive_is_read_group_by_group_of_its_rows(records, tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "ROWS_A_GROUP", 2)
    write_archive(records[:5], tmp_path / "a.parquet")
    assert pq.read_metadata(tmp_path / "a.parquet").num_row_groups == 3
    assert read_archive(tmp_path / "a.parquet") == sorted(records[:5], key=place_of)


def test_an_archive_is_packed_within_the_memory_of_a_few_of_its_records(factory, tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "ROWS_A_GROUP", 10)
    failure = Failure(error_class="E", message="x" * 20_000, traceback_tail=[])
    record = factory.record(status="failed").model_copy(update={"failure": failure})
    write_archive([record], tmp_path / "warm.parquet")
    tracemalloc.start()
    write_archive((record.model_copy(update={"seed": seed}) for seed in range(300)), tmp_path / "a.parquet")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 300 * len(failure.message) / 3


def test_different_records_of_one_trial_are_both_kept(factory, tmp_path):
    write_archive([factory.record(), factory.record(status="failed")], tmp_path / "a")
    assert {record.status for record in read_archive(tmp_path / "a")} == {"done", "failed"}


def test_no_records_make_an_archive_without_rows(tmp_path):
    write_archive([], tmp_path / "a")
    assert read_archive(tmp_path / "a") == []


def test_scalars_stand_as_columns_for_a_quick_look(records, tmp_path):
    write_archive(records, tmp_path / "a")
    table = pq.read_table(tmp_path / "a").to_pandas()
    assert {"trial", "method", "seed", "wall_s", "last_test_accuracy"} <= set(table.columns)


def test_a_missing_or_foreign_file_is_named(tmp_path):
    with pytest.raises(BenchmarkError, match=r"gone\.parquet"):
        read_archive(tmp_path / "gone.parquet")
    (tmp_path / "text.parquet").write_text("not parquet")
    with pytest.raises(BenchmarkError, match=r"text\.parquet"):
        read_archive(tmp_path / "text.parquet")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    with pytest.raises(BenchmarkError, match=r"other\.parquet"):
        read_archive(tmp_path / "other.parquet")


def test_a_record_that_does_not_fit_the_schema_is_named_with_its_file(tmp_path):
    pq.write_table(pa.table({"trial": ["abc"], "record": ['{"trial": "abc"}']}), tmp_path / "old.parquet")
    with pytest.raises(BenchmarkError, match=r"old\.parquet.* 1 .*row 1.*abc.*protocol"):
        read_archive(tmp_path / "old.parquet")


def bits_unnoticed(path, records, places):
    """Those of the flipped bits after which the archive reads as if nothing were
    wrong.
    """
    whole, found = path.read_bytes(), []
    for place in places:
        path.write_bytes(flipped(whole, place))
        try:
            reading = archive_contents(path)
        except BenchmarkError:
            continue
        assert all(record in records for record in reading.records), f"bit {place}: another record"
        if not (reading.damaged or reading.trouble):
            found.append(place)
    path.write_bytes(whole)
    return found


@pytest.fixture
def forked_probe(monkeypatch):
    """Trial readings fork from a process that has the libraries, so that each takes
    milliseconds.
    """
    monkeypatch.setenv("ARROW_DEFAULT_MEMORY_POOL", "system")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", "benchmark.records.archive.probe"])

    def exit_code(path, *arguments):
        reader = context.Process(target=probe.read_all, args=(str(path), *arguments))
        reader.start()
        reader.join(probe.SECONDS)
        return reader.exitcode

    monkeypatch.setattr(probe, "_exit_code", exit_code)


@pytest.fixture
def small(records, tmp_path):
    path = tmp_path / "small.parquet"
    write_archive(records[:3], path)
    return path


@pytest.mark.usefixtures("forked_probe")
def test_no_flipped_bit_of_an_archive_goes_unnoticed(records, small):
    content = small.read_bytes()
    last = range(8 * (len(content) - 8), 8 * len(content), 13)
    assert bits_unnoticed(small, records, [*some_bits(content, 12), *last]) == []


@pytest.mark.slow
@pytest.mark.usefixtures("forked_probe")
def test_none_of_a_thousand_flipped_bits_of_an_archive_goes_unnoticed(records, small):
    assert bits_unnoticed(small, records, some_bits(small.read_bytes(), 1000, seed=1)) == []


@pytest.mark.parametrize("column", [name for name in COLUMNS.names if name not in ("record", "sha256")])
def test_a_changed_scalar_of_a_row_is_noticed_and_the_other_rows_stay(records, small, column):
    table = pq.read_table(small).to_pylist()
    value = table[1][column]
    table[1][column] = f"{value}x" if isinstance(value, str) else (value or 0) + 1
    pq.write_table(pa.Table.from_pylist(table, schema=COLUMNS), small)
    reading = archive_contents(small)
    assert len(reading.records) == 2
    (name,) = reading.damaged
    assert name.startswith("row 2")
    assert reading.trouble


def test_an_archive_whose_structure_is_broken_is_named_as_such(small):
    small.write_bytes(small.read_bytes()[:-20])
    with pytest.raises(BenchmarkError, match=r"small\.parquet .*Parquet"):
        archive_contents(small)


def test_an_older_archive_without_sums_is_read_as_unverified(records, small):
    pq.write_table(pq.read_table(small).drop_columns(["sha256"]), small)
    reading = archive_contents(small)
    assert reading.unverified == len(reading.records) == 3
    assert not reading.damaged


def test_a_message_with_a_lone_surrogate_survives_an_archive(factory, tmp_path):
    failure = Failure(error_class="E", message="broken \udcff text", traceback_tail=[])
    record = factory.record(status="failed").model_copy(update={"failure": failure})
    write_archive([record], tmp_path / "a")
    assert read_archive(tmp_path / "a") == [record]


def bomb(path, rows, text, **options):
    """A file of few bytes that is large once it is decoded."""
    once = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array([text]))
    trials = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["0" * 16]))
    pq.write_table(pa.table({"trial": trials, "record": once}), path, **options)


BOUNDED = """
import resource, sys
from pathlib import Path
from benchmark.records.archive.reading import archive_contents
from benchmark.contracts.errors import BenchmarkError
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 400 * 2**20,) * 2)
try:
    archive_contents(Path(sys.argv[1]))
except BenchmarkError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of memory is set as Linux has it")
@pytest.mark.parametrize(("rows", "length"), [(20_000, 100_000), (30, 60_000_000), (900_000, 2_000), (2_000_000, 10)])
def test_a_small_file_that_would_take_all_memory_is_refused_within_a_bound_of_memory(tmp_path, rows, length):
    path = tmp_path / "bomb.parquet"
    bomb(path, rows, "0" * length, compression="zstd")
    ended = subprocess.run(
        [sys.executable, "-c", BOUNDED, str(path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert "bomb.parquet is refused" in ended.stdout
