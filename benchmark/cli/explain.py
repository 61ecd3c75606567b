"""`explain`: everything about one trial."""

from __future__ import annotations

import inspect
import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from benchmark.records import Record


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
    if as_json:
        typer.echo(json.dumps(record.model_dump(mode="json"), indent=1, ensure_ascii=False))
        return
    _show(record, source)


def _show(record: Record, source: Path) -> None:
    _head(record)
    content = record.model_dump(mode="json")
    for part in ("failure", "config", "manifest", "selections", "train_metrics", "rate_used", "costs", "provenance"):
        if content.get(part):
            typer.secho(f"\n{part}", bold=True)
            if part == "selections":
                _selections(content[part])
            else:
                _tree(content[part], 1)
    typer.secho("\nseeds", bold=True)
    typer.echo(f"  seed {record.seed}: every stream is sha256 of its names and this number")
    typer.secho("\nrun just this one", bold=True)
    typer.echo(f"  {_command(record, source)}")


def _head(record: Record) -> None:
    from benchmark.contracts import methods
    from benchmark.contracts.specs import split_call

    name = split_call(record.method, "method")[0]
    typer.secho(f"{record.method} on {record.corpus} under {record.noise}: {record.status}", bold=True)
    if name in methods:
        typer.echo(inspect.cleandoc(methods[name].__doc__ or ""))
        for line in methods[name].departures:
            typer.echo(f"  departs: {line}")


def _command(record: Record, source: Path) -> str:
    """The command that runs the trial again, in a folder of its own."""
    words = ["python", "-m", "benchmark", "run", "--trial", record.trial, "--source", str(source)]
    words += ["--out", f"{source.resolve().stem}-{record.trial}"]
    return shlex.join(words) + (" --plugin FILE.py" if record.config.get("method_source") else "")


def _selections(selections: dict[str, Any]) -> None:
    """One line a metric, one column a rule."""
    rows = [("", *selections)]
    for key in ("stage", "fraction"):
        rows.append((key, *(_shown(chosen[key]) for chosen in selections.values())))
    for metric in dict.fromkeys(name for chosen in selections.values() for name in chosen["metrics"]):
        rows.append((metric, *(_shown(chosen["metrics"].get(metric)) for chosen in selections.values())))
    for name, *cells in rows:
        typer.echo(f"  {name:24}" + "".join(f"{cell:>13}" for cell in cells))


def _tree(value: dict[str, Any], depth: int) -> None:
    indent = "  " * depth
    for key, item in value.items():
        if isinstance(item, dict):
            typer.echo(f"{indent}{key}")
            _tree(item, depth + 1)
        elif isinstance(item, list) and item and isinstance(item[0], list):
            typer.echo(f"{indent}{key}")
            for row in item:
                typer.echo(f"{indent}  " + " ".join(f"{_shown(cell):>6}" for cell in row))
        elif isinstance(item, list) and item and isinstance(item[0], str):
            typer.echo(f"{indent}{key}")
            for line in item:
                typer.echo(f"{indent}  {_shown(line)}")
        elif isinstance(item, list):
            typer.echo(f"{indent}{key}: {' '.join(map(_shown, item))}")
        else:
            typer.echo(f"{indent}{key}: {_shown(item)}")


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    return "".join(sign if sign.isprintable() else " " for sign in str(value))
