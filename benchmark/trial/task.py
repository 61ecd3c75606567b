"""A trial as it is handed to whoever runs it."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from benchmark.records.code.plugins import Plugin
from benchmark.records.config import TrialConfig


class TrialTask(BaseModel):
    """A trial and what a worker needs to run it, wherever it is.

    `training` is the artefact of the shared training that it reads; without it the
    trial makes its own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    config: TrialConfig
    artefacts: Path
    plugins: tuple[Plugin, ...] = ()
    device: str = "cpu"
    time_limit_s: float | None = None
    curves: bool = False
    training: str | None = None
