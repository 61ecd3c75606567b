"""Benchmark of learning with noisy labels in text classification.

`run_grid` and `load_results` are the command line's `run` and `report` from Python,
`find_label_errors`, `label_quality` and `embed_texts` its `audit`, and
`NoisyLabelClassifier` its `train` and `predict`. They are imported on first use, so
that `import benchmark` stays light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmark.api import (
        NoisyLabelClassifier,
        embed_texts,
        find_label_errors,
        label_quality,
        load_results,
        run_grid,
    )

__all__ = [
    "NoisyLabelClassifier",
    "__version__",
    "embed_texts",
    "find_label_errors",
    "label_quality",
    "load_results",
    "run_grid",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in __all__:
        from benchmark import api

        return getattr(api, name)
    raise AttributeError(f"module 'benchmark' has no attribute '{name}'")
