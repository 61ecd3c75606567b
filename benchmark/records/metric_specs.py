"""The metrics of predictions and of training labels, as records, scoring and analysis
share them.
"""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass
from typing import Literal

from benchmark.contracts.errors import UnknownNameError

Need = Literal["labels", "probabilities"]

FINITE = sys.float_info.max
CHECKED_TEXTS = "checked"
SPLITS = ("test", "noisy_test", CHECKED_TEXTS)
"""By which labels of test texts methods are compared: clean ones, noisy ones, or the
clean ones of the texts that were checked.
"""


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """What a metric is called, which way is better, and how it is printed.

    `scale` multiplies the recorded value for print, and `unit` names the result.
    `needs` says what of a prediction it takes beside the labels of the split.
    `greatest` is the largest value that is possible, where the least is zero.
    `per_example` says whether records hold its value for each test text, without which
    a test knows the variance between seeds alone. `practically_equal` is the
    difference, unscaled, that counts as none where nothing else is asked for.
    """

    name: str
    title: str
    higher_is_better: bool
    digits: int
    unit: str
    scale: float
    needs: Need
    greatest: float
    per_example: bool = False
    practically_equal: float = 0.01

    def column(self, split: str = "test", single: bool = False) -> str:
        """The name of the metric in a record, as in `test_accuracy_single`."""
        return f"{split}_{self.name}{'_single' if single else ''}"

    @property
    def in_words(self) -> str:
        """The title within a sentence."""
        return self.title if self.title.startswith("Macro") else self.title[:1].lower() + self.title[1:]

    @property
    def heading(self) -> str:
        """The unit at the beginning of a sentence."""
        return self.unit[:1].upper() + self.unit[1:]

    @property
    def key(self) -> str:
        """The name within the names of files."""
        return self.name.replace("_", "-")


PREDICTION_METRICS = {
    spec.name: spec
    for spec in (
        MetricSpec("accuracy", "Accuracy", True, 1, "points", 100.0, "labels", 1.0, per_example=True),
        MetricSpec("macro_f1", "Macro-F1", True, 1, "points", 100.0, "labels", 1.0),
        MetricSpec("ece", "Expected calibration error", False, 1, "points", 100.0, "probabilities", 1.0),
        MetricSpec("nll", "Negative log-likelihood", False, 3, "nats", 1.0, "probabilities", FINITE),
    )
}
"""By name, in the order of records and tables."""

DEFAULT_METRIC = "accuracy"
"""What methods are compared by where no metric is named."""


@dataclass(frozen=True, slots=True)
class TrainingMetricSpec:
    """A measure of the training labels, with its least and its greatest value."""

    name: str
    least: float
    greatest: float


TRAINING_METRICS = {
    spec.name: spec
    for spec in (
        TrainingMetricSpec("train_accuracy_clean_labels", 0.0, 1.0),
        TrainingMetricSpec("train_accuracy_noisy_labels", 0.0, 1.0),
        TrainingMetricSpec("memorised", 0.0, 1.0),
        TrainingMetricSpec("suspicion_auroc", 0.0, 1.0),
        TrainingMetricSpec("suspicion_ap", 0.0, 1.0),
        TrainingMetricSpec("corrected_accuracy", 0.0, 1.0),
        TrainingMetricSpec("matrix_error", 0.0, FINITE),
        TrainingMetricSpec("rate_error", -1.0, 1.0),
    )
}
"""By name, in the order in which they are computed."""


@functools.cache
def spec_of(column: str) -> MetricSpec | None:
    """The metric that a column of test scores holds, or None for any other column.

    >>> spec_of("noisy_test_ece").name
    'ece'
    """
    for spec in PREDICTION_METRICS.values():
        if column in {spec.column(split, single) for split in SPLITS for single in (False, True)}:
            return spec
    return None


def metric_named(name: str) -> MetricSpec:
    """The metric of this name; UnknownNameError for any other."""
    if name not in PREDICTION_METRICS:
        raise UnknownNameError("metric", name, PREDICTION_METRICS)
    return PREDICTION_METRICS[name]
