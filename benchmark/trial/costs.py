"""What a trial cost, as its record says it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.records.artefacts import ArtefactCache
from benchmark.records.schema import Costs
from benchmark.training.gpu import PLAIN_PASSES
from benchmark.trial.process import peaks
from benchmark.trial.task import TrialTask

if TYPE_CHECKING:
    from benchmark.training.trainer import TrialTrainer

PEAKS = "peaks.json"
"""What a shared training leaves beside its outputs: the memory that it took, and why
its passes were plain though a GPU made them.
"""


def write_peaks(folder: Path, device: str, trouble: str) -> None:
    """Write what a shared training took, and its `trouble`, beside its outputs."""
    memory = dict(zip(("peak_mib", "gpu_peak_mib"), peaks(device), strict=True))
    (folder / PEAKS).write_text(json.dumps(memory | {"trouble": trouble}), encoding="utf-8")


def trial_costs(task: TrialTask, trainer: TrialTrainer, wall_s: float) -> Costs:
    """Give the costs of a trial that took `wall_s` seconds.

    Its shared parts are charged in full.
    """
    peak, gpu_peak = peaks(task.device)
    trouble = trainer.ways.trouble
    if task.training is not None:
        # The trial needs what its training needed, as if it had made it itself.
        stored = json.loads((ArtefactCache(task.artefacts).place(task.training) / PEAKS).read_text(encoding="utf-8"))
        peak = max(peak, stored["peak_mib"])
        gpu_peak = None if gpu_peak is None else max(gpu_peak, stored["gpu_peak_mib"] or 0.0)
        trouble = trouble or stored.get("trouble", "")
    return Costs(
        wall_s=wall_s,
        seconds=trainer.counts.seconds,
        forward_texts=trainer.counts.forward_texts,
        backward_texts=trainer.counts.backward_texts,
        peak_mib=peak,
        gpu_peak_mib=gpu_peak,
        device=_device_name(task.device, trouble),
        threads=task.config.threads,
    )


def _device_name(device: str, trouble: str) -> str:
    """Name what computed, and say why its passes were plain though it is a GPU."""
    import torch

    name = torch.cuda.get_device_name() if device.startswith("cuda") else "cpu"
    return f"{name} ({PLAIN_PASSES}: {trouble})" if trouble else name
