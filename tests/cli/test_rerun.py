"""A trial that is run again is set beside its record."""

import base64
import re

import numpy as np

from benchmark.cli.rerun import beside_record
from benchmark.records.run_folder import RunFolder


def a_record(folder):
    return next(iter(RunFolder(folder).read().records.values()))


def test_a_trial_that_comes_out_as_recorded_is_said_to(command, finished_run, tmp_path):
    record = a_record(finished_run)
    ran = ("run", "--trial", record.trial, "--source", finished_run, "--no-report", "--out", tmp_path / "again")
    ended = command(*ran, "--executor", "inline")
    assert ended.code == 0, ended.err
    said = re.findall(r"([\d.]+) % in the record, ([\d.]+) % here; (\d+) of (\d+)", " ".join(ended.out.split()))
    rows = str(record.manifest.test_rows)
    shares = [100 * record.selections[rule].metrics["test_accuracy"] for rule in ("last", "noisy_valid")]
    assert said == [(f"{share:.1f}", f"{share:.1f}", "0", rows) for share in shares]


def test_what_differs_is_counted(finished_run):
    record = a_record(finished_run)
    last, rows = record.selections["last"], record.manifest.test_rows
    bits = last.correctness(rows)
    bits[:3] = ~bits[:3]
    packed = base64.b64encode(np.packbits(bits).tobytes()).decode()
    other = last.model_copy(update={"correct": packed, "metrics": last.metrics | {"test_accuracy": 0.123}})
    again = record.model_copy(update={"selections": record.selections | {"last": other}})
    first, second = beside_record(record, again)
    assert "12.3 % here; 3 of" in first
    assert "; 0 of" in second


def test_another_ending_is_said(finished_run):
    record = a_record(finished_run)
    (said,) = beside_record(record, record.model_copy(update={"status": "failed", "selections": {}}))
    assert "failed" in said
