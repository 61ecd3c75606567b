"""`plan`: what a run would do."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Annotated, Unpack

import typer

from benchmark.cli import options, sources
from benchmark.cli.output import say, say_json
from benchmark.experiment.options import RunOptions, run_options

if TYPE_CHECKING:
    from pathlib import Path

    from benchmark.experiment.plan import Row

MOST_ROWS = 40
LONGEST_WHY = 300
COLUMNS = ("trial", "method", "corpus", "noise", "encoder", "seed", "state")


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
    from benchmark.experiment.expansion import expand
    from benchmark.experiment.identifiability import check_identifiable
    from benchmark.experiment.plan import estimate_cost, make_plan
    from benchmark.records.artifacts import ArtifactCache
    from benchmark.records.code.plugins import load_plugins
    from benchmark.records.machine import cores
    from benchmark.records.run_folder import RunFolder
    from benchmark.running.availability import finished_records
    from benchmark.running.request import make_request
    from benchmark.trial.fitting import check_fit

    request = make_request(grid, out, given)
    load_plugins(request.plugins)
    configs = expand(request.grid, request.choices, partial(say, error=True))
    for remark in request.remarks:
        say(remark, error=True)
    check_identifiable(configs, request.allow_unidentifiable, partial(say, error=True))
    folder = RunFolder(request.out)
    records = finished_records(folder, request.archives, sources.warn, heads=True)
    rows = make_plan(configs, records)
    counts = Counter(row.state for row in rows)
    todo = [row.config for row in rows if row.to_run(rerun_changed=False)]
    check_fit(todo, ArtifactCache(folder.artefacts))
    cost = estimate_cost(todo, records)
    shown = rows if every else [row for row in rows if row.state != "done"]
    if as_json:
        trials = [
            {"trial": row.config.id, "name": list(row.config.label), "state": row.state, "why": row.why}
            for row in shown
        ]
        say_json({"counts": counts, "seconds": cost.seconds, "without_estimate": cost.unknown, "trials": trials})
        return
    _show(request.title, rows, shown)
    if todo:
        known = len(todo) - cost.unknown
        took = f"{_duration(cost.seconds / cores())} on {cores()} cores for {known} of {len(todo)} trials"
        say(f"Cost: {took if known else 'no record at hand to go by'}")


def _show(title: str, rows: list[Row], shown: list[Row]) -> None:
    """Counts, what all shown trials have in common, and a line a trial.

    Why it is to run stands below it.
    """
    from benchmark.experiment.plan import STATES

    counts = Counter(row.state for row in rows)
    say(f"{title}: {len(rows)} trials")
    say(", ".join(f"{counts[state]} {state}" for state in STATES if counts[state]))
    if not shown:
        return
    columns = [(name, [_cells(row)[place] for row in shown]) for place, name in enumerate(COLUMNS)]
    common = [(name, cells[0]) for name, cells in columns if len(set(cells)) == 1 and name != "trial"]
    say("All: " + ", ".join(f"{name} {cell}" for name, cell in common) + "\n" if common else "")
    varied = [(name, [name, *cells[:MOST_ROWS]]) for name, cells in columns if (name, cells[0]) not in common]
    widths = [max(map(len, cells)) for _, cells in varied]
    for number in range(min(len(shown), MOST_ROWS) + 1):
        parts = [cells[number].ljust(width) for (_, cells), width in zip(varied, widths, strict=True)]
        say("  ".join(parts).rstrip())
        if number and shown[number - 1].why:
            why = shown[number - 1].why.strip().partition("\n")[0]
            say(f"    {why[:LONGEST_WHY]}")
    if len(shown) > MOST_ROWS:
        say(f"… and {len(shown) - MOST_ROWS} more; --json shows all")


def _cells(row: Row) -> tuple[str, ...]:
    return (row.config.id, *map(str, row.config.label), row.state)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"
