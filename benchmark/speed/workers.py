"""Lines on how trials share a machine: trials an hour of several workers."""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from pathlib import Path

from benchmark.records.machine import cores, gpus
from benchmark.records.run_folder import RunFolder
from benchmark.speed.commands import call
from benchmark.speed.model import Measurement
from benchmark.speed.setting import Setting

METHOD = "cross_entropy"


def two_workers(setting: Setting) -> list[Measurement]:
    """Trials an hour of two workers over those of one, under Ray, once each worker has
    ended its first trial.
    """
    what = f"trials an hour of two workers / one, {METHOD}, {setting.head}, {setting.corpus}"
    if cores() < 2:
        return [Measurement("workers", what, None, "×", at_least=1.7, note="this machine has one core")]
    rates: dict[int, float] = {}
    walls: dict[str, float] = {}
    for workers in (1, 2):
        started = time.perf_counter()
        rates[workers] = _rate(setting, workers)
        walls[f"{workers} worker(s), start of Ray included"] = time.perf_counter() - started
    return [
        Measurement(
            "workers",
            what,
            rates[2] / rates[1],
            "×",
            at_least=1.7,
            seconds=walls,
            note=f"{3600 * rates[1]:.0f} and {3600 * rates[2]:.0f} trials an hour",
        )
    ]


def trials_on_a_gpu(setting: Setting) -> list[Measurement]:
    """Trials an hour of two, four and eight at a time on one GPU over those of one.

    Four are to be at least 2.5 times as many.
    """
    what = f"trials an hour on one GPU, {METHOD}, {setting.tuned}, {setting.corpus}"
    counts = (2, 4, 8)
    if not gpus():
        note = "this machine has no CUDA device"
        return [_on_a_gpu(what, count, None, note) for count in counts]
    rates = {count: _rate(setting, count, setting.tuned, gpus_per_trial=1 / count) for count in (1, *counts)}
    return [
        _on_a_gpu(what, count, rates[count] / rates[1], f"{3600 * rates[count]:.0f} trials an hour") for count in counts
    ]


def _on_a_gpu(what: str, count: int, ratio: float | None, note: str) -> Measurement:
    at_least = 2.5 if count == 4 else None
    return Measurement("gpu-trials", f"{what}: {count} at a time / one", ratio, "×", at_least=at_least, note=note)


def _rate(setting: Setting, workers: int, encoder: str | None = None, gpus_per_trial: float = 0.0) -> float:
    """Trials a second of a run as a person starts it, after each worker's first."""
    seeds = [next(setting.seeds) for _ in range(workers * setting.sizes.trials_a_worker)]
    folder = setting.folder.resolve() / f"seeds-from-{seeds[0]}"
    call(*_command(setting, folder, encoder or setting.head, seeds, workers, gpus_per_trial))
    return _after_the_first(RunFolder(folder), workers)


def _command(
    setting: Setting, folder: Path, encoder: str, seeds: Collection[int], workers: int, gpus_per_trial: float
) -> list[str]:
    """The words of a run of the setting's trials under these seeds."""
    chosen = setting.choices(METHOD, encoder, tuple(seeds))
    grid = folder.with_suffix(".toml")
    grid.write_text(_toml(setting), encoding="utf-8")
    words = ["run", "--grid", str(grid), "--out", str(folder), "--no-report", "--executor", "ray"]
    words += ["--encoder", encoder, "--seeds", ",".join(map(str, seeds)), "--workers", str(workers)]
    if gpus_per_trial:
        words += ["--gpus-per-trial", str(gpus_per_trial)]
    if chosen.limit_examples is not None:
        words += ["--limit-examples", str(chosen.limit_examples)]
    return words if chosen.epochs is None else [*words, "--epochs", str(chosen.epochs)]


def _toml(setting: Setting) -> str:
    """The setting's grid as a file has it. A JSON text is a TOML text, too."""
    grid = setting.grid()
    named = {"title": grid.title, "methods": grid.methods, "encoders": grid.encoders, "seeds": grid.seeds}
    lines = [f"{name} = {json.dumps(value)}" for name, value in named.items()]
    for cells in grid.cells:
        lines += ["[[cells]]", f"corpora = {json.dumps(cells.corpora)}", f"noises = {json.dumps(cells.noises)}"]
    return "\n".join(lines) + "\n"


def _after_the_first(folder: RunFolder, workers: int) -> float:
    """Trials a second once each worker has ended its first, by when their records were
    written.
    """
    at = sorted(path.stat().st_mtime_ns for path in folder.records.glob("*.json"))
    return (len(at) - workers) / (at[-1] - at[workers - 1]) * 1e9
