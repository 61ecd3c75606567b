"""The grid and the command that ask for the trials of a report again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmark.analysis.computed_once import computed_once
from benchmark.analysis.points import Detail
from benchmark.analysis.result_set import ResultSet


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, and the grid file that it reads."""

    line: str
    file: str
    grid: str


def commands(results: ResultSet, prefix: str = "") -> tuple[Command, ...]:
    """Give one command for all trials of the same epochs, batch size, precision, limits
    and threads.

    Without configurations there is none.
    """
    made = []
    for file, key, trials in _files(results, prefix):
        shared, seeds = json.loads(key), sorted({trial.seed for trial in trials})
        grid = _grid(results, shared["limits"], trials, len(seeds))
        made.append(Command(shlex.join(_words(file, shared, seeds)), file, grid))
    return tuple(made)


def command_for(
    results: ResultSet,
    corpus: str,
    noises: Sequence[str],
    methods: Sequence[str],
    seeds: Sequence[int],
    prefix: str = "",
) -> str:
    """Give the command for some methods and seeds on noises of one corpus.

    It reads the grid file of `commands` with the corpus' trials. It is empty where no
    configurations are at hand, or where the corpus' trials differ in them.
    """
    found = [(file, key) for file, key, trials in _files(results, prefix) if corpus in {it.corpus for it in trials}]
    if len(found) != 1:
        return ""
    file, key = found[0]
    chosen = ["--corpora", corpus, "--noises", ",".join(noises), "--methods", ",".join(methods)]
    return shlex.join([*_words(file, json.loads(key), seeds), *chosen])


@computed_once
def _files(results: ResultSet, prefix: str) -> list[tuple[str, str, list[Detail]]]:
    """Give of each grid file its name, its trials' conditions and the trials.

    Trials of a plug-in are in the file of the others, whose command then names it.
    """
    by_conditions: dict[str, list[Detail]] = {}
    kept = {(trial, created) for trial, created in results.trials[["trial", "created"]].itertuples(index=False)}
    for detail in results.details:
        if (detail.trial, detail.created) in kept and detail.conditions:
            by_conditions.setdefault(detail.conditions, []).append(detail)
    found: dict[str, list[Detail]] = {}
    for conditions, trials in by_conditions.items():
        with_plugins = json.dumps(json.loads(conditions) | {"plugins": True}, sort_keys=True)
        found.setdefault(with_plugins if with_plugins in by_conditions else conditions, []).extend(trials)
    names = (f"{prefix}grid{'' if len(found) == 1 else f'-{place}'}.toml" for place in range(1, len(found) + 1))
    return [(file, key, found[key]) for file, key in zip(names, sorted(found), strict=True)]


def _words(file: str, shared: dict[str, Any], seeds: Sequence[int]) -> list[str]:
    words = ["python", "-m", "benchmark", "run", "--grid", file]
    words += ["--seeds", ",".join(map(str, seeds)) + ("," if len(seeds) == 1 else "")]
    for name in ("epochs", "batch_size", "precision"):
        if shared[name] is not None:
            words += [f"--{name.replace('_', '-')}", str(shared[name])]
    words += ["--threads-per-trial", str(shared["threads"])]
    return words + (["--plugin", "YOUR_FILE.py"] if shared["plugins"] else [])


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
    """Group the corpora that met the same noises."""
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
    """Write a TOML string.

    JSON's escapes are a part of TOML's but for the surrogates that ASCII output makes.
    """
    return json.dumps(name, ensure_ascii=False)
