"""What a run is asked for, made of its options."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark.corpora.own import add_own_data, own_remarks
from benchmark.experiment.choices import Choices
from benchmark.experiment.grid import Grid, load_grid
from benchmark.experiment.options import DEFAULT_OUT, RunOptions, check_options
from benchmark.experiment.own_tables import own_data_of
from benchmark.records.code.plugins import Plugin, read_plugin
from benchmark.records.config import TrialConfig
from benchmark.running.executors import Resources
from benchmark.running.folder_name import folder_name

AXES = ("methods", "corpora", "noises", "encoders")


@dataclass(frozen=True)
class Request:
    """What `run` was asked for.

    Fields with the name of an option mean what `RunOptions` says. A value that such an
    option cannot have is a BenchmarkError. `trials`, if any, are recorded
    configurations that stand in for the grid. `own_corpus` is the name of the corpus
    made of the user's own files.
    """

    grid: Grid
    out: Path
    choices: Choices = field(default_factory=Choices)
    resources: Resources = field(default_factory=Resources)
    plugins: tuple[Plugin, ...] = ()
    archives: tuple[Path, ...] = ()
    trials: tuple[TrialConfig, ...] = ()
    own_corpus: str | None = None
    executor: str | None = None
    reference: str | None = None
    max_hours: float | None = None
    trial_hours: float | None = None
    fail_fast: bool = False
    rerun_changed: bool = False
    skip_unavailable: bool = False
    curves: bool = False
    allow_unidentifiable: bool = False

    def __post_init__(self) -> None:
        names = ("executor", "reference", "max_hours", "trial_hours")
        check_options({name: getattr(self, name) for name in names})

    @property
    def title(self) -> str:
        """The user's data, or the grid, with the axes that options replaced."""
        replaced = [axis for axis in AXES if getattr(self.choices, axis)]
        given = f"{self.grid.title}; here with other {', '.join(replaced)}" if replaced else self.grid.title
        return self.own_corpus or given

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is to be said of the user's own files before they are used."""
        return () if self.own_corpus is None else own_remarks(self.own_corpus)


def make_request(
    grid: str, out: str | Path | None, options: RunOptions, trials: tuple[TrialConfig, ...] = ()
) -> Request:
    """Check the options of a run and give its request.

    Parameters
    ----------
    grid
        The name of a grid or the path of a `.toml` file.
    out
        The run folder. None gives one below `results/runs`, named after the grid and
        the options that change what runs.
    options
        The other options. Those that are missing have their defaults.
    trials
        Recorded configurations that stand in for the grid.
    """
    check_options(options)
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    found = load_grid(grid)
    paths = (*found.plugins, *map(Path, given.pop("plugins", ())))
    plugins = tuple(dict.fromkeys(map(read_plugin, paths)))
    archives = tuple(Path(path) for path in given.pop("archives", ()))
    tables = own_data_of(given, given.get("encoders") or found.encoders)
    own = None if tables is None else add_own_data(tables)
    only = trials[0].id if trials else None
    if own is not None:
        given["corpora"] = (own, *given.get("corpora", ()))
    return Request(
        grid=found,
        out=Path(out) if out is not None else DEFAULT_OUT / folder_name(grid, found, options, own, only),
        choices=Choices(**_of(Choices, given)),
        resources=Resources(**_of(Resources, given)),
        plugins=plugins,
        archives=archives,
        trials=trials,
        own_corpus=own,
        **_of(Request, given),
    )


def _of(cls: type, given: dict[str, Any]) -> dict[str, Any]:
    """Give the options that are fields of a class."""
    return {f.name: given[f.name] for f in dataclasses.fields(cls) if f.name in given}
