"""The line on `--precision`: what bfloat16 saves where the processor has it."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from benchmark.speed.model import Measurement, by_processor_time
from benchmark.speed.setting import Bare, Setting, baseline_run, plain_training, warm_up
from benchmark.speed.timing import in_turn, median_ratio
from benchmark.training.precision import has_bfloat16
from benchmark.training.recipes import PRECISIONS
from benchmark.trial.task import TrialTask


def bfloat16(setting: Setting) -> list[Measurement]:
    """Training and inference in float32, over the same in bfloat16."""
    what = f"float32 / bfloat16, {setting.tuned} on {setting.corpus}"
    if not has_bfloat16("cpu"):
        return [Measurement("precision", what, None, "×", note="this processor has no instructions for bfloat16")]
    runs: dict[str, list[Bare]] = {precision: [] for precision in PRECISIONS}

    def timed(precision: str, task: TrialTask) -> Callable[[int], float]:
        def run(turn: int) -> float:
            runs[precision].append(baseline_run(task, plain_training(1)))
            return runs[precision][-1].wall_s

        return run

    for precision in PRECISIONS:
        warm_up(setting, setting.tuned, precision)
    tasks = {precision: setting.task("cross_entropy", setting.tuned, precision) for precision in PRECISIONS}
    in_turn(setting.sizes.tuned_repeats, {precision: timed(precision, task) for precision, task in tasks.items()})
    whole = median_ratio(*([run.processor_s for run in runs[precision]] for precision in PRECISIONS))
    return [
        Measurement(
            "precision",
            f"{name}: {what}",
            median_ratio(*([run.phases[phase] for run in runs[precision]] for precision in PRECISIONS)),
            "×",
            seconds={name: statistics.median(run.phases[phase] for run in found) for name, found in runs.items()},
            note=f"both together {by_processor_time(whole, '×')}",
        )
        for name, phase in (("training", "train"), ("inference", "evaluate training set"))
    ]
