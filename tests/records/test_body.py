"""The head of a record is read without its body, and is the same as from the whole."""

import json

import pytest

from benchmark.records.archive.packing import write_archive
from benchmark.records.body import IN_A_FILE, IN_AN_ARCHIVE, without_body
from benchmark.records.config import digest
from benchmark.records.record_files import archive_text, head_of, json_of, read_record_bytes, record_bytes
from benchmark.records.run_folder import RunFolder
from benchmark.records.schema import BODY
from benchmark.records.sources import read_source

LAYOUTS = [(json_of, IN_A_FILE), (lambda record: archive_text(record).encode(), IN_AN_ARCHIVE)]


@pytest.fixture(scope="module")
def record(finished_run):
    return next(iter(RunFolder(finished_run).read().records.values()))


@pytest.mark.parametrize(("written", "body"), LAYOUTS)
def test_all_but_the_body_is_left(record, written, body):
    whole = json.loads(written(record))
    assert json.loads(without_body(written(record), body)) == {k: v for k, v in whole.items() if k not in BODY}


@pytest.mark.parametrize(("written", "body"), LAYOUTS)
@pytest.mark.parametrize("name", [*BODY, "encoder", "costs"])
def test_a_parameter_that_is_called_like_a_part_of_the_body_changes_no_head(record, written, body, name):
    config = record.config | {"parameters": {"first": 1, name: 2, "method": 3, "status": 4}}
    named = record.model_copy(update={"config": config, "trial": digest(config)})
    assert head_of(written(named), body) == named.head()


@pytest.mark.parametrize("source", ["folder", "archive"])
def test_heads_of_a_source_are_those_of_its_records(finished_run, tmp_path, source):
    path = finished_run
    if source == "archive":
        path = tmp_path / "a.parquet"
        write_archive(read_source(finished_run).records, path)
    assert read_source(path, heads=True).records == [record.head() for record in read_source(path).records]


def test_a_flipped_bit_of_the_body_is_noticed_by_who_reads_the_head(record):
    content = record_bytes(record).replace(b'"curve":[', b'"curve":{', 1)
    with pytest.raises(ValueError, match="sha256"):
        read_record_bytes(content, head=True)


def test_the_body_of_an_older_record_without_a_sum_is_looked_through(record):
    content = json.loads(json_of(record)) | {"curve": 1}
    with pytest.raises(ValueError, match="curve"):
        read_record_bytes(json.dumps(content).encode(), head=True)
