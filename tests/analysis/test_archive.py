import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmark.analysis.archive import read_archive, write_archive
from benchmark.contracts.errors import BenchmarkError


@pytest.fixture
def records(factory):
    return [
        *factory.grid(["cross_entropy", "gce"], ["clean()", "symmetric(0.4)"], [1, 2]),
        factory.record("elr", status="failed"),
    ]


def test_nothing_is_lost_on_the_way_through_an_archive(records, tmp_path):
    path = tmp_path / "all.parquet"
    write_archive(records, path)
    assert read_archive(path) == sorted(records, key=lambda record: record.trial)


def test_the_bytes_do_not_depend_on_order_or_repetition(records, tmp_path):
    write_archive(records, tmp_path / "a")
    write_archive([*records[::-1], records[0]], tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


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
    with pytest.raises(BenchmarkError, match=r"no archive at .*gone\.parquet"):
        read_archive(tmp_path / "gone.parquet")
    (tmp_path / "text.parquet").write_text("not parquet")
    with pytest.raises(BenchmarkError, match=r"text\.parquet is not an archive"):
        read_archive(tmp_path / "text.parquet")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    with pytest.raises(BenchmarkError, match=r"other\.parquet is not an archive"):
        read_archive(tmp_path / "other.parquet")


def test_a_record_that_does_not_fit_the_schema_is_named_with_its_file(tmp_path):
    pq.write_table(pa.table({"trial": ["abc"], "record": ['{"trial": "abc"}']}), tmp_path / "old.parquet")
    with pytest.raises(BenchmarkError, match=r"old\.parquet: 1 damaged .* row 1, trial abc .*protocol"):
        read_archive(tmp_path / "old.parquet")
