"""A script: trains DyGen's first stage by its authors' code, and prints wall and
processor seconds.

It runs alone, outside of this package, so that nothing of either disturbs the other.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import json
import sys
import time
from types import ModuleType, SimpleNamespace
from typing import Any

NOT_NEEDED = {"keras", "nltk", "wandb", "matplotlib", "sklearn", "pandas"}
"""Packages that the authors' files import and that this part of them never calls."""


class Absent(ModuleType):
    """A package that is not installed: it can be imported from, and does nothing."""

    __path__: list[str] = []
    __all__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return None


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds an `Absent` package for each that is not needed and not installed."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        """Give the stand-in, when no other finder has the package."""
        if fullname.partition(".")[0] not in NOT_NEEDED:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Make the empty package."""
        return Absent(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Run nothing."""


class OnTheCpu:
    """Stands for the number of GPUs: the authors place network i on `i % n_gpu`."""

    def __rmod__(self, network: int) -> str:
        return "cpu"


def main(given: dict[str, Any]) -> None:
    """Train as the authors' main program does, and print the seconds of it."""
    sys.meta_path.append(Finder())
    sys.path.insert(0, given["authors"])
    import numpy as np
    import torch
    from torch.utils.data import DataLoader, RandomSampler, TensorDataset

    # The first model that is asked for may put another module in the library's place.
    _ = importlib.import_module("transformers").BertForSequenceClassification
    library: Any = sys.modules["transformers"]
    if not hasattr(library, "AdamW"):
        # Newer versions leave it to torch. The first stage imports it and uses another optimiser.
        library.AdamW = torch.optim.AdamW
    module = importlib.import_module("src.model.train_stage1")
    torch.set_num_threads(given["threads"])
    torch.manual_seed(0)
    texts = np.load(given["texts"])
    ids, mask, labels = (torch.from_numpy(texts[name]) for name in ("ids", "mask", "labels"))
    whole = TensorDataset(ids, mask, labels, labels)
    few = TensorDataset(*(part[:8] for part in (ids, mask, labels, labels)))
    args = SimpleNamespace(
        num_classes=given["classes"],
        n_gpu=OnTheCpu(),
        n_model=2,
        bert=given["encoder"],
        device=torch.device("cpu"),
        epochs=given["epochs"],
        lr=given["learning_rate"],
        alpha_t=0.0,
        alpha_t_hi=5.0,
        dataset="trec",
    )
    train = DataLoader(whole, sampler=RandomSampler(whole), batch_size=given["batch_size"])
    # Validation and test texts are few: the line is on the training and its looks at the training texts.
    valid = DataLoader(few, batch_size=8)
    test = DataLoader(TensorDataset(*few.tensors[:3]), batch_size=8)
    started, began = time.perf_counter(), time.process_time()
    module.train_stage1(args, train, valid, test)
    sys.stdout.write(f"\n{time.perf_counter() - started} {time.process_time() - began}\n")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
