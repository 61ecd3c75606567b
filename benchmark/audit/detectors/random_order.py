"""A random score: what any detector must beat."""

from __future__ import annotations

from benchmark.audit.detectors.base import Detector, Evidence, detectors
from benchmark.contracts import uniform_by_id
from benchmark.contracts.arrays import FloatArray


@detectors.register
class RandomOrder(Detector):
    """A uniform draw a row."""

    name = "random"
    reads = "nothing"
    equation = "u ~ U(0, 1)"
    citation = ""

    def scores(self, evidence: Evidence) -> FloatArray:
        """Give the draw of each row, by its number in the table."""
        first = evidence.first_row
        return uniform_by_id([str(row) for row in range(first, first + len(evidence.labels))], "random detector")
