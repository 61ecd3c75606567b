"""Which tables a paper has, as data."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from benchmark.contracts.errors import UnknownNameError

FOLDER = Path(__file__).parent


class Part(BaseModel):
    """Frozen; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PaperCorpus(Part):
    """A corpus by the paper's name, and the corpora at hand that may stand for it,
    nearest first.
    """

    name: str
    measured: tuple[str, ...]
    note: str = ""


class PaperTable(Part):
    """A main table: corpora by noises; `key` is also its name in the file of published
    figures.
    """

    key: str
    title: str
    noises: tuple[str, ...]
    corpora: tuple[PaperCorpus, ...]


class AblationRow(Part):
    """One line of the ablation: what is left out, and the method that does so."""

    label: str
    method: str


class Ablation(Part):
    """Variants over the corpora of all tables, under these noises."""

    noises: tuple[str, ...]
    rows: tuple[AblationRow, ...]


class Pair(Part):
    """A published row and the method here that is nearest to it; an empty protocol fits
    every one.
    """

    published: str
    ours: str
    protocol: str = ""


class Anchors(Part):
    """A file of published figures to stand beside ours."""

    file: str
    title: str
    pairs: tuple[Pair, ...]


class Paper(Part):
    """A paper's tables: its method, the baselines that it was compared with, controls
    that it lacked.

    `archives`: the folders of results/measured that were run for these tables. Others
    may hold a newer version of a method on a part of the cells, which would hide it.
    """

    title: str
    method: str
    published: tuple[str, ...]
    archives: tuple[str, ...]
    baselines: tuple[str, ...]
    controls: tuple[str, ...] = ()
    caveats: str = ""
    tables: tuple[PaperTable, ...]
    ablation: Ablation
    anchors: tuple[Anchors, ...] = ()

    @property
    def methods(self) -> tuple[str, ...]:
        """Rows of the main tables: baselines, the paper's method, controls."""
        return (*self.baselines, self.method, *self.controls)


def paper_names() -> list[str]:
    """Give the names of the papers whose tables can be made."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_paper(name: str) -> Paper:
    """Give a paper by name, or raise UnknownNameError, which lists the others, nearest
    first.
    """
    if name not in paper_names():
        raise UnknownNameError("paper", name, paper_names())
    return Paper.model_validate(tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8")))
