"""Artefacts and code for nodes that do not share the driver's disk."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmark.contracts import BenchmarkError
from benchmark.corpora import cards_folder
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.code.provenance import ROOT
from benchmark.training.encoders.names import encoder_from
from benchmark.trial.artefacts.keys import artefact_keys
from benchmark.trial.shared_training import TrainingTask
from benchmark.trial.task import TrialTask

PACKAGES = ("benchmark", "methods", "noise")


def names_of(task: TrialTask) -> list[str]:
    """Give the artefacts that the task itself reads."""
    names = artefact_keys(task.config)
    training = None if isinstance(task, TrainingTask) else task.training
    read = (names.corpus, names.noisy_labels, names.inputs, names.label_names, names.rate, training)
    return [name for name in read if name]


def pack(folder: Path) -> bytes:
    """Pack a folder of files as one block of bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path in sorted(folder.iterdir()):
            archive.add(path, arcname=path.name)
    return buffer.getvalue()


def code_folder(path: str) -> Path:
    """Copy this project's code and cards into `path`, so that every node runs the
    driver's code.
    """
    folder = Path(path)
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(cards_folder(), folder / "datasets", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def unpack(data: bytes, folder: Path) -> None:
    """Undo `pack`."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(folder, filter="data")


_copied: set[str] = set()
"""The artefacts that this worker has copied."""


def local_task(task: TrialTask, names: Sequence[str], home: Any) -> TrialTask:
    """Give the task the artefacts on this node: the driver's folder, or copies by name.

    Copies of what the driver has removed, since no later task reads it, are removed.
    """
    if all((task.artefacts / name).is_dir() for name in names):
        return task
    import ray

    _check_weights(task)
    root = Path(tempfile.gettempdir()) / f"noisy-label-benchmark-{os.getuid()}"
    here = ArtefactCache(root)
    for name in ray.get(home.gone.remote(sorted(_copied))):
        here.forget(name)
        _copied.discard(name)
    for name in names:
        here.make(name, lambda folder, name=name: unpack(ray.get(home.give.remote(name)), folder))  # type: ignore[misc]
    _copied.update(names)
    return task.model_copy(update={"artefacts": root})


def send_home(task: TrialTask, local: TrialTask, home: Any) -> None:
    """Bring a training that was made on another disk to the driver's."""
    if isinstance(task, TrainingTask) and local.artefacts != task.artefacts:
        import ray

        ray.get(home.take.remote(task.training, pack(ArtefactCache(local.artefacts).use(task.training))))
        ArtefactCache(local.artefacts).forget(task.training)


class Home:
    """An actor on the driver's node that hands artefacts out and takes them in."""

    def __init__(self, root: str) -> None:
        self._artefacts = ArtefactCache(Path(root))

    def give(self, name: str) -> bytes:
        """Pack an artefact."""
        return pack(self._artefacts.place(name))

    def gone(self, names: list[str]) -> list[str]:
        """Name those artefacts that are no longer on the driver's disk."""
        return [name for name in names if not self._artefacts.place(name).is_dir()]

    def take(self, name: str, data: bytes) -> None:
        """Unpack an artefact, checked against the sums that it brings along."""
        self._artefacts.make(name, lambda folder: unpack(data, folder))


def _check_weights(task: TrialTask) -> None:
    """Refuse weights on this node that are not the driver's.

    Frozen features travel. Weights that train do not, and other ones would make another
    trial.
    """
    encoder = encoder_from(task.config.encoder)
    if encoder.kind == "fine-tuned" and encoder.weights_digest() != task.config.weights:
        raise BenchmarkError(
            f"Encoder '{encoder.name}' on this node is {encoder.weights_digest()} and the driver's is "
            f"{task.config.weights}. Bring the same weights to every node of the cluster."
        )
