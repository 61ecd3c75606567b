"""Where what is quick to make again may lie."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

CACHE_VARIABLE = "BENCHMARK_CACHE"


def cache_folder() -> Path:
    """The folder for downloads and what is quick to make again; BENCHMARK_CACHE moves
    it.
    """
    given = os.environ.get(CACHE_VARIABLE)
    return Path(given).absolute() if given else Path(platformdirs.user_cache_dir("noisy-label-benchmark"))
