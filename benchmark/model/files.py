"""A model in a folder: weights as safetensors, the rest as JSON, never pickle."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from benchmark.contracts import BenchmarkError
from benchmark.contracts.hashes import sha256_hex
from benchmark.files.durable import check_writable, write_whole
from benchmark.model.model import Description, Model

WEIGHTS, ABOUT = "model.safetensors", "model.json"
FORM, FIRST_FORM = 2, 1
"""The forms of saved models that this version reads; the second has a second model."""

SECOND = "second"
"""Stands before the names of a second model's tensors."""


def check_free(folder: Path) -> None:
    """Raise a BenchmarkError where something lies in the folder of a new model, or
    where it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BenchmarkError(f"'{folder}' is not an empty folder. Name another one by --save, or empty it.")
    check_writable(folder)


def save_model(model: Model, folder: Path) -> list[Path]:
    """Write a model to an empty folder; gives the paths."""
    check_free(folder)
    parts = [*((str(k), part) for k, part in enumerate(model.weights)), (SECOND, model.second)]
    content = save({f"{of}.{name}": value for of, part in parts for name, value in part.items()})
    later = {"stages", "second"} if not model.second else set()
    described = model.about.model_dump(mode="json", exclude=later)
    about = {"form": FORM if model.second else FIRST_FORM, "sha256": _digest(described, content), "model": described}
    weights = write_whole(folder / WEIGHTS, content)
    # Last, so that a folder with a description is whole.
    return [weights, write_whole(folder / ABOUT, (json.dumps(about, indent=1) + "\n").encode())]


def load_model(folder: Path) -> Model:
    """Read what `save_model` wrote; a missing or damaged file is an error."""
    try:
        raw = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        content = (folder / WEIGHTS).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise BenchmarkError(
            f"'{folder}' holds no model: {ABOUT} and {WEIGHTS} are needed. Make one by `train … --save FOLDER`."
        ) from None
    except ValueError as problem:
        raise _damaged(folder / ABOUT, str(problem)) from None
    form = raw.get("form") if isinstance(raw, dict) else None
    if form not in (FIRST_FORM, FORM):
        raise BenchmarkError(
            f"The model in '{folder}' has form {form}; this version reads {FIRST_FORM} and {FORM}. Train it again."
        )
    if raw.get("sha256") != _digest(raw.get("model"), content):
        raise _damaged(folder, f"{ABOUT} and {WEIGHTS} are not what was written together")
    try:
        about = Description.model_validate(raw.get("model"))
        tensors = load(content)
    except (ValidationError, SafetensorError) as problem:
        raise _damaged(folder, str(problem)) from None
    parts: defaultdict[str, dict[str, Tensor]] = defaultdict(dict)
    for name, value in tensors.items():
        part, _, rest = name.partition(".")
        parts[part][rest] = value
    weights = tuple(parts[str(k)] for k in range(about.networks * about.stages))
    return Model(about, weights, parts[SECOND])


def _digest(described: Any, weights: bytes) -> str:
    return sha256_hex(json.dumps(described, sort_keys=True), weights)


def _damaged(path: Path, why: str) -> BenchmarkError:
    return BenchmarkError(f"The model at '{path}' is damaged: {why}. Copy it anew, or train again.")
