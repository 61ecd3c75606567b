from dataclasses import replace

import pytest

from benchmark.records.config import digest
from benchmark.records.merge import ConflictError, join
from benchmark.records.schema import Costs, CurvePoint, Provenance, Record, Selection

T1 = digest(["t1"])
MADE = {"benchmark_version": "0.1.0", "git_commit": None, "code_digest": "d", "versions": {}}


def record(trial="t1", accuracy=0.8, created="2026-01-01T00:00:00Z", status="done", wall_s=1.0, curve=()):
    return Record(
        protocol=1,
        trial=digest([trial]),
        cell=digest("cell"),
        status=status,
        method="gce",
        family="loss",
        method_version=1,
        networks=1,
        needs=[],
        oracle=False,
        control=False,
        corpus="trec",
        noise="symmetric(0.4)",
        noise_kind="symmetric",
        noise_rate=0.4,
        encoder="minilm",
        recipe="frozen",
        seed=1,
        config={"seed": 1},
        selections={"last": Selection(stage=1, fraction=1.0, metrics={"test_accuracy": accuracy})},
        curve=list(curve),
        costs=Costs(wall_s=wall_s, seconds={}, forward_texts=1, backward_texts=1, peak_mib=1, device="cpu", threads=1),
        provenance=Provenance(created=created, **MADE),
    )


def test_equal_records_are_kept_once_and_others_all():
    joined = join([("a", [record(), record("t2")]), ("b", [record(), record("t3")])])
    assert set(joined.records) == {digest([trial]) for trial in ("t1", "t2", "t3")}
    assert joined.repeated == 1


def test_other_results_of_one_trial_are_refused_and_the_fields_shown():
    with pytest.raises(ConflictError) as refused:
        join([("a", [record(accuracy=0.8)]), ("b", [record(accuracy=0.7)])])
    message = str(refused.value)
    assert "selections.last.metrics.test_accuracy: 0.8 → 0.7" in message
    assert "a against b" in message
    assert "--prefer" in message


@pytest.mark.parametrize("order", [1, -1])
def test_the_preferred_source_decides_a_conflict_and_the_other_record_is_not_lost(order):
    sources = [("a", [record(accuracy=0.8)]), ("b", [record(accuracy=0.7)])][::order]
    joined = join(sources, prefer="b")
    assert joined.records[T1].selections["last"].metrics["test_accuracy"] == 0.7
    assert [r.selections["last"].metrics["test_accuracy"] for r in joined.overruled] == [0.8]


@pytest.mark.parametrize("order", [1, -1])
def test_the_same_result_at_other_costs_is_no_conflict_and_the_first_made_stays(order):
    early, late = record(wall_s=1.0), record(wall_s=2.0, created="2026-02-01T00:00:00Z")
    joined = join([("a", [early]), ("b", [late])][::order])
    assert joined.records[T1] == early
    assert joined.measured_again == 1


@pytest.mark.parametrize("order", [1, -1])
def test_a_run_that_also_scored_its_curve_is_no_conflict_and_stays(order):
    point = CurvePoint(stage=1, fraction=1.0, noisy_valid_accuracy=0.5)
    plain = record(curve=[point])
    scored = record(created="2026-02-01T00:00:00Z", curve=[replace(point, test_accuracy=0.8)])
    assert join([("a", [plain]), ("b", [scored])][::order]).records[T1] == scored


def test_a_run_that_also_kept_the_confusion_of_classes_is_no_conflict():
    older = record()
    last = older.selections["last"].model_copy(update={"confusion": [[1, 0], [0, 1]]})
    newer = older.model_copy(update={"selections": {"last": last}})
    assert len(join([("a", [older]), ("b", [newer])]).records) == 1


@pytest.mark.parametrize("order", [1, -1])
def test_a_finished_record_takes_the_place_of_a_failed_one(order):
    done, failed = record(), record(status="failed", created="2026-02-01T00:00:00Z")
    joined = join([("a", [done]), ("b", [failed])][::order])
    assert joined.records[T1] == done
    assert joined.failures_replaced == 1


def test_of_two_failures_the_newer_is_kept():
    old, new = record(status="failed"), record(status="failed", created="2026-02-01T00:00:00Z")
    assert join([("a", [new]), ("b", [old])]).records[T1] == new


def test_many_conflicts_are_counted_and_cut():
    many = [record(f"t{i}", accuracy=0.8) for i in range(30)]
    other = [record(f"t{i}", accuracy=0.7) for i in range(30)]
    with pytest.raises(ConflictError, match=r"\b30\b") as refused:
        join([("a", many), ("b", other)])
    assert "and 20 more" in str(refused.value)
