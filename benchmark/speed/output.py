"""What `speed` measured, in words and as JSON, and the machine that it holds for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from benchmark.records.code.provenance import provenance
from benchmark.records.machine import cores, gpu_name
from benchmark.speed.model import Measurement

QUICK_NOTE = "Quick sizes: these numbers show that the lines run; they decide nothing about the bar."


def busy(load: float | None) -> str:
    """A warning where other work took part of the machine before the measurement began;
    else empty.

    >>> busy(0.1)
    ''
    """
    if load is None or load < 0.5:
        return ""
    return (
        f"Other work was running at the start (load {load:.1f} on {cores()} cores): measure again on an idle machine."
    )


def surroundings(quick: bool, load: float | None) -> dict[str, Any]:
    """The machine and versions that the numbers hold for.

    `load` is its load average before the measurement. All lines hold for the CPU but
    those on a GPU, which hold for `gpu`.
    """
    made = provenance("")
    return {
        "quick": quick,
        "cores": cores(),
        "load_average_before": load,
        "threads_per_trial": 1,
        "device": "cpu",
        "gpu": gpu_name(),
        "git_commit": made.git_commit,
        "created": made.created,
        "versions": made.versions,
    }


def as_json(found: Sequence[Measurement], about: dict[str, Any]) -> str:
    """Surroundings and measurements."""
    return json.dumps(about | {"measurements": [one.as_row() for one in found]}, indent=1, ensure_ascii=False) + "\n"


def goes(one: Measurement) -> str:
    """Seconds by part, and the note, on one line."""
    parts = [f"{name} {seconds:.3g} s" for name, seconds in one.seconds.items()]
    return "; ".join([*([", ".join(parts)] if parts else []), *([one.note] if one.note else [])])
