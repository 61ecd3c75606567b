"""`plan`: what a run would do."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Unpack

import typer

from benchmark.cli import options, sources
from benchmark.cli.output import say_json, tell
from benchmark.experiment.options import RunOptions, run_options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmark.records.config import TrialConfig
    from benchmark.records.schema import Record

NVIDIA = Path("/proc/driver/nvidia/version")
"""Is there where a GPU's driver runs. To ask torch would take seconds."""

PLANNED = tuple(name for name, option in run_options().items() if not option.run_only)


@options.takes(*PLANNED)
def plan(
    grid: options.GridName = "demo",
    out: options.Out = None,
    every: Annotated[bool, typer.Option("--all", help="Every trial, not only those to run.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    **given: Unpack[RunOptions],
) -> None:
    """Show which trials are done, stale and why, changed, failed or missing, and what
    the rest will cost.
    """
    from benchmark.records.machine import collector_paused

    with collector_paused():
        _plan(grid, out, every, as_json, given)


def _plan(grid: str, out: Path | None, every: bool, as_json: bool, given: RunOptions) -> None:
    from benchmark.cli import plan_page
    from benchmark.experiment.plan import estimate_cost, make_plan
    from benchmark.records.run_folder import RunFolder
    from benchmark.running.availability import finished_records, what_is_absent
    from benchmark.running.request import make_request
    from benchmark.running.wanted import trials_to_run, wanted_trials

    request = make_request(grid, out, given)
    configs = wanted_trials(request, partial(tell, error=True))
    folder = RunFolder(request.out)
    records = finished_records(folder, request.archives, sources.warn, heads=True)
    rows = make_plan(configs, records)
    todo = trials_to_run(rows, folder)
    cost = estimate_cost(todo, records)
    if as_json:
        shown = rows if every else [row for row in rows if row.state != "done"]
        trials = [
            {"trial": row.config.id, "name": list(row.config.label), "state": row.state, "why": row.why}
            for row in shown
        ]
        counts = Counter(row.state for row in rows)
        say_json({"counts": counts, "seconds": cost.seconds, "without_estimate": cost.unknown, "trials": trials})
        return
    plan_page.show(request.title, request.out, rows, cost, what_is_absent(todo), every, _on_a_gpu(todo, records))


def _on_a_gpu(todo: Sequence[TrialConfig], records: Mapping[str, Record]) -> str:
    """Say how many of the trials to run would share a GPU, where there is one or was
    one.
    """
    from benchmark.running.gpu_share import gpu_need

    need = gpu_need(todo, records)
    if not todo or (need.mib is None and not NVIDIA.exists()):
        return ""
    return f"With --gpu up to {need.at_most} trials share a GPU, as its memory allows: {need.in_words()}"
