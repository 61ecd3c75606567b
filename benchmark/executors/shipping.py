"""Artefacts for nodes that do not share the driver's disk: by name through Ray's object store."""

from __future__ import annotations

import io
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark.artefacts import Artefacts
from benchmark.prepare import artefact_names
from benchmark.trial import TrialTask


def names_of(task: TrialTask) -> list[str]:
    """The artefacts that the trial itself reads."""
    names = artefact_names(task.config)
    return [name for name in (names.corpus, names.noisy_labels, names.inputs, names.rate) if name]


def pack(folder: Path) -> bytes:
    """A folder of files as one block of bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path in sorted(folder.iterdir()):
            archive.add(path, arcname=path.name)
    return buffer.getvalue()


def unpack(data: bytes, folder: Path) -> None:
    """The inverse of `pack`."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(folder, filter="data")


def local_task(task: TrialTask, shipped: Mapping[str, Any]) -> TrialTask:
    """The task with artefacts that lie on this node: the driver's folder, or copies fetched by name."""
    if all((task.artefacts / name).is_dir() for name in names_of(task)):
        return task
    import ray

    root = Path(tempfile.gettempdir()) / "noisy-label-benchmark-artefacts"
    here = Artefacts(root)
    for name in names_of(task):
        here.make(name, lambda folder, name=name: unpack(ray.get(shipped[name]), folder))  # type: ignore[misc]
    return task.model_copy(update={"artefacts": root})
