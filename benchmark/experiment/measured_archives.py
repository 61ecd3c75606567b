"""Writes what trials of results/measured took, for plans without records at hand.

`python -m benchmark.experiment.measured_archives` writes measured_seconds.json, so that
an installed package has it, too. The timing of the machine stays as it was; with
`--timing` it is taken anew, on the machine that made the archives.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections import defaultdict
from pathlib import Path

from benchmark.contracts import methods
from benchmark.experiment.measured_seconds import FILE, MeasuredSeconds, Setting, key_of, timing, work_of
from benchmark.records.archive.reading import read_archive

MEASURED = Path(__file__).resolve().parents[2] / "results" / "measured"
DIGITS = 3
FEWEST_TEXTS = 1000
"""Trials on fewer texts say more of what each trial begins with than of its texts."""


def measured(timing_s: float) -> MeasuredSeconds:
    """Read all archives and give medians by encoder, recipe and method.

    Other work on a machine only adds seconds. Of several archives that hold a method,
    the one with the lowest median counts.
    """
    seconds: dict[str, dict[str, dict[str, list[float]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    archives: dict[str, set[str]] = defaultdict(set)
    for path in sorted(MEASURED.glob("*/records.parquet")):
        for record in read_archive(path):
            if record.costs is None or record.manifest is None or record.manifest.train_rows < FEWEST_TEXTS:
                continue
            if record.method not in methods:
                continue  # Variants of a method would move its median by what was tried.
            recipe = record.config["recipe"]
            key = key_of(record.encoder, str(recipe["name"]))
            taken = record.costs.wall_s / work_of(recipe, record.manifest.train_rows)
            seconds[key][record.method][path.parent.name].append(taken)
            archives[key].add(path.parent.name)
    settings: dict[str, Setting] = {
        key: {
            "archives": sorted(archives[key]),
            "methods": {
                name: _rounded(min(map(statistics.median, found.values())))
                for name, found in sorted(methods_of.items())
            },
        }
        for key, methods_of in sorted(seconds.items())
    }
    return {"timing_s": timing_s, "settings": settings}


def write_measured_seconds(anew: bool) -> None:
    """Write the medians, with the machine's timing taken anew or as it stands there."""
    before = None if anew or not FILE.is_file() else json.loads(FILE.read_text(encoding="utf-8"))["timing_s"]
    content = measured(_rounded(timing()) if before is None else before)
    FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


if __name__ == "__main__":
    write_measured_seconds(sys.argv[1:] == ["--timing"])
