"""Area under the margin of a training."""

from __future__ import annotations

import numpy as np

from benchmark.audit.detectors.base import Detector, Evidence, best_other, detectors, of_label
from benchmark.contracts.arrays import FloatArray


@detectors.register
class AreaUnderMargin(Detector):
    """Minus the mean margin of the given label over the points of a training."""

    name = "aum"
    reads = "trajectory"
    equation = "-(1/E) sum_e (z_y - max_{k != y} z_k)"
    citation = """@inproceedings{pleiss2020aum,
  title = {Identifying Mislabeled Data using the Area Under the Margin Ranking},
  author = {Pleiss, Geoff and Zhang, Tianyi and Elenberg, Ethan and Weinberger, Kilian Q.},
  booktitle = {Advances in Neural Information Processing Systems}, year = {2020}}"""

    def scores(self, evidence: Evidence) -> FloatArray:
        """Give minus the area, in units of the logits."""
        margins = [
            best_other(logits, evidence.labels) - of_label(logits, evidence.labels) for logits in evidence.trajectory()
        ]
        return np.asarray(np.mean(margins, axis=0), dtype=np.float64)
