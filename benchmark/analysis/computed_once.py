"""What a result set computes once and keeps."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def computed_once(compute: Callable[P, T]) -> Callable[P, T]:
    """Keep what a method of a result set gives, with the set and by its arguments."""
    signature = inspect.signature(compute)

    @functools.wraps(compute)
    def kept(*args: P.args, **kwargs: P.kwargs) -> T:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        results, *key = bound.arguments.values()
        found: dict[Any, T] = vars(results).setdefault(f"_{compute.__name__}", {})
        if tuple(key) not in found:
            found[tuple(key)] = compute(*args, **kwargs)
        return found[tuple(key)]

    return kept
