import io
import re
import weakref

import pandas as pd
import pytest

from benchmark.analysis import frame
from benchmark.analysis.frame import comparable_groups, tidy
from benchmark.analysis.points import Details
from benchmark.records.schema import pack_bits

EVIL = '<script>alert(1)</script>_%&,"\n=1'


def test_a_row_is_a_trial_and_a_selection_rule(factory):
    frame = tidy(factory.grid(["cross_entropy", "gce"], ["clean()", "symmetric(0.4)"], [1, 2]))
    assert len(frame) == 2 * 2 * 2 * 4
    assert frame["trial"].nunique() == 8
    row = frame[(frame["noise"] == "symmetric(0.4)") & (frame["rule"] == "last")].iloc[0]
    assert (row["requested_rate"], row["test_rows"], row["train_memorised"]) == (0.4, 200, 0.9)
    assert isinstance(row["correct"], str)
    assert row["seconds_fit"] == 9.0


def test_a_failed_trial_gives_one_row_with_its_reason_and_no_metric(factory):
    frame = tidy([factory.record(status="failed")])
    assert len(frame) == 1
    assert frame.loc[0, "failure_message"] == "loss is not finite"
    assert pd.isna(frame.loc[0, "test_accuracy"])
    assert pd.isna(frame.loc[0, "rule"])


def test_a_finished_trial_without_any_selection_keeps_a_row(factory):
    frame = tidy([factory.record(rules=[])])
    assert len(frame) == 1
    assert frame.loc[0, "status"] == "done"


def test_the_frame_does_not_depend_on_the_order_of_records(factory):
    records = factory.grid(["gce", "cross_entropy"], ["symmetric(0.4)", "clean()"], [2, 1])
    pd.testing.assert_frame_equal(tidy(records), tidy(records[::-1]))


def test_no_record_gives_an_empty_frame_with_all_columns():
    assert {"trial", "rule", "test_accuracy", "correct"} <= set(tidy([]).columns)


def kept(records):
    return comparable_groups(tidy(records))


def test_records_of_two_protocol_versions_never_meet(factory):
    new = factory.grid(["gce"], ["symmetric(0.4)"], [1, 2])
    factory.protocol = 0
    old = factory.grid(["gce"], ["symmetric(0.4)"], [1, 2, 3])
    separation = kept(old + new)
    assert set(separation.kept["protocol"]) == {1}
    assert re.search(r"version 0: 3 records", separation.sentences()[0])


def test_other_noisy_labels_in_a_cell_are_kept_apart_and_named(factory):
    common = factory.grid(["gce", "elr", "cross_entropy"], ["symmetric(0.4)"], [1, 2])
    separation = kept([*common, factory.record("sce", labels="other")])
    assert "sce" not in set(separation.kept["method"])
    assert "seed 1, noisy labels" in separation.sentences()[0]
    assert "sce (" in separation.sentences()[0]


def test_seeds_that_saw_other_texts_are_kept_apart_and_named(factory):
    records = factory.grid(["gce", "elr"], ["symmetric(0.4)"], [1, 2])
    late = factory.record("gce", seed=3)
    late = late.model_copy(update={"manifest": late.manifest.model_copy(update={"corpus_fingerprint": "another"})})
    separation = kept([*records, late])
    assert set(separation.kept["seed"]) == {1, 2}
    assert f"corpus another: gce ({late.trial[:10]})" in separation.sentences()[0]
    assert "other texts" in separation.sentences()[0]


def test_many_trials_that_are_kept_apart_are_counted(factory):
    common = factory.grid([f"m{i}" for i in range(9)], ["symmetric(0.4)"], [1])
    others = [factory.record(f"o{i}", labels="other") for i in range(7)]
    assert "and 2 more: 7 records" in kept([*common, *others]).sentences()[0]


def test_seeds_have_their_own_noisy_labels_and_stay_together(factory):
    separation = kept(factory.grid(["gce"], ["symmetric(0.4)"], [1, 2, 3]))
    assert separation.groups == ()
    assert separation.kept["seed"].nunique() == 3


def test_cells_under_other_limits_are_kept_apart(factory):
    many = factory.grid(["gce", "elr"], ["symmetric(0.4)"], [1, 2])
    separation = kept([*many, factory.record("gce", limits="500 rows")])
    assert separation.kept["cell"].nunique() == 1
    assert separation.kept["trial"].nunique() == 4
    assert "other limits" in separation.sentences()[0]


def test_an_older_version_of_a_method_is_never_averaged_with_a_newer_one(factory):
    records = [factory.record("gce", seed=s) for s in (1, 2)] + [factory.record("gce", seed=3, version=2)]
    separation = kept(records)
    assert set(separation.kept["method_version"]) == {2}
    assert separation.kept["seed"].unique().tolist() == [3]


def test_a_trial_found_twice_counts_once_and_finished_goes_before_failed(factory):
    done = factory.record("gce", created="2026-01-01T00:00:00Z")
    failed = factory.record("gce", status="failed", created="2026-02-01T00:00:00Z")
    separation = kept([failed, done])
    assert set(separation.kept["status"]) == {"done"}
    assert separation.groups[0].records == 1


def test_the_same_record_twice_is_no_contradiction(factory):
    record = factory.record()
    assert comparable_groups(tidy([record, record])).groups == ()


def test_two_results_of_one_trial_are_named_and_one_is_kept(factory):
    grid = factory.grid(["cross_entropy", "gce"], ["symmetric(0.4)"], [1, 2])
    right = grid[0].selections["last"].correctness(grid[0].manifest.test_rows)[::-1]
    last = grid[0].selections["last"].model_copy(update={"correct": pack_bits(right)})
    other = grid[0].model_copy(update={"selections": grid[0].selections | {"last": last}})
    found = comparable_groups(tidy([*grid, other]))
    assert len(found.kept) == len(tidy(grid))
    (group,) = found.groups
    assert grid[0].trial[:8] in group.name


def test_encoders_are_all_kept_and_said_to_have_their_own_tables(factory):
    first = factory.grid(["gce"], ["clean()"], [1])
    factory.encoder = "bert"
    separation = kept(first + factory.grid(["gce"], ["clean()"], [1]))
    assert separation.settings == (("bert", "frozen"), ("minilm", "frozen"))
    assert {"bert", "minilm"} <= set(re.findall(r"\w+", separation.sentences()[0]))


@pytest.mark.parametrize("order", [1, -1])
def test_what_is_kept_does_not_depend_on_the_order_of_records(factory, order):
    records = [factory.record("gce", labels=labels) for labels in ("a", "b")]
    buffer = io.StringIO()
    kept(records[::order]).kept.to_csv(buffer)
    other = io.StringIO()
    kept(records).kept.to_csv(other)
    assert buffer.getvalue() == other.getvalue()


NOISES = ["symmetric(0.2)", "symmetric(0.4)"]


def with_config(record, **changes):
    return record.model_copy(update={"config": record.config | changes})


def test_one_encoder_name_with_other_weights_is_never_averaged_with_itself(factory):
    many = [with_config(r, weights="aaa") for r in factory.grid(["gce"], NOISES, [1, 2])]
    other = with_config(factory.record("elr", "symmetric(0.4)", corpus="semeval"), weights="bbb")
    separation = kept([*many, other])
    assert set(separation.kept["weights"]) == {"aaa"}
    assert "encoder weights" in separation.sentences()[0]


def test_one_recipe_name_with_other_epochs_stays_out_of_the_mean_over_rates(factory):
    first = [with_config(r, recipe={"epochs": 10}) for r in factory.grid(["gce", "elr"], NOISES[:1], [1, 2])]
    second = [with_config(r, recipe={"epochs": 2}) for r in factory.grid(["gce"], NOISES[1:], [1, 2])]
    separation = kept(first + second)
    assert set(separation.kept["noise"]) == {"symmetric(0.2)"}
    assert "trec (minilm, frozen), recipe" in separation.sentences()[0]
    assert "2 records" in separation.sentences()[0]


def test_recipes_may_differ_between_corpora_as_token_limits_do(factory):
    first = [with_config(r, recipe={"max_tokens": 64}) for r in factory.grid(["gce"], NOISES, [1])]
    second = [with_config(r, recipe={"max_tokens": 99}) for r in factory.grid(["gce"], NOISES, [1], ["agnews"])]
    assert kept(first + second).groups == ()


def with_manifest(record, **changes):
    return record.model_copy(update={"manifest": record.manifest.model_copy(update=changes)})


def test_another_corpus_under_the_same_name_stays_out_of_the_mean_over_rates(factory):
    first = factory.grid(["gce", "elr"], NOISES[:1], [1])
    second = [with_manifest(r, corpus_fingerprint="cut") for r in factory.grid(["gce"], NOISES[1:], [1])]
    separation = kept(first + second)
    assert separation.kept["corpus_fingerprint"].nunique() == 1
    assert "fingerprint cut: 1 record" in separation.sentences()[0]


def test_trials_of_other_threads_are_kept_apart_and_failed_ones_without_costs_stay(factory):
    records = factory.grid(["gce", "elr"], NOISES, [1])
    two = factory.record("sce")
    two = two.model_copy(update={"costs": two.costs.model_copy(update={"threads": 2})})
    separation = kept([*records, two, factory.record("gce", seed=2, status="failed")])
    assert "sce" not in set(separation.kept["method"])
    assert "failed" in set(separation.kept["status"])
    assert "threads 2: 1 record" in separation.sentences()[0]


def test_a_method_has_one_version_on_all_corpora(factory):
    old, new = factory.record("gce", corpus="trec"), factory.record("gce", corpus="agnews", version=2)
    separation = kept([old, new])
    assert set(separation.kept["corpus"]) == {"agnews"}
    assert "gce version 1 (minilm, frozen): 1 record" in separation.sentences()[0]


def test_noise_rates_of_two_estimators_are_kept_apart(factory):
    records = factory.grid(["rated"], NOISES, [1, 2])
    other = records[0].rate_used.model_copy(update={"estimator": "mixture"})
    separation = kept([*records[1:], records[0].model_copy(update={"rate_used": other})])
    assert set(separation.kept["rate_estimator"]) == {"confident_joint"}
    assert "mixture" in separation.sentences()[0]


def test_a_folder_of_everything_mixed_keeps_one_of_each_and_says_the_rest(factory):
    base = factory.grid(["cross_entropy", "gce"], NOISES, [1, 2])
    factory.protocol = 0
    mixed = factory.grid(["gce"], NOISES, [3])
    factory.protocol, factory.encoder = 1, "bert"
    mixed += factory.grid(["cross_entropy"], NOISES, [1])
    factory.encoder = "minilm"
    mixed += [factory.record("gce", labels="other"), factory.record("elr", limits="few")]
    separation = kept(base + mixed)
    said = " ".join(separation.sentences())
    assert len(separation.groups) == 3
    assert len(separation.settings) == 2
    assert all(word in said for word in ("Protocol version 0", "noisy labels", "other limits", "never averaged"))
    minilm = separation.kept[separation.kept["encoder"] == "minilm"]
    assert set(minilm["trial"]) == {record.trial for record in base}


def test_records_taken_a_few_at_a_time_give_the_same_frame(factory, monkeypatch):
    records = [factory.record("gce", seed=seed) for seed in range(5)]
    records += [factory.record("elr", seed=1, status="failed", manifest=None), factory.record("elr", costs=None)]
    at_once = tidy(records)
    monkeypatch.setattr(frame, "BATCH", 2)
    pd.testing.assert_frame_equal(tidy(records), at_once)


def test_no_record_is_held_once_its_rows_and_details_are_taken(factory):
    alive = []

    def passing():
        for seed in range(3):
            record = factory.record(seed=seed)
            alive.append(weakref.ref(record))
            yield record

    details = Details()
    tidy(details.passing(passing()))
    assert len(details.found) == 3
    assert not any(record() for record in alive)
