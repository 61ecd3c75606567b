"""The name of a run folder, made of the grid and the options that change what runs."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmark.experiment.grid import Grid
from benchmark.experiment.option_kinds import File, Files
from benchmark.experiment.options import default_of, run_options
from benchmark.records.config import digest

LONGEST_WORDS = 48
DIGITS = 8

WITHOUT_EFFECT = ("archives", "allow_unidentifiable")
"""Options that change no trial, beside those of how a run is executed."""

SPEAKING = ("settings", "methods", "corpora", "noises", "encoders")
"""Options whose values need no name beside them."""

ORDERLESS = ("methods", "corpora", "noises", "encoders")

NUMBERS = ("seeds", "limit_examples", "epochs", "batch_size", "precision", "threads_per_trial")


def folder_name(grid: str, found: Grid, options: Mapping[str, Any], own: str | None, trial: str | None) -> str:
    """Name the folder of a run so that the same options give the same name and others
    another.

    A grid that comes with the project and is run as it is has its own name. Else the
    words of the options follow, and a digest of them all.

    Parameters
    ----------
    grid
        The name of a grid, or the path of its file.
    found
        That grid.
    options
        The options of the run that were given.
    own
        The name of the user's own data, if the run has some.
    trial
        The id of the one recorded trial that is to run, if any.
    """
    if trial is not None:
        return f"trial-{trial}"
    changed = {name: value for name, value in _plain(options).items() if value != _as_in_grid(found, name)}
    base = own or Path(grid).stem
    if grid.endswith(".toml"):
        changed["grid"] = _relative(grid)
    if not changed:
        return base
    words = [base]
    words += [word for name in SPEAKING for word in changed.get(name, ())]
    words += [f"{name.split('_')[0]}-{_written(changed[name])}" for name in NUMBERS if name in changed]
    slug = re.sub(r"[^A-Za-z0-9._]+", "-", "-".join(words))[:LONGEST_WORDS].strip("-._")
    return f"{slug}-{digest(changed | {'of': base})[:DIGITS]}"


def _plain(options: Mapping[str, Any]) -> dict[str, Any]:
    """Give the options that change what runs, each in one form however it was
    written.
    """
    plain: dict[str, Any] = {}
    for name, option in run_options().items():
        value = options.get(name)
        if option.run_only or name in WITHOUT_EFFECT or value in (None, (), [], option.default):
            continue
        if isinstance(option, File | Files):
            plain[name] = [_relative(path) for path in ([value] if isinstance(value, str | os.PathLike) else value)]
        elif name == "seeds":
            plain[name] = _seeds(value)
        else:
            plain[name] = _listed(name, value)
    return plain


def _listed(name: str, value: Any) -> Any:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return value
    return sorted(value) if name in ORDERLESS else list(value)


def _as_in_grid(grid: Grid, name: str) -> Any:
    """Give what an option would be to change nothing of the grid."""
    if name in ("methods", "encoders"):
        return sorted(getattr(grid, name))
    return _seeds(grid.seeds) if name == "seeds" else default_of(name)


def _seeds(value: Any) -> list[int]:
    return sorted({int(seed) for seed in value}) if isinstance(value, Sequence) else list(range(value))


def _relative(path: str | os.PathLike[str]) -> str:
    """Give the path from here, as run folders are named from here."""
    return os.path.relpath(Path(path).resolve())


def _written(value: Any) -> str:
    if isinstance(value, list):
        return str(len(value)) if value == list(range(len(value))) else "-".join(map(str, value))
    return str(value)
