"""Whether a device gives the same bits twice and captures its passes: two tiny
trainings of a transformer with random weights.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from benchmark.conformance.surroundings import restored
from benchmark.training.cuda import compute_deterministically
from benchmark.training.encoders.names import encoder_from
from benchmark.training.gpu.ways import Ways
from benchmark.training.inputs import TokenInputs
from benchmark.training.recipes import FROM_SCRATCH
from benchmark.training.trainer import TrialTrainer

TEXTS, CLASSES = 96, 3
RECIPE = dataclasses.replace(FROM_SCRATCH, epochs=8, batch_size=8)
"""Nearly a hundred steps of at most two shapes, enough for captures."""

LARGEST_DIFFERENCE = 0.1
"""Between captured and plain passes, in probabilities after the whole training, where
rounding has grown for a hundred steps.
"""


@dataclasses.dataclass(frozen=True)
class Finding:
    """What was looked for, and whether it is so."""

    good: bool
    text: str


def check_device(device: str = "cuda") -> list[Finding]:
    """Train twice with all that makes steps fast on the device, and once plainly.

    Random streams are put back.
    """
    with restored():
        compute_deterministically()
        first, trouble = _trained(device)
        second, _ = _trained(device)
        plain, _ = _trained(device, plainly=True)
    apart = float(np.abs(first - plain).max())
    passes = f"passes are plain, which is slower: {trouble}" if trouble else "passes are captured, or plain by choice"
    return [
        Finding(bool(np.array_equal(first, second)), f"two trainings on {device} have the same bits"),
        Finding(not trouble, passes),
        Finding(apart <= LARGEST_DIFFERENCE, f"they end at most {apart:.2g} from a training of plain passes"),
    ]


def _trained(device: str, plainly: bool = False) -> tuple[np.ndarray, str]:
    """Probabilities of the training texts at the end, and why passes were plain."""
    lengths = np.arange(TEXTS) % 2 * 20 + 10
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    trainer = TrialTrainer(
        encoder=encoder_from("scratch:tiny"),
        recipe=RECIPE,
        num_classes=CLASSES,
        inputs={"train": TokenInputs((np.arange(starts[-1]) % 97 + 2).astype(np.int32), starts, 0, np.arange(TEXTS))},
        noisy_labels=np.arange(TEXTS) % CLASSES,
        shared_seed=("check", 0),
        own_seed=("check", 0, "device"),
        device=device,
        ways=Ways() if plainly else None,
    )
    networks = trainer.networks(2)
    for _ in trainer.train(networks, lambda batch: batch.losses.mean()):
        pass
    return trainer.evaluate(networks).probabilities, trainer.ways.trouble
