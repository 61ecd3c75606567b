"""Plain training on clean labels."""

from __future__ import annotations

from benchmark.contracts import register
from methods.shared.clean_labels import CleanLabelMethod


@register
class CleanUpperBound(CleanLabelMethod):
    """CE(p, y) with the clean labels of all training texts: what would be reached had
    no label been wrong.

    Under `noisy-valid` it is still selected by noisy validation labels, as every method
    is.
    """

    name = "clean_upper_bound"
    family = "oracle bound"
