"""From a table of one's own to the trial whose training makes the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmark.contracts import BenchmarkError, Method, method_from
from benchmark.corpora import load_card
from benchmark.corpora.own import add_own_data, own_remarks
from benchmark.experiment.choices import Choices
from benchmark.experiment.expansion import expand
from benchmark.experiment.grid import load_grid
from benchmark.experiment.options import check_options
from benchmark.experiment.own_tables import own_data_of
from benchmark.model.training import contained, refuse_what_cannot_be_kept
from benchmark.records.config import TrialConfig
from benchmark.training.encoders.names import encoder_from

GRID = "demo"
"""Of it nothing is used but what every grid has: a table of one's own replaces it."""


def config_of_table(
    files: Path | Sequence[Path],
    method: str,
    encoder: str,
    seed: int,
    given: Mapping[str, Any],
    choices: Mapping[str, Any],
) -> tuple[TrialConfig, tuple[str, ...]]:
    """Give the trial that `run --data FILE` has for the method, and what is to be said
    of the table.

    Parameters
    ----------
    files : the table, or the files of one form that it consists of.
    method, encoder, seed : the trial on it.
    given : what the columns of the table are, as `RunOptions` has it.
    choices : further fields of `Choices`.
    """
    check_options({"methods": [method], "encoders": [encoder], **given, **choices})
    chosen = method_from(method)
    refuse_what_cannot_be_kept(chosen, encoder)
    encoder_from(encoder).fetch()
    own = own_data_of({**given, "data": files}, [encoder])
    assert own is not None
    name = add_own_data(own)
    with contained(method):
        _refuse_unknown_labels(chosen, name)
    noises = None if load_card(name).observed else ["clean"]
    wanted = Choices(methods=[method], corpora=[name], noises=noises, encoders=[encoder], seeds=(seed,), **choices)
    (config,) = expand(load_grid(GRID), wanted)
    return config, own_remarks(name)


def _refuse_unknown_labels(method: Method, corpus: str) -> None:
    """Raise a BenchmarkError where the method needs clean labels that nobody gave."""
    unknown = set(load_card(corpus).no_clean)
    lacking = sorted(need for need in method.needs() if need.reads_clean in unknown)
    if lacking:
        raise BenchmarkError(
            f"Method '{method}' needs {', '.join(lacking)}, and '{corpus}' has no labels that can be trusted. Name "
            "their column by --clean-column, or another method, such as cross_entropy."
        )
