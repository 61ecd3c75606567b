"""The command line's `run`, `report`, `audit` and `train` from Python."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from benchmark.experiment.options import RunOptions
from benchmark.records.schema import Record
from benchmark.records.sources import read_source
from benchmark.running.request import make_request
from benchmark.running.run import Outcome, run

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from benchmark.analysis.figures.drawing import Drawing
    from benchmark.model.estimator import NoisyLabelClassifier as NoisyLabelClassifier
    from benchmark.records.training_dynamics import Dynamics


def __getattr__(name: str) -> Any:
    # scikit-learn is loaded for those alone who ask for the estimator.
    if name == "NoisyLabelClassifier":
        from benchmark.model.estimator import NoisyLabelClassifier

        return NoisyLabelClassifier
    raise AttributeError(f"module 'benchmark.api' has no attribute '{name}'")


class NullProgress:
    """A listener that keeps warnings and says nothing."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        """Keep the warning."""
        self.warnings.append(text)

    def preparing(self, what: str) -> None:
        """Say nothing."""

    def encoded(self, texts: int, every: int, share: float) -> None:
        """Say nothing."""

    def started(self, total: int, done: int) -> None:
        """Say nothing."""

    def finished(self, record: Record) -> None:
        """Say nothing."""


def run_grid(grid: str = "demo", out: str | Path | None = None, **options: Unpack[RunOptions]) -> Outcome:
    """Run a grid, or what is left of it, and give its records.

    Parameters
    ----------
    grid
        The name of a grid or the path of a `.toml` file.
    out
        The run folder, by default one below `results/runs` that is named after the grid
        and the options that change what runs.
    **options
        The options of `python -m benchmark run`, named and typed by `RunOptions`.

    Returns
    -------
    Outcome
        The wanted trials' records that are at hand, and how the run ended.
    """
    return run(make_request(grid, out, options), NullProgress())


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
    """Train DyGen's first stage once and draw its dynamics with the truth beside them.

    A look, not a result.

    With `out`, the figure is written to that folder as PNG, SVG and PDF. A noise that
    leaves only right or only wrong labels is a BenchmarkError.
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


def embed_texts(texts: Sequence[str], encoder: str = "frozen:minilm") -> npt.NDArray[np.float32]:
    """Give features of texts, float32 (N, D), from a pretrained encoder."""
    from benchmark.audit.embedding import embed

    return embed(texts, encoder)


def label_quality(
    texts_or_embeddings: Sequence[str] | npt.NDArray[np.floating[Any]],
    labels: Sequence[Any],
    encoder: str = "frozen:minilm",
) -> npt.NDArray[np.float64]:
    """Give the probability that each label is right, float64 (N,), NaN without a label.

    Parameters
    ----------
    texts_or_embeddings
        N texts, or an array (N, D) of embeddings, as of `embed_texts`.
    labels
        N class names or whole numbers, which may be wrong.
    encoder
        The encoder of texts.
    """
    from benchmark.audit.python import audit_labels

    return 1.0 - audit_labels(texts_or_embeddings, labels, encoder).p_wrong


def find_label_errors(
    texts_or_embeddings: Sequence[str] | npt.NDArray[np.floating[Any]],
    labels: Sequence[Any],
    encoder: str = "frozen:minilm",
) -> npt.NDArray[np.int64]:
    """Give the places of labels that are likely wrong, the most suspicious first.

    There are as many as labels are expected to be wrong. The parameters are those of
    `label_quality`.
    """
    from benchmark.audit.python import audit_labels

    found = audit_labels(texts_or_embeddings, labels, encoder)
    return found.order[: found.count.number(found.labelled)[0]]
