"""The place where `GradientMethod` was found in the first release: an alias, and
nothing else.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmark.contracts import GradientMethod

__all__ = ["GradientMethod"]


def __getattr__(name: str) -> Any:
    if name != "GradientMethod":
        raise AttributeError(f"module 'methods.engine' has no attribute '{name}'")
    from benchmark.contracts import GradientMethod

    # A FutureWarning, because Python hides a DeprecationWarning that a plug-in's import raises.
    warnings.warn(
        "methods.engine.GradientMethod is benchmark.contracts.GradientMethod now; the old name goes with the next "
        "release.",
        FutureWarning,
        stacklevel=2,
    )
    globals()[name] = GradientMethod  # found without this function from now on, so that it warns once
    return GradientMethod
