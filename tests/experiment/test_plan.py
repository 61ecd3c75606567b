import dataclasses
import time

import pytest

from benchmark.experiment import plan
from benchmark.experiment.choices import Choices
from benchmark.experiment.expansion import expand
from benchmark.experiment.grid import Cells, Grid
from benchmark.experiment.plan import CostEstimates, estimate_cost, make_plan, schedule_order
from benchmark.records.archive.packing import write_archive
from benchmark.records.config import TrialConfig
from benchmark.records.run_folder import RunFolder
from benchmark.running.availability import finished_records


def grid(methods=("cross_entropy", "gce"), seeds=2, noises=("symmetric(0.4)",)):
    cells = (Cells(corpora=("apidocs",), noises=noises),)
    return Grid(title="t", methods=methods, encoders=("scratch:tiny",), seeds=seeds, cells=cells)


SMALL = Choices(limit_examples=16, epochs=1)


@pytest.fixture(scope="module")
def records(finished_run):
    return RunFolder(finished_run).read().records


def states(rows):
    return [row.state for row in rows]


def test_finished_trials_are_done(records):
    assert states(make_plan(expand(grid(), SMALL), records)) == ["done"] * 4


def test_an_enlarged_grid_misses_only_what_is_new(records):
    rows = make_plan(expand(grid(seeds=3, methods=("cross_entropy", "gce", "elr")), SMALL), records)
    assert states(rows).count("done") == 4
    assert states(rows).count("missing") == 5
    assert not [row for row in rows if row.state == "done" and row.to_run(rerun_changed=True)]


def test_a_changed_parameter_is_stale_and_says_which(records):
    rows = make_plan(expand(grid(methods=("gce",)), dataclasses.replace(SMALL, settings=("gce.q=0.5",))), records)
    assert {(row.state, row.why) for row in rows} == {("stale", "method: gce → gce[q=0.5]; parameters.q: 0.7 → 0.5")}
    assert all(row.to_run(rerun_changed=False) for row in rows)


def test_a_variant_beside_the_finished_one_is_missing_not_stale(records):
    rows = make_plan(expand(grid(methods=("gce", "gce[q=0.5]")), SMALL), records)
    assert sorted(states(rows)) == ["done", "done", "missing", "missing"]


def test_a_changed_recipe_is_stale_and_says_which(records):
    rows = make_plan(expand(grid(), dataclasses.replace(SMALL, epochs=2)), records)
    assert {(row.state, row.why) for row in rows} == {("stale", "recipe.epochs: 1 → 2")}


def test_a_changed_card_is_stale_and_says_so(records):
    configs = [TrialConfig(**config.model_dump() | {"card": "other"}) for config in expand(grid(), SMALL)]
    assert all(row.state == "stale" and row.why.startswith("card: ") for row in make_plan(configs, records))


def test_changed_code_is_changed_and_run_again_only_when_asked(records, monkeypatch):
    monkeypatch.setattr(plan, "code_digest", lambda cls: "other")
    rows = make_plan(expand(grid(), SMALL), records)
    assert set(states(rows)) == {"changed"}
    assert not any(row.to_run(rerun_changed=False) for row in rows)
    assert all(row.to_run(rerun_changed=True) for row in rows)


def test_a_failed_trial_is_tried_again(records):
    configs = expand(grid(), SMALL)
    failed = records[configs[0].id].model_copy(update={"status": "failed"})
    row = make_plan(configs, dict(records) | {failed.trial: failed})[0]
    assert row.state == "failed"
    assert row.to_run(rerun_changed=False)


def test_cost_goes_by_the_nearest_record(records):
    cost = estimate_cost(expand(grid(seeds=4), SMALL), records)
    assert cost.unknown == 0
    assert cost.seconds > 0
    assert estimate_cost(expand(grid(), SMALL), {}).unknown == 4  # of an encoder that no archive has


def timed(records, seconds):
    """The records with the wall time of each given by its method."""
    return {
        trial: record.model_copy(update={"costs": record.costs.model_copy(update={"wall_s": seconds[record.method]})})
        for trial, record in records.items()
    }


@pytest.mark.parametrize(
    ("change", "seconds"),
    [
        ({}, 9.0),
        ({"recipe": {"name": "another"}}, 9.0),
        ({"method": "elr"}, 5.0),
        ({"method": "elr", "recipe": {"name": "another"}}, 5.0),
        ({"corpus": "another"}, 9.0),
        ({"method": "elr", "corpus": "another"}, None),
    ],
)
def test_a_trial_costs_what_its_method_did_by_any_recipe_before_what_others_did_on_its_corpus(records, change, seconds):
    known = timed(records, {"gce": 9.0, "cross_entropy": 1.0})
    config = expand(grid(methods=("gce",), seeds=1), SMALL)[0]
    assert CostEstimates(known).of(config.model_copy(update=change)) == seconds


def test_the_dearest_trials_of_a_cell_and_seed_go_first_and_cells_stay_together(records):
    configs = expand(grid(methods=("cross_entropy", "gce")), SMALL)
    dear = timed(records, {"gce": 9.0, "cross_entropy": 1.0})
    ordered = [(config.seed, config.method) for config in schedule_order(configs, dear)]
    assert ordered == [(0, "gce"), (0, "cross_entropy"), (1, "gce"), (1, "cross_entropy")]


def test_without_records_more_networks_go_first():
    configs = expand(grid(methods=("cross_entropy", "co_teaching"), seeds=1), SMALL)
    assert [config.method for config in schedule_order(configs, {})] == ["co_teaching", "cross_entropy"]


def test_a_plan_of_ten_thousand_trials_takes_no_longer_than_it_may(records):
    began = time.process_time()
    noises = ("clean()", "symmetric(0.1)", "symmetric(0.2)", "symmetric(0.4)", "asymmetric(0.2)")
    configs = expand(grid(seeds=1000, noises=noises), SMALL)
    rows = make_plan(configs, records)
    schedule_order([row.config for row in rows], records)
    estimate_cost(configs, records)
    assert len(rows) == 10_000
    assert time.process_time() - began < 3.0


def test_a_plan_keeps_of_a_record_no_more_than_its_head(finished_run, records):
    heads = finished_records(RunFolder(finished_run), [], pytest.fail, heads=True)
    assert {trial: record.head() for trial, record in records.items()} == heads
    assert not any(record.curve or record.selections for record in heads.values())


def test_a_plan_by_heads_is_the_plan_by_whole_records(finished_run, records):
    configs = expand(grid(seeds=3, methods=("cross_entropy", "gce[q=0.5]")), SMALL)
    heads = finished_records(RunFolder(finished_run), [], pytest.fail, heads=True)
    assert make_plan(configs, heads) == make_plan(configs, records)


def test_records_of_several_sources_stay_whole_to_be_compared(finished_run, records, tmp_path):
    write_archive([], tmp_path / "none.parquet")
    found = finished_records(RunFolder(finished_run), [tmp_path / "none.parquet"], pytest.fail, heads=True)
    assert found == records
