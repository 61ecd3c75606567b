"""The grid and the command that ask for the trials of a report again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmark.analysis.points import Detail
from benchmark.analysis.result_set import ResultSet


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, and the grid file that it reads."""

    line: str
    file: str
    grid: str


def commands(results: ResultSet, prefix: str = "") -> tuple[Command, ...]:
    """One command for all trials of the same epochs, batch size, precision, limits and
    threads; none without configurations.
    """
    found: dict[str, list[Detail]] = {}
    kept = {(trial, created) for trial, created in results.trials[["trial", "created"]].itertuples(index=False)}
    for detail in results.details:
        if (detail.trial, detail.created) in kept and detail.conditions:
            found.setdefault(detail.conditions, []).append(detail)
    made = []
    for place, key in enumerate(sorted(found), start=1):
        file = f"{prefix}grid{'' if len(found) == 1 else f'-{place}'}.toml"
        made.append(_command(results, file, json.loads(key), found[key]))
    return tuple(made)


def _command(results: ResultSet, file: str, shared: dict[str, Any], trials: Sequence[Detail]) -> Command:
    seeds = sorted({trial.seed for trial in trials})
    words = ["python", "-m", "benchmark", "run", "--grid", file]
    words += ["--seeds", ",".join(map(str, seeds)) + ("," if len(seeds) == 1 else "")]
    for name in ("epochs", "batch_size", "precision"):
        if shared[name] is not None:
            words += [f"--{name.replace('_', '-')}", str(shared[name])]
    words += ["--threads-per-trial", str(shared["threads"])]
    if shared["plugins"]:
        words += ["--plugin", "YOUR_FILE.py"]
    return Command(shlex.join(words), file, _grid(results, shared["limits"], trials, len(seeds)))


def _grid(results: ResultSet, limits: dict[str, int], trials: Sequence[Detail], seeds: int) -> str:
    methods = {trial.method for trial in trials}
    reference = results.reference if results.reference in methods else min(methods)
    lines = [
        f"title = {_text(f'The trials of a report: {results.name}')}",
        f"methods = {_list(sorted(methods))}",
        f"encoders = {_list([results.encoder])}",
        f"seeds = {seeds}",
        f"reference = {_text(reference)}",
    ]
    if limits:
        lines += ["", "[limits]", *(f"{split} = {rows}" for split, rows in limits.items())]
    for noises, corpora in _cells(trials).items():
        lines += ["", "[[cells]]", f"corpora = {_list(corpora)}", f"noises = {_list(noises)}"]
    return "\n".join(lines) + "\n"


def _cells(trials: Iterable[Detail]) -> dict[tuple[str, ...], list[str]]:
    """Corpora that met the same noises, together."""
    noises: dict[str, set[str]] = {}
    for trial in trials:
        noises.setdefault(trial.corpus, set()).add(trial.noise)
    together: dict[tuple[str, ...], list[str]] = {}
    for corpus in sorted(noises):
        together.setdefault(tuple(sorted(noises[corpus])), []).append(corpus)
    return together


def _list(names: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, names))}]"


def _text(name: str) -> str:
    """A TOML string: JSON's escapes are a part of TOML's but for the surrogates that
    ASCII output makes.
    """
    return json.dumps(name, ensure_ascii=False)
