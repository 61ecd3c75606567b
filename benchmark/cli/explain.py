"""`explain`: everything about one trial."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer


def explain(
    trial: Annotated[str, typer.Argument(help="A trial's id, or its first digits.")],
    source: Annotated[Path, typer.Option("--from", help="Run folder or archive.")] = Path("results/runs/demo"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole record as JSON.")] = False,
) -> None:
    """Show a trial's exact configuration, manifest, seeds, versions, results, and the command that reruns it."""
    from benchmark.api import load_records
    from benchmark.contracts.errors import BenchmarkError

    records = load_records(source)
    found = [record for record in records if record.trial.startswith(trial)]
    if len(found) != 1:
        near = ", ".join(sorted(record.trial for record in found or records)[:8]) or "none"
        raise BenchmarkError(f"{len(found)} trials in '{source}' have an id that begins with '{trial}'. There: {near}.")
    record = found[0]
    content = record.model_dump(mode="json")
    if as_json:
        typer.echo(json.dumps(content, indent=1, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.markup import escape

    from benchmark.contracts import methods
    from benchmark.contracts.specs import split_call

    console = Console()
    name = split_call(record.method, "method")[0]
    console.print(f"[bold]{escape(record.method)}[/] on {escape(record.corpus)} under {escape(record.noise)}")
    if name in methods:
        console.print(escape((methods[name].__doc__ or "").strip()), highlight=False)
        for line in methods[name].departures:
            console.print(f"  departs: {escape(line)}", highlight=False)
    for part in ("config", "manifest", "selections", "train_metrics", "rate_used", "costs", "provenance", "failure"):
        if content.get(part):
            console.print(f"\n[bold]{part}[/]")
            _tree(console, _brief(content[part]), 1)
    console.print("\n[bold]seeds[/]")
    console.print(f"  seed {record.seed}: every stream is sha256 of its names and this number", highlight=False)
    console.print("\n[bold]run just this one[/]")
    again = f"python -m benchmark run --trial {record.trial} --source {source} --out {source.stem}-{record.trial}"
    console.print(f"  {escape(again)}", highlight=False, soft_wrap=True)


def _brief(value: Any) -> Any:
    """Without the packed bits, which say nothing to a reader."""
    if isinstance(value, dict):
        return {key: _brief(item) for key, item in value.items() if key != "correct"}
    return value


def _tree(console: Any, value: Any, depth: int) -> None:
    from rich.markup import escape

    for key, item in value.items():
        if isinstance(item, dict):
            console.print(f"{'  ' * depth}{escape(str(key))}", highlight=False)
            _tree(console, item, depth + 1)
        else:
            console.print(f"{'  ' * depth}{escape(str(key))}: {escape(str(item))}", highlight=False, soft_wrap=True)
