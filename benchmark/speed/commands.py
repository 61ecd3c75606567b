"""Lines on the command line as a person starts it: --help, a large plan, a large report."""

from __future__ import annotations

import dataclasses
import math
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmark.contracts import BenchmarkError
from benchmark.grid import Choices, expand, load_grid
from benchmark.provenance import ROOT
from benchmark.speed.made_records import write_made_records
from benchmark.speed.model import Measurement
from benchmark.speed.profile import seconds_by_module
from benchmark.speed.setting import Setting

GRID = "full"
MOST_BYTES = 1e9

PROGRAM = """
import atexit, sys
from benchmark.machine import peak_memory_mib
atexit.register(lambda: sys.stderr.write(f"\\n{peak_memory_mib()}"))
from benchmark.cli import main
main()
"""
"""The command line, and at its end the peak memory: a parent's own memory would show in what the system says of it."""


@dataclass(frozen=True)
class Ended:
    """How a command ended: wall seconds, from the start of Python on, and peak memory."""

    wall_s: float
    peak_bytes: float


def call(*arguments: str) -> Ended:
    """Run the command line in a process of its own; a failure is a BenchmarkError."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], cwd=ROOT, capture_output=True, text=True)
    wall_s = time.perf_counter() - started
    said, _, peak = done.stderr.rpartition("\n")
    if done.returncode != 0:
        raise BenchmarkError(f"`{' '.join(arguments)}` failed: {said.strip()[-500:]}")
    return Ended(wall_s, float(peak) * 2**20)


def help_of_the_command_line(setting: Setting) -> list[Measurement]:
    """Wall seconds of --help: at most 0.5."""
    runs = [call("--help").wall_s for _ in range(2 * setting.sizes.repeats + 1)]
    found = Measurement("help", "python -m benchmark --help", statistics.median(runs), "s", at_most=0.5)
    return [_explained(found, "--help")]


def plan_of_many_trials(setting: Setting) -> list[Measurement]:
    """Wall seconds of a plan of 10,000 trials, with none and with all of them done: at most 3."""
    seeds, count = _seeds_for(setting.sizes.records)
    found = []
    for state, folder in (("none done", setting.folder / "nothing"), ("all done", _full_folder(setting))):
        words = ("plan", "--grid", GRID, "--seeds", str(seeds), "--out", str(folder.resolve()))
        wall_s = statistics.median(call(*words).wall_s for _ in range(min(3, setting.sizes.repeats)))
        line = Measurement("plan", f"plan of {count:,} trials, {state}", wall_s, "s", at_most=3.0)
        found.append(_explained(line, *words))
    return found


def report_on_many_records(setting: Setting) -> list[Measurement]:
    """Wall seconds and peak memory of a report on 10,000 records: at most 30 s and 1 GB."""
    _, count = _seeds_for(setting.sizes.records)
    words = ("report", str(_full_folder(setting).resolve()), "--out", str((setting.folder / "report").resolve()))
    ended = call(*words)
    line = Measurement("report", f"report on {count:,} records", ended.wall_s, "s", at_most=30.0)
    memory = Measurement(
        "report",
        f"peak memory of a report on {count:,} records",
        ended.peak_bytes / 1e6,
        "MB",
        at_most=MOST_BYTES / 1e6,
    )
    return [_explained(line, *words), memory]


def _explained(line: Measurement, *words: str) -> Measurement:
    """The measurement, with where the time goes if it is missed."""
    return line if line.verdict != "missed" else dataclasses.replace(line, seconds=seconds_by_module(words))


def _seeds_for(trials: int) -> tuple[int, int]:
    """How many seeds the grid needs for at least so many trials, and how many trials that makes."""
    each = len(expand(load_grid(GRID), Choices(seeds=1)))
    seeds = math.ceil(trials / each)
    return seeds, seeds * each


def _full_folder(setting: Setting) -> Path:
    """A run folder in which every trial of the grid has a record, made once."""
    folder = setting.folder / "full"
    if not folder.exists():
        seeds, _ = _seeds_for(setting.sizes.records)
        write_made_records(expand(load_grid(GRID), Choices(seeds=seeds)), folder / "records")
    return folder
