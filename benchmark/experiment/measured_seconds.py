"""What a trial took where it was measured, for a plan without records at hand.

The numbers lie in measured_seconds.json beside this file, which measured_archives.py
writes.
"""

from __future__ import annotations

import functools
import json
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

from benchmark.corpora import split_rows
from benchmark.records.config import TrialConfig

FILE = Path(__file__).with_suffix(".json")

SIZE, REPEATS = 384, 15


class Setting(TypedDict):
    """Seconds a thousand training texts and epoch under one encoder and recipe, by
    method, and the archives that they are from.
    """

    archives: list[str]
    methods: dict[str, float]


class MeasuredSeconds(TypedDict):
    """The settings by encoder and recipe, and what `timing` gave on that machine."""

    timing_s: float
    settings: dict[str, Setting]


def key_of(encoder: str, recipe: str) -> str:
    """Give the key of a setting."""
    return f"{encoder} | {recipe}"


@functools.cache
def measured_seconds() -> MeasuredSeconds:
    """Read the packaged numbers."""
    content: MeasuredSeconds = json.loads(FILE.read_text(encoding="utf-8"))
    return content


def estimated_seconds(config: TrialConfig) -> float | None:
    """Estimate what a trial takes on the machine of the archives.

    It goes by the median of its method, or of all methods where that was not measured,
    and by its texts and epochs. An encoder that was never measured gives None.
    """
    setting = measured_seconds()["settings"].get(key_of(config.encoder, str(config.recipe.get("name"))))
    texts = None if setting is None else training_texts(config)
    if setting is None or texts is None:
        return None
    methods = setting["methods"]
    each = methods.get(config.method_name) or statistics.median(methods.values())
    return each * work_of(config.recipe, texts)


def work_of(recipe: Mapping[str, object], texts: int) -> float:
    """Give thousands of training texts times epochs."""
    return texts / 1000 * float(str(recipe["epochs"]))


def training_texts(config: TrialConfig) -> int | None:
    """Give the training texts that the corpus and the trial's limit leave.

    A corpus that nobody counted and that is not at hand gives None.
    """
    rows = split_rows(config.corpus).get("train")
    return None if rows is None else min(rows, config.limits.train or rows)


@functools.cache
def machine_factor() -> float:
    """Give how much longer this machine takes than that of the archives, by a short
    timing.
    """
    return timing() / measured_seconds()["timing_s"]


def timing() -> float:
    """Give the least processor seconds of a few products of matrices on one thread."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    matrix = np.ones((SIZE, SIZE), dtype=np.float32)
    taken = []
    with threadpool_limits(1):
        for _ in range(REPEATS):
            began = time.process_time()
            matrix @ matrix
            taken.append(time.process_time() - began)
    return min(taken)
