"""A report checks that every method of a cell and seed saw the same noisy labels,
whatever the records claim.
"""

import json

import pandas as pd
import pytest

from benchmark.api import load_records


def record_of(folder, method, seed):
    (found,) = (r for r in load_records(folder) if (r.method, r.seed) == (method, seed))
    return folder / "records" / f"{found.trial}.json", found


def changed(path, **manifest):
    content = json.loads(path.read_text())
    content["manifest"] |= manifest
    del content["sha256"]  # or the record is damaged, and not another one
    # Of two records that disagree the newer one stays.
    content["provenance"]["created"] = "2000-01-01T00:00:00Z"
    path.write_text(json.dumps(content))


def reported(command, folder):
    ended = command("report", folder)
    assert ended.code == 0, ended.err
    shown = (folder / "report" / "table.md").read_text()
    return " ".join(ended.out.split()), shown, (folder / "report" / "report.html").read_text()


def test_records_of_one_run_agree(command, run_copy):
    fingerprints = {}
    for record in load_records(run_copy):
        fingerprints.setdefault((record.cell, record.seed), set()).add(record.manifest.fingerprint)
    assert len(fingerprints) == 2
    assert all(len(found) == 1 for found in fingerprints.values())
    said, shown, page = reported(command, run_copy)
    assert not any("kept apart" in text.lower() for text in (said, shown, page))


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        ({"fingerprint": "0123456789abcdef"}, "other noisy labels in the same cell"),
        ({"corpus_fingerprint": "0123456789abcdef"}, "other texts or clean labels in the same cell"),
    ],
)
def test_a_record_of_other_labels_or_texts_is_named_and_enters_no_mean(command, run_copy, manifest, reason):
    path, record = record_of(run_copy, "gce", 1)
    changed(path, **manifest)
    for text in reported(command, run_copy):
        for part in ("gce", record.trial[:10], "0123456789", reason, "1 record kept apart"):
            assert part in text
    results = pd.read_csv(run_copy / "report" / "results.csv")
    assert record.trial in set(results["trial"])
    lines = (run_copy / "report" / "table.md").read_text().splitlines()
    assert any("1/2" in line for line in lines if line.startswith("| gce"))
