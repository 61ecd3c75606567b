"""A grid is data: methods × corpora × noises × encoders × seeds, read from TOML."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchmark.contracts import BenchmarkError, UnknownNameError
from benchmark.contracts.parameters.bounds import MOST_SEEDS
from benchmark.records.config import Limits

FOLDER = Path(__file__).parents[1] / "grids"


class Cells(BaseModel):
    """Corpora that meet noises."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    corpora: tuple[str, ...]
    noises: tuple[str, ...]


class Grid(BaseModel):
    """What a grid file says.

    `methods = ["ranked"]` stands for every registered method that may be ranked.
    `plugins` are files of methods or noises, relative to the grid's file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    methods: tuple[str, ...]
    encoders: tuple[str, ...]
    seeds: Annotated[int, Field(strict=True, ge=1, le=MOST_SEEDS)]
    cells: tuple[Cells, ...]
    limits: Limits = Limits()
    reference: str = "cross_entropy"
    plugins: tuple[Path, ...] = ()


def grid_names() -> list[str]:
    """Give the names of the grids at hand."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_grid(name: str) -> Grid:
    """Give a grid by name, or from a path ending in .toml.

    An unknown key is named with the nearest one.
    """
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"
    if not path.is_file():
        raise UnknownNameError("grid", name, grid_names(), "Or give the path of a .toml file.")
    try:
        grid = Grid.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        return grid.model_copy(update={"plugins": tuple(path.parent / plugin for plugin in grid.plugins)})
    except OSError as error:
        raise BenchmarkError(f"Grid '{path}' cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BenchmarkError(f"Grid '{path}' is not valid TOML: {error}.") from None
    except ValidationError as error:
        raise _explained(error, path) from None


def _explained(error: ValidationError, path: Path) -> BenchmarkError:
    first = error.errors()[0]
    place = [str(part) for part in first["loc"]]
    if first["type"] == "extra_forbidden":
        known = {"cells": Cells.model_fields, "limits": Limits.model_fields}.get(place[0]) if len(place) > 1 else None
        return UnknownNameError(f"key in grid {path.name}:", place[-1], known or Grid.model_fields)
    return BenchmarkError(f"Grid '{path.name}', {'.'.join(place)}: {first['msg']}.")
