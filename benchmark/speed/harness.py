"""A line on the harness: what it adds to a trial."""

from __future__ import annotations

import statistics
import time

from benchmark.contracts import BenchmarkError, method_from
from benchmark.records.schema import Record
from benchmark.speed.model import Measurement, by_processor_time
from benchmark.speed.setting import Setting, baseline_run, warm_up
from benchmark.speed.timing import in_turn, median_difference
from benchmark.trial.run import run_trial

METHOD = "cross_entropy"
LOOKING = ("observe", "score training labels")
"""Phases in which the harness passes texts through the networks, for selection and for
scores.
"""


def overhead_of_a_trial(setting: Setting) -> list[Measurement]:
    """Wall seconds of a trial minus the method's bare training, with and without the
    passes that selection reads.

    The latter is what the harness itself adds: at most the larger of 2 % of the trial
    and 0.1 s.
    """
    warm_up(setting, setting.head)
    task = setting.task(METHOD, setting.head)
    method = method_from(METHOD)
    records: list[Record] = []
    processor: dict[str, list[float]] = {"trial": [], "bare": []}

    def trial(turn: int) -> float:
        began = time.process_time()
        records.append(_done(run_trial(task)))
        processor["trial"].append(time.process_time() - began)
        return _wall(records[-1])

    def training(turn: int) -> float:
        run = baseline_run(task, method.fit)
        processor["bare"].append(run.processor_s)
        return run.wall_s

    rounds = in_turn(2 * setting.sizes.repeats + 1, {"bare": training, "trial": trial})
    wall_s = statistics.median(rounds["trial"])
    added_s = median_difference(rounds["trial"], rounds["bare"])
    looking = {
        phase: statistics.median(r.costs.seconds.get(phase, 0.0) for r in records if r.costs) for phase in LOOKING
    }
    rest_s = added_s - sum(looking.values())
    limit_s = max(0.1, 0.02 * wall_s)
    what = f"{METHOD} on {setting.corpus}, {setting.head}, a trial of {wall_s:.2f} s"
    return [
        Measurement(
            "overhead",
            f"{what}: trial - bare training",
            added_s,
            "s",
            seconds=looking | {"all else": rest_s},
            note=by_processor_time(median_difference(processor["trial"], processor["bare"]), "s"),
        ),
        Measurement(
            "overhead",
            f"{what}: the same without passes through the networks",
            rest_s,
            "s",
            at_most=limit_s,
            note="passes over validation, test and training texts are what selection and scores read",
        ),
    ]


def _done(record: Record) -> Record:
    if record.failure is not None:
        raise BenchmarkError(f"A trial that was to be timed failed: {record.failure.message}")
    return record


def _wall(record: Record) -> float:
    return record.costs.wall_s if record.costs is not None else 0.0
