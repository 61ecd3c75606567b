"""`submit` lets an honest archive pass and refuses a forged one, each by its own exit
code and message.
"""

import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmark.records.archive.columns import COLUMNS
from benchmark.records.archive.packing import write_archive
from benchmark.records.archive.reading import read_archive
from benchmark.records.config import TrialConfig
from benchmark.records.run_folder import RunFolder
from benchmark.records.schema import pack_bits

CHECKED_ONLY = ("--verify", "0")


@pytest.fixture
def records(finished_run):
    return list(RunFolder(finished_run).read().records.values())


@pytest.fixture
def packed(tmp_path):
    """Writes records to an archive, whose sums then hold."""

    def write(records, name="theirs.parquet"):
        write_archive(records, tmp_path / name)
        return tmp_path / name

    return write


@pytest.fixture
def submitted(command, tmp_path):
    """How `submit` ended, with all that it printed on one line."""

    def run(path, *more):
        ended = command("submit", path, "--executor", "inline", "--out", tmp_path / "again", *more)
        assert "Traceback" not in ended.err
        ended.out, ended.err = (" ".join(text.split()) for text in (ended.out, ended.err))
        return ended

    return run


def raised(record, share, bits=True):
    """The record with another accuracy, and with the bits that go with it."""
    rows = record.manifest.test_rows
    right = round(share * rows)
    changed = {}
    for rule, selection in record.selections.items():
        metrics = selection.metrics | {"test_accuracy": right / rows, "test_macro_f1": right / rows}
        correct = pack_bits(np.arange(rows) < right) if bits else selection.correct
        changed[rule] = selection.model_copy(update={"metrics": metrics, "correct": correct})
    return record.model_copy(update={"selections": changed})


def test_an_honest_archive_may_be_merged(submitted, packed, records):
    ended = submitted(packed(records))
    assert ended.code == 0, ended.err
    assert "4 of 4 trials" in ended.out
    assert "Seeds: 0 and 1. Every method has all in each cell." in ended.out
    assert "probability 0 %" in ended.out
    assert "4 of 4 agree within 2 points" in ended.out


def test_the_probability_and_the_seed_are_printed_and_the_seed_draws_the_same_trials(submitted, packed, records):
    path = packed(records)
    ended = submitted(path, "--verify", "1", "--seed", "5")
    assert "goes unseen with probability 75.00 %" in ended.out
    assert "--seed 5" in ended.out
    first = {file.name for file in (path.parent / "again" / "records").iterdir()}
    submitted(path, "--verify", "1", "--seed", "5")
    assert {file.name for file in (path.parent / "again" / "records").iterdir()} == first


def test_seeds_that_are_not_given_differ(submitted, packed, records):
    path = packed(records)
    seeds = {submitted(path, *CHECKED_ONLY).out.partition("--seed ")[2].split()[0] for _ in range(2)}
    assert len(seeds) == 2


def test_a_changed_value_whose_digest_was_kept_is_refused(submitted, packed, records):
    path = packed(records)
    rows = pq.read_table(path).to_pylist()
    rows[1]["record"] = rows[1]["record"].replace('"test_accuracy":0.', '"test_accuracy":0.9', 1)
    pq.write_table(pa.Table.from_pylist(rows, schema=COLUMNS), path)
    ended = submitted(path, *CHECKED_ONLY)
    assert ended.code == 1
    assert "does not match its sha256" in ended.err
    assert rows[1]["trial"] in ended.err
    assert not (path.parent / "again").exists()


def test_a_changed_value_whose_digest_was_remade_is_found_by_running_it_again(submitted, packed, records):
    path = packed([raised(records[0], 0.9), *records[1:]])
    assert submitted(path, *CHECKED_ONLY).code == 0
    ended = submitted(path)
    assert ended.code == 1
    assert records[0].trial in ended.err
    assert "test_accuracy is " in ended.err
    assert "must not be merged" in ended.err


def test_an_accuracy_that_its_bits_contradict_is_refused_before_anything_runs(submitted, packed, records):
    forged = raised(records[0], 0.9, bits=False)
    said = forged.selections["last"].metrics["test_accuracy"]
    path = packed([forged, *records[1:]])
    ended = submitted(path)
    assert ended.code == 1
    assert f"trial {forged.trial}: last: its test_accuracy is {said:.6f}" in ended.err
    assert f"{len(forged.selections)} contradictions" in ended.err
    assert not (path.parent / "again").exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"control": True}, "control: True → False"), ({"cell": "0" * 16}, "cell: 0000000000000000 → ")],
)
def test_a_record_that_is_not_what_its_configuration_makes_is_refused(submitted, packed, records, changes, words):
    path = packed([records[0].model_copy(update=changes), *records[1:]])
    ended = submitted(path, *CHECKED_ONLY)
    assert ended.code == 1
    assert words in ended.err


def test_other_noisy_labels_in_one_cell_are_refused(submitted, packed, records):
    manifest = records[0].manifest.model_copy(update={"fingerprint": "f" * 16})
    path = packed([records[0].model_copy(update={"manifest": manifest}), *records[1:]])
    ended = submitted(path, *CHECKED_ONLY)
    assert ended.code == 1
    assert "noisy labels" in ended.err


def test_a_method_that_lacks_a_seed_of_its_cell_is_named(submitted, packed, records):
    ended = submitted(packed(records[1:]), *CHECKED_ONLY)
    assert ended.code == 0
    assert f"{records[0].method} lacks 1" in ended.out


def test_two_records_of_one_trial_are_refused(submitted, packed, records):
    path = packed([*records, raised(records[0], 0.9)])
    ended = submitted(path, *CHECKED_ONLY)
    assert ended.code == 1
    assert f"({records[0].trial})" in ended.err
    assert "more than once" in ended.err


def test_rows_without_a_sum_and_an_empty_archive_are_refused(submitted, packed, records):
    path = packed(records)
    pq.write_table(pq.read_table(path).drop_columns(["sha256"]), path)
    assert submitted(path).code == 1
    assert submitted(packed([], "empty.parquet")).code == 1


def test_what_cannot_be_checked_ends_with_code_2(submitted, packed, records, tmp_path):
    assert submitted(tmp_path / "none.parquet").code == 2
    path = packed(records)
    for words in (("--tolerance", "-1"), ("--tolerance", "nan"), ("--verify", "-1"), ("--seed", "-1")):
        ended = submitted(path, *words)
        assert ended.code == 2
        assert words[0] in ended.err
    assert submitted(path, "--plugin", tmp_path / "none.py").code == 2


def test_a_table_of_the_sender_cannot_be_checked_and_is_named(submitted, packed, records):
    config = records[0].config | {"corpus": "mine"}
    changes = {"config": config, "trial": TrialConfig.model_validate(config).id, "corpus": "mine"}
    ended = submitted(packed([records[0].model_copy(update=changes)]))
    assert ended.code == 2
    assert "'mine'" in ended.err
    assert "list corpora" in ended.err
    assert "--data" not in ended.err


def test_a_trial_of_another_version_cannot_be_checked(submitted, packed, records):
    config = records[0].config | {"method_version": 77}
    trial = TrialConfig.model_validate(config).id
    changes = {"config": config, "trial": trial, "method_version": 77}
    ended = submitted(packed([records[0].model_copy(update=changes)]))
    assert ended.code == 2
    assert "method_version: 77 → " in ended.err


PLUGIN = """
from pathlib import Path
from benchmark.contracts import GradientMethod, register

Path(r"TRACE").write_text("ran")


@register
class Half(GradientMethod):
    \"\"\"Half the cross-entropy.\"\"\"

    name = "half_by_plugin"

    def loss(self, batch):
        BODY
"""


@pytest.fixture
def foreign(command, tiny, tmp_path, own_registry, monkeypatch):
    """An archive of a method that a plug-in brings, the plug-in, and the file that its
    code writes; nothing of it is loaded any more.
    """

    def make(body="return 0.5 * batch.losses.mean()"):
        from benchmark.contracts import methods

        plugin, trace = tmp_path / "half.py", tmp_path / "trace.txt"
        plugin.write_text(PLUGIN.replace("TRACE", str(trace)).replace("BODY", body))
        words = (*tiny, "--methods", "half_by_plugin", "--seeds", "1", "--executor", "inline")
        assert command("run", *words, "--plugin", plugin, "--out", tmp_path / "theirs").code == 0
        command("archive", tmp_path / "theirs", tmp_path / "half.parquet")
        trace.unlink()
        monkeypatch.delitem(methods._members, "half_by_plugin")
        for name in [name for name in sys.modules if name.startswith("benchmark_plugin_half")]:
            monkeypatch.delitem(sys.modules, name)
        return tmp_path / "half.parquet", plugin, trace

    return make


def test_an_unknown_method_needs_its_plugin_and_no_code_runs_without_it(submitted, foreign):
    path, plugin, trace = foreign()
    ended = submitted(path)
    assert ended.code == 2
    assert "half_by_plugin" in ended.err
    assert "--plugin" in ended.err
    assert not trace.exists()
    ended = submitted(path, "--plugin", plugin)
    assert ended.code == 0, ended.err
    assert trace.exists()
    assert "keeping the contract: half_by_plugin" in ended.out


def test_another_file_than_the_one_that_made_the_trials_cannot_check_them(submitted, foreign):
    path, plugin, _ = foreign()
    plugin.write_text(plugin.read_text().replace("0.5", "0.7"))
    ended = submitted(path, "--plugin", plugin)
    assert ended.code == 2
    assert "method_source" in ended.err


def test_a_plugin_that_breaks_the_contract_is_refused(submitted, foreign):
    path, plugin, _ = foreign("import torch; return (0.5 + torch.rand(())) * batch.losses.mean()")
    ended = submitted(path, "--plugin", plugin, *CHECKED_ONLY)
    assert ended.code == 1
    assert "Method half_by_plugin breaks the contract" in ended.err


def test_a_trial_runs_again_to_the_bit_on_the_same_machine(submitted, packed, records):
    path = packed(records)
    ended = submitted(path, "--tolerance", "0")
    assert ended.code == 0
    assert {record.trial: record for record in read_archive(path)} == {record.trial: record for record in records}
