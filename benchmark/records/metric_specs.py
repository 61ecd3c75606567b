"""The metrics of predictions, as scoring, frame and tables share them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Need = Literal["labels", "probabilities"]


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """What a metric is called, which way is better, and how it is printed.

    `scale` multiplies the recorded value for print, and `unit` names the result.
    `needs` says what of a prediction it takes beside the labels of the split.
    """

    name: str
    title: str
    higher_is_better: bool
    digits: int
    unit: str
    scale: float
    needs: Need

    def column(self, split: str = "test", single: bool = False) -> str:
        """The name of the metric in a record, as in `test_accuracy_single`."""
        return f"{split}_{self.name}{'_single' if single else ''}"


PREDICTION_METRICS = {
    spec.name: spec
    for spec in (
        MetricSpec("accuracy", "Accuracy", True, 1, "points", 100.0, "labels"),
        MetricSpec("macro_f1", "Macro-F1", True, 1, "points", 100.0, "labels"),
        MetricSpec("ece", "Expected calibration error", False, 1, "points", 100.0, "probabilities"),
        MetricSpec("nll", "Negative log-likelihood", False, 3, "nats", 1.0, "probabilities"),
    )
}
"""By name, in the order of records and tables."""
