"""`plan`: what a run would do."""

from __future__ import annotations

import json
from collections import Counter
from typing import Annotated

import typer

from benchmark.cli import options

MOST_ROWS = 40


def plan(
    grid: options.GridName = "demo",
    methods: options.Methods = None,
    corpora: options.Corpora = None,
    noises: options.Noises = None,
    encoder: options.EncoderName = None,
    seeds: options.Seeds = None,
    settings: options.Settings = None,
    limit_examples: options.LimitExamples = None,
    epochs: options.Epochs = None,
    out: options.Out = None,
    plugin: options.Plugins = None,
    archive: options.Archives = None,
    threads_per_trial: options.Threads = 1,
    every: Annotated[bool, typer.Option("--all", help="Every trial, not only those to run.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show which trials are done, stale and why, changed, failed or missing, and what the rest will cost."""
    from benchmark.grid import expand
    from benchmark.machine import cores
    from benchmark.plan import STATES, estimate_cost, make_plan
    from benchmark.store import RunFolder

    found, _ = options.read_grid(grid, plugin)
    configs = expand(
        found,
        options.choices(methods, corpora, noises, encoder, seeds, settings, limit_examples, epochs, threads_per_trial),
    )
    records = dict(RunFolder(options.out_folder(out, grid)).read().records)
    if archive:
        from benchmark.analysis.archive import read_archive

        for path in archive:
            records |= {record.trial: record for record in read_archive(path) if record.status == "done"}
    rows = make_plan(configs, records)
    counts = Counter(row.state for row in rows)
    todo = [row.config for row in rows if row.to_run(rerun_changed=False)]
    cost = estimate_cost(todo, records)
    shown = rows if every else [row for row in rows if row.state != "done"]
    if as_json:
        trials = [
            {"trial": row.config.id, "name": list(row.config.label), "state": row.state, "why": row.why}
            for row in shown
        ]
        typer.echo(
            json.dumps(
                {"counts": counts, "seconds": cost.seconds, "without_estimate": cost.unknown, "trials": trials},
                indent=1,
            )
        )
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    console.print(f"[bold]{escape(found.title)}[/]: {len(rows)} trials", highlight=False)
    console.print(", ".join(f"{counts[state]} {state}" for state in STATES if counts[state]), highlight=False)
    table = Table("trial", "method", "corpus", "noise", "encoder", "seed", "state", "why", box=None, pad_edge=False)
    for row in shown[:MOST_ROWS]:
        table.add_row(row.config.id, *(escape(str(part)) for part in row.config.label), row.state, escape(row.why))
    if shown:
        console.print(table)
    if len(shown) > MOST_ROWS:
        console.print(f"… and {len(shown) - MOST_ROWS} more; --json shows all", highlight=False)
    if todo:
        known = len(todo) - cost.unknown
        hours = f"{cost.hours(cores()):.2f} h on {cores()} cores for {known} of {len(todo)} trials" if known else ""
        console.print(f"Cost: {hours or 'no record at hand to go by'}", highlight=False)
