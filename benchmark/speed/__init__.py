"""The bar of design section 7, measured: each line one function, ratios within one
run.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.contracts.errors import UnknownNameError
from benchmark.speed.authors import first_stage_of_the_authors
from benchmark.speed.commands import help_of_the_command_line, plan_of_many_trials, report_on_many_records
from benchmark.speed.harness import overhead_of_a_trial
from benchmark.speed.model import Line, Measurement
from benchmark.speed.precision import bfloat16
from benchmark.speed.preparation import features_on_all_cores
from benchmark.speed.setting import Setting
from benchmark.speed.stages import stage_one, stage_two
from benchmark.speed.steps import frozen_step
from benchmark.speed.tensors import imagined_labels, padding
from benchmark.speed.transformer_steps import gpu_steps
from benchmark.speed.workers import trials_on_a_gpu, two_workers

__all__ = ["LINES", "Line", "Measurement", "Setting", "chosen_lines"]

LINES: dict[str, Line] = {
    line.name: line
    for line in (
        Line("stage-one", "DyGen's first stage against two networks trained and looked at", stage_one),
        Line("stage-two", "share of DyGen's later parts in the whole trial, and a step of its second stage", stage_two),
        Line("padding", "batches of similar length against padding to the maximum", padding),
        Line("imagined-labels", "one product over all imagined labels against a loop", imagined_labels),
        Line("overhead", "a trial against the method's bare training", overhead_of_a_trial),
        Line("workers", "trials an hour of two workers against one", two_workers),
        Line("help", "the command line's --help", help_of_the_command_line),
        Line("plan", "a plan of 10,000 trials", plan_of_many_trials),
        Line("report", "a report on 10,000 records", report_on_many_records),
        Line("frozen-step", "a training step over frozen features against a plain torch loop", frozen_step),
        Line("gpu-steps", "on a GPU: a step of fine-tuning against a plain loop, eager and compiled", gpu_steps),
        Line("gpu-trials", "on a GPU: trials an hour of two, four and eight at a time against one", trials_on_a_gpu),
        Line("precision", "training and inference in float32 against bfloat16", bfloat16),
        Line("preparation", "texts made into features on all cores against one", features_on_all_cores),
        Line("authors", "DyGen's first stage against its authors' code, by --authors", first_stage_of_the_authors),
    )
}


def chosen_lines(names: Sequence[str] | None) -> list[Line]:
    """The lines by name or by letter (a is the first), in the bar's order.

    All without names.
    """
    if names is None:
        return list(LINES.values())
    letters = dict(zip("abcdefghijklmnopqrstuvwxyz", LINES, strict=False))
    found = {letters.get(name, name) for name in names}
    for name in sorted(found - LINES.keys()):
        last = list(letters)[len(LINES) - 1]
        raise UnknownNameError("line of the bar", name, LINES, f"Or by letter, a to {last}.")
    return [line for name, line in LINES.items() if name in found]
