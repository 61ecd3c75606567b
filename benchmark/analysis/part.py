"""What a report shows of one encoder and recipe, whatever the format."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmark.analysis.figures import Drawing
from benchmark.analysis.page import Front
from benchmark.analysis.tables import Table
from benchmark.analysis.verdict import Recommendation

SECTIONS = {
    "headline": "Accuracy",
    "macro_f1": "Macro-F1",
    "across": "Across cells",
    "differences": "Differences",
    "single": "Single networks",
    "calibration": "Calibration",
    "noise": "Noise rates",
    "training": "Wrong labels in training",
    "cost": "Cost",
    "oracle": "Diagnostics with oracles",
    "failures": "Failures",
}


@dataclass(frozen=True, slots=True)
class Part:
    """The verdict, the summary, the tables, the figures and the legend of one encoder
    and recipe.

    `opening` says the verdict in sentences, and `recommendations` hold it as data.
    `next_steps` says what would settle what it leaves open, with commands.
    `front` is what the page opens with.
    `prefix` begins the key of each table and figure where a report has several parts.
    `order` holds the labels of the methods, those first that a short table keeps.
    `metric` is the title of what methods are compared by.
    """

    name: str
    summary: tuple[str, ...]
    tables: tuple[Table, ...]
    figures: tuple[Drawing, ...] = ()
    legend: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    prefix: str = ""
    metric: str = "Accuracy"
    opening: tuple[str, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    next_steps: tuple[str, ...] = ()
    front: Front = field(default_factory=Front)

    @property
    def titles(self) -> dict[str, str]:
        """The titles of the sections by key; the first bears the name of the metric."""
        return SECTIONS | {"headline": self.metric}

    def named(self, *beginnings: str) -> list[Table]:
        """Give the tables whose keys begin so, in the order of the report."""
        return [table for table in self.tables if table.key.removeprefix(self.prefix).startswith(beginnings)]
