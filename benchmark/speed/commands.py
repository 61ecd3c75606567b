"""Lines on the command line as a person starts it: --help, a large plan, a large
report.
"""

from __future__ import annotations

import math
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.contracts import BenchmarkError
from benchmark.experiment.choices import Choices
from benchmark.experiment.expansion import expand
from benchmark.experiment.grid import load_grid
from benchmark.records.code.provenance import ROOT
from benchmark.speed.made_records import write_made_records
from benchmark.speed.model import Measurement, by_processor_time
from benchmark.speed.profile import seconds_by_module
from benchmark.speed.setting import Setting

GRID = "full"
MOST_BYTES = 600e6
MOST_SECONDS = {"plan": 2.0, "report": 15.0}

PROGRAM = """
import atexit, sys, time
from benchmark.records.machine import peak_memory_mib
atexit.register(lambda: sys.stderr.write(f"\\n{peak_memory_mib()} {time.process_time()}"))
from benchmark.cli import main
main()
"""
"""The command line, then its own peak memory and processor time: of a child the system
says its parent's peak, too.
"""


@dataclass(frozen=True)
class Ended:
    """What a command took: wall seconds from the start of Python on, processor seconds,
    and peak memory.
    """

    wall_s: float
    processor_s: float
    peak_bytes: float


def call(*arguments: str) -> Ended:
    """Run the command line in a process of its own; a failure is a BenchmarkError."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], cwd=ROOT, capture_output=True, text=True)
    wall_s = time.perf_counter() - started
    said, _, used = done.stderr.rpartition("\n")
    if done.returncode != 0:
        raise BenchmarkError(f"`{' '.join(arguments)}` failed: {said.strip()[-500:]}")
    peak_mib, processor_s = map(float, used.split())
    return Ended(wall_s, processor_s, peak_mib * 2**20)


def help_of_the_command_line(setting: Setting) -> list[Measurement]:
    """Wall seconds of --help: at most 0.5."""
    runs = [call("--help") for _ in range(2 * setting.sizes.repeats + 1)]
    return [_judged("help", "python -m benchmark --help", runs, 0.5, "--help")]


def plan_of_many_trials(setting: Setting) -> list[Measurement]:
    """Wall seconds of a plan of 10,000 trials, with none and with all of them done: at
    most 2.
    """
    seeds, count = _seeds_for(setting.sizes.records)
    found = []
    for state, folder in (("none done", setting.folder / "nothing"), ("all done", _full_folder(setting))):
        words = ("plan", "--grid", GRID, "--seeds", str(seeds), "--out", str(folder.resolve()))
        runs = [call(*words) for _ in range(min(3, setting.sizes.repeats))]
        found.append(_judged("plan", f"plan of {count:,} trials, {state}", runs, MOST_SECONDS["plan"], *words))
    return found


def report_on_many_records(setting: Setting) -> list[Measurement]:
    """Wall seconds and peak memory of a report on 10,000 records: at most 15 s and 600
    MB.
    """
    _, count = _seeds_for(setting.sizes.records)
    words = ("report", str(_full_folder(setting).resolve()), "--out", str((setting.folder / "report").resolve()))
    ended = call(*words)
    line = _judged("report", f"report on {count:,} records", [ended], MOST_SECONDS["report"], *words)
    memory = Measurement(
        "report",
        f"peak memory of a report on {count:,} records",
        ended.peak_bytes / 1e6,
        "MB",
        at_most=MOST_BYTES / 1e6,
    )
    return [line, memory]


def _judged(name: str, what: str, runs: Sequence[Ended], most_s: float, *words: str) -> Measurement:
    """The median wall seconds of some runs of one command, and where the time goes if
    that is too much.
    """
    wall_s = statistics.median(run.wall_s for run in runs)
    note = by_processor_time(statistics.median(run.processor_s for run in runs), "s")
    seconds = seconds_by_module(words) if wall_s > most_s else {}
    return Measurement(name, what, wall_s, "s", at_most=most_s, seconds=seconds, note=note)


def _seeds_for(trials: int) -> tuple[int, int]:
    """How many seeds the grid needs for at least so many trials, and how many trials
    that makes.
    """
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
