"""`plan`: what a run would do."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Annotated, Unpack

import typer

from benchmark.cli import options, sources
from benchmark.cli.output import say_json, tell
from benchmark.experiment.options import RunOptions, run_options

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmark.corpora.loading import Availability
    from benchmark.records.config import TrialConfig

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
    from benchmark.experiment.expansion import expand
    from benchmark.experiment.identifiability import check_identifiable
    from benchmark.experiment.plan import estimate_cost, make_plan
    from benchmark.records.artefacts import ArtefactCache
    from benchmark.records.code.plugins import load_plugins
    from benchmark.records.run_folder import RunFolder
    from benchmark.running.availability import finished_records
    from benchmark.running.request import make_request
    from benchmark.trial.fitting import check_fit

    request = make_request(grid, out, given)
    load_plugins(request.plugins)
    configs = expand(request.grid, request.choices, partial(tell, error=True))
    for remark in request.remarks:
        tell(remark, error=True)
    check_identifiable(configs, request.allow_unidentifiable, partial(tell, error=True))
    folder = RunFolder(request.out)
    records = finished_records(folder, request.archives, sources.warn, heads=True)
    rows = make_plan(configs, records)
    todo = [row.config for row in rows if row.to_run(rerun_changed=False)]
    check_fit(todo, ArtefactCache(folder.artefacts))
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
    plan_page.show(request.title, request.out, rows, cost, _absent(todo), every)


def _absent(todo: Sequence[TrialConfig]) -> list[str]:
    """What trials to run lack: a sentence for each reason, with all corpora or encoders
    that it holds for.
    """
    from benchmark.corpora import availability
    from benchmark.training.encoders.names import encoder_from

    found: dict[str, list[str]] = {}
    for name in dict.fromkeys(config.corpus for config in todo):
        if why := _why_absent(availability(name)):
            found.setdefault(why, []).append(name)
    for name in dict.fromkeys(config.encoder for config in todo):
        if not encoder_from(name).at_hand():
            found.setdefault("encoders without weights at hand", []).append(name)
    return [f"{why}: {', '.join(names)}" for why, names in found.items()]


def _why_absent(at_hand: Availability) -> str:
    """Why a corpus is not at hand, or nothing."""
    if at_hand.packages:
        return f"corpora whose package {at_hand.packages[0]} is not installed"
    if not at_hand.missing:
        return ""
    file = next((file for file in at_hand.missing if file.wrong or not file.url), at_hand.missing[0])
    if file.wrong:
        return f"corpora whose file {file.name} has other bytes"
    return "corpora that can be downloaded" if file.url else "corpora whose files have no public address"
