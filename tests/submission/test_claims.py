"""A record whose own parts contradict each other is found without running anything."""

import pytest

from benchmark.records.run_folder import RunFolder
from benchmark.records.schema import CheckedRows
from benchmark.submission.claims import contradictions, repeated_trials, uneven_seeds


@pytest.fixture
def records(finished_run):
    return list(RunFolder(finished_run).read().records.values())


def test_records_of_a_run_contradict_nothing(records):
    assert list(contradictions(records)) == []
    assert repeated_trials(records) == []
    assert uneven_seeds(records) == []


@pytest.mark.parametrize(
    "change",
    [
        {"cell": "0" * 16},
        {"family": "another"},
        {"networks": 2},
        {"needs": ["noise_rate"]},
        {"oracle": True},
        {"control": True},
        {"noise_kind": "asymmetric"},
        {"noise_rate": 0.1},
        {"recipe": "another"},
    ],
    ids=str,
)
def test_a_trait_that_the_configuration_does_not_make_is_named(records, change):
    (found,) = contradictions([records[0].model_copy(update=change)])
    assert records[0].trial in found
    assert next(iter(change)) in found


@pytest.mark.parametrize(("share", "found"), [(0.5, 0), (0.75, 1)])
def test_an_accuracy_on_checked_texts_must_be_that_of_their_bits(records, share, found):
    last = records[0].selections["last"]
    checked = CheckedRows(rows=4, correct="wA==")  # two of four are right
    update = {"checked": checked, "metrics": last.metrics | {"checked_accuracy": share}}
    changed = records[0].selections | {"last": last.model_copy(update=update)}
    assert len(list(contradictions([records[0].model_copy(update={"selections": changed})]))) == found


@pytest.mark.parametrize("bits", ["", "A", "AAAA"])
def test_bits_of_another_number_of_texts_are_named(records, bits):
    last = records[0].selections["last"].model_copy(update={"correct": bits})
    changed = records[0].selections | {"last": last}
    (found,) = contradictions([records[0].model_copy(update={"selections": changed})])
    assert str(records[0].manifest.test_rows) in found
