"""A record's file notices every change of its bytes.

A record cannot contradict itself.
"""

import json

import numpy as np
import pytest

from benchmark.records.record_files import json_of, read_record_bytes, record_bytes
from benchmark.records.run_folder import RunFolder
from benchmark.records.schema import CheckedRows, Record, pack_bits
from tests.support.bits import flipped, some_bits


@pytest.fixture(scope="module")
def record(finished_run):
    return next(iter(RunFolder(finished_run).read().records.values()))


def noticed(content):
    """Whether reading refuses the bytes as a record that carries its sum."""
    try:
        return not read_record_bytes(content).verified
    except ValueError:
        return True


def changed(record, **fields):
    """The JSON of a record of an older version, without a sum, with some fields
    changed.
    """
    return json.dumps(json.loads(json_of(record)) | fields).encode()


def test_a_record_reads_back_verified_and_equal(record):
    parsed = read_record_bytes(record_bytes(record))
    assert parsed.record == record
    assert parsed.verified


def test_the_file_is_one_json_object_with_the_sum_as_its_last_key(record):
    content = json.loads(record_bytes(record))
    assert list(content)[-1] == "sha256"
    assert content["trial"] == record.trial


def test_no_flipped_bit_of_a_records_file_goes_unnoticed(record):
    content = record_bytes(record)
    last = range(8 * (len(content) - 100), 8 * len(content))
    unnoticed = [place for place in (*some_bits(content, 600), *last) if not noticed(flipped(content, place))]
    assert unnoticed == []


@pytest.mark.slow
def test_no_single_bit_of_a_records_file_goes_unnoticed(record):
    content = record_bytes(record)
    assert [place for place in range(8 * len(content)) if not noticed(flipped(content, place))] == []


def test_no_cut_of_a_records_file_goes_unnoticed(record):
    content = record_bytes(record)
    assert [length for length in range(0, len(content), 7) if not noticed(content[:length])] == []


def test_a_record_of_an_older_version_is_read_as_unverified(record):
    parsed = read_record_bytes(json_of(record))
    assert parsed.record == record
    assert not parsed.verified


def test_an_id_that_is_not_the_digest_of_the_configuration_is_refused(record):
    other = "0" * 16
    with pytest.raises(ValueError, match=other):
        read_record_bytes(changed(record, trial=other))
    with pytest.raises(ValueError, match=record.trial):
        read_record_bytes(changed(record, config=record.config | {"seed": 77}))


@pytest.mark.parametrize("field", ["method", "corpus", "noise", "encoder"])
def test_a_record_that_says_other_than_its_configuration_is_refused(record, field):
    with pytest.raises(ValueError, match=field):
        read_record_bytes(changed(record, **{field: "another"}))


@pytest.mark.parametrize("id", ["../run", "/an/absolute/path", "abc", "A" * 16, "0" * 17, "0" * 15 + "\n"])
@pytest.mark.parametrize("field", ["trial", "cell"])
def test_an_id_of_another_form_is_refused(record, field, id):
    with pytest.raises(ValueError, match=field):
        read_record_bytes(changed(record, **{field: id}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("test_accuracy", 1.5),
        ("test_accuracy", -0.1),
        ("test_macro_f1", 2.0),
        ("test_ece", -1e-3),
        ("test_nll", -0.5),
        ("test_nll", float("inf")),
        ("noisy_valid_accuracy", float("nan")),
    ],
)
def test_a_metric_outside_its_range_is_refused_by_name(record, name, value):
    content = record.model_dump(mode="json")
    content["selections"]["last"]["metrics"][name] = value
    with pytest.raises(ValueError, match=name):
        Record.model_validate(content)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("train_metrics", "suspicion_auroc"), 1.01),
        (("costs", "wall_s"), -1.0),
        (("costs", "forward_texts"), -1),
        (("costs", "seconds", "train"), -1.0),
        (("selections", "last", "fraction"), 0.0),
        (("selections", "last", "fraction"), 1.1),
        (("curve", 0, "noisy_valid_accuracy"), 1.2),
        (("manifest", "transition_matrix", 0, 0), 1.5),
        (("manifest", "realised_rate"), -0.1),
    ],
)
def test_a_value_outside_its_range_is_refused_by_its_place(record, place, value):
    content = record.model_dump(mode="json")
    at = content
    for part in place[:-1]:
        at = at[part]
    at[place[-1]] = value
    with pytest.raises(ValueError, match=str(place[-1]) if isinstance(place[-1], str) else str(place[1])):
        Record.model_validate(content)


def test_a_matrix_with_rows_of_several_lengths_is_refused(record):
    with pytest.raises(ValueError, match="estimated_matrix"):
        read_record_bytes(changed(record, estimated_matrix=[[1.0, 0.0], [1.0]]))


@pytest.mark.parametrize("rows", [-9, 1, 9])
def test_correctness_of_another_length_than_the_test_rows_is_refused(record, rows):
    last = record.selections["last"]
    right = last.correctness(record.manifest.test_rows)
    bits = np.ones(len(right) + rows, dtype=bool)
    bits[: len(right)] = right[: len(bits)]
    other = last.model_copy(update={"correct": pack_bits(bits)})
    content = record_bytes(record.model_copy(update={"selections": record.selections | {"last": other}}))
    with pytest.raises(ValueError, match=f"last is not {record.manifest.test_rows} bits"):
        read_record_bytes(content)


def test_checked_correctness_of_another_length_is_refused(record):
    last = record.selections["last"].model_copy(update={"checked": CheckedRows(rows=9, correct="/w==")})
    content = record_bytes(record.model_copy(update={"selections": {"last": last}}))
    with pytest.raises(ValueError, match="9 bits"):
        read_record_bytes(content)
