"""The command line's `run` and `report` from Python."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.contracts import UnknownNameError
from benchmark.corpora.own import OwnData, add_own_data
from benchmark.experiment.choices import Choices
from benchmark.experiment.grid import load_grid
from benchmark.records.code.plugins import load_entry_points, load_plugin, read_plugin
from benchmark.records.schema import Record
from benchmark.records.sources import read_source
from benchmark.running.executors import Resources
from benchmark.running.run import Outcome, Request, run

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.analysis.figures.drawing import Drawing
    from benchmark.records.training_dynamics import Dynamics

DEFAULT_OUT = Path("results/runs")


class NullProgress:
    """A listener that keeps warnings and says nothing."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        """Keep the warning."""
        self.warnings.append(text)

    def preparing(self, what: str) -> None:
        """Say nothing."""

    def started(self, total: int, done: int) -> None:
        """Say nothing."""

    def finished(self, record: Record) -> None:
        """Say nothing."""


def run_grid(
    grid: str = "demo",
    out: str | Path | None = None,
    *,
    methods: Sequence[str] | None = None,
    corpora: Sequence[str] | None = None,
    noises: Sequence[str] | None = None,
    encoders: Sequence[str] | None = None,
    seeds: int | Sequence[int] | None = None,
    settings: Sequence[str] = (),
    limit_examples: int | None = None,
    epochs: int | None = None,
    plugins: Sequence[str | Path] = (),
    archives: Sequence[str | Path] = (),
    data: OwnData | None = None,
    executor: str | None = None,
    workers: int | None = None,
    threads_per_trial: int = 1,
    gpus_per_trial: float = 0.0,
    **options: Any,
) -> Outcome:
    """Run a grid, or what is left of it, and give its records; the options are those of `python -m benchmark run`.

    `data`: a table of the user's own, which comes before `corpora`. `options` are further fields of
    `benchmark.running.run.Request`: max_hours, trial_hours, fail_fast, rerun_changed, skip_unavailable, curves,
    allow_unidentifiable, reference.
    """
    _refuse_unknown(options)
    load_entry_points()
    found = tuple(read_plugin(Path(path)) for path in plugins)
    for plugin in found:
        load_plugin(plugin)
    own = None if data is None else add_own_data(data)
    choices = Choices(
        methods=methods,
        corpora=corpora if own is None else (own, *(corpora or ())),
        noises=noises,
        encoders=encoders,
        seeds=seeds,
        settings=settings,
        limit_examples=limit_examples,
        epochs=epochs,
        threads=threads_per_trial,
    )
    request = Request(
        grid=load_grid(grid),
        out=Path(out) if out is not None else DEFAULT_OUT / (own or Path(grid).stem),
        choices=choices,
        plugins=found,
        archives=tuple(Path(path) for path in archives),
        executor=executor,
        resources=Resources(workers, threads_per_trial, gpus_per_trial),
        **options,
    )
    return run(request, NullProgress())


def _refuse_unknown(options: dict[str, Any]) -> None:
    allowed = ["max_hours", "trial_hours", "fail_fast", "rerun_changed", "skip_unavailable", "curves"]
    allowed += ["allow_unidentifiable", "reference"]
    for name in options:
        if name not in allowed:
            raise UnknownNameError("option of run_grid:", name, allowed)


def draw_training_dynamics(
    corpus: str = "apidocs",
    noise: str = "symmetric(0.4)",
    encoder: str = "frozen:minilm",
    seed: int = 0,
    *,
    limit_examples: int | None = 2_000,
    epochs: int | None = None,
    out: str | Path | None = None,
) -> tuple[Dynamics, Drawing]:
    """Train DyGen's first stage once and draw its dynamics with the truth beside them; a look, not a result.

    With `out`, the figure is written to that folder as PNG, SVG and PDF. A noise that leaves only right or only wrong
    labels is a BenchmarkError.
    """
    from benchmark.analysis.figures.dynamics import draw_dynamics
    from benchmark.analysis.files import slug, write_bytes
    from benchmark.running.training_dynamics import training_dynamics

    found = training_dynamics(corpus, noise, encoder, seed, limit_examples=limit_examples, epochs=epochs)
    figure = draw_dynamics(found)
    if out is not None:
        for suffix, content in figure.files().items():
            write_bytes(Path(out) / f"{slug(figure.key)}{suffix}", content)
    return found, figure


def load_records(source: str | Path) -> list[Record]:
    """Give all valid records of a run folder or of a Parquet archive.

    What is damaged and left out, and what is unverified, is a Python warning each.
    """
    reading = read_source(Path(source))
    for remark in reading.remarks:
        warnings.warn(remark, stacklevel=2)
    return reading.records


def load_results(source: str | Path) -> pd.DataFrame:
    """The tidy frame of a run folder or archive: one row a trial and selection rule."""
    from benchmark.analysis.frame import tidy

    return tidy(load_records(source))
