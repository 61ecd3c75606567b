"""What the committed archives say beforehand, for verdicts that cannot know it.

It lies in archives.json beside this file, which measured_archives.py writes.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.analysis.verdict.families import FEWEST_CHECKED

FILE = Path(__file__).with_suffix(".json")


@dataclass(frozen=True, slots=True)
class Failing:
    """A noisy cell in which a method was worse than the reference by three points or
    more, beyond luck after Holm, under a rule; `difference` is in points.
    """

    archive: str
    encoder: str
    corpus: str
    noise: str
    rule: str
    difference: float


@dataclass(frozen=True, slots=True)
class Fallback:
    """The method that gained most under observed noise, fixed by an archive, of those
    that failed in no cell of any archive.

    Gains are points over the reference, means over both rules and over `cells` observed
    cells. `noisy_labels` is what choosing by noisy validation labels brought there, and
    `checked` by how many checked test labels chose. `ratio` multiplies the reference's
    seconds.
    """

    archive: str
    encoder: str
    method: str
    cells: int
    gain: float
    ratio: float
    noisy_labels: float
    checked: tuple[tuple[int, float], ...]

    @property
    def enough(self) -> tuple[int, float] | None:
        """The fewest checked labels that choose and brought more than the method and
        than noisy labels, with their gain.
        """
        beaten = max(self.gain, self.noisy_labels)
        return next(((size, gain) for size, gain in self.checked if size >= FEWEST_CHECKED and gain > beaten), None)


def failing_of(method: str) -> tuple[Failing, ...]:
    """Give the cells that a method failed in, named as in a record, worst first."""
    return tuple(Failing(**each) for each in _written()["failing"].get(method, ()))


def fallback() -> Fallback:
    """Give the method to use where nothing at hand can choose one."""
    given = _written()["fallback"]
    return Fallback(**(given | {"checked": tuple((size, gain) for size, gain in given["checked"])}))


@functools.cache
def _written() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return content
