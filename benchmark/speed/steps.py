"""The line on a training step over frozen features: what the trainer adds to it."""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Callable

import numpy as np

from benchmark.contracts import generator
from benchmark.speed.model import Measurement, by_processor_time
from benchmark.speed.setting import THREADS, Setting
from benchmark.speed.timing import in_turn, median_difference
from benchmark.training.threads import torch_threads

ENCODER, WIDTH, CLASSES = "frozen:minilm", 384, 6
TEXTS, EPOCHS = 4_907, 2
"""The features are like those of TREC under MiniLM. They are drawn, since the time of
a step does not depend on what they hold.
"""


def frozen_step(setting: Setting) -> list[Measurement]:
    """A step of the trainer minus one of a plain torch loop over the same features: at
    most 0.3 ms.
    """
    draws = generator("speed", "features")
    texts, epochs = setting.sizes.frozen_texts or TEXTS, setting.sizes.frozen_epochs or EPOCHS
    features = draws.standard_normal((texts, WIDTH), dtype=np.float32)
    labels = draws.integers(CLASSES, size=texts)
    with torch_threads(THREADS):
        return [_added(networks, features, labels, epochs, 2 * setting.sizes.repeats + 1) for networks in (1, 2)]


def _added(networks: int, features: np.ndarray, labels: np.ndarray, epochs: int, repeats: int) -> Measurement:
    processor: dict[str, list[float]] = {"trainer": [], "plain loop": []}

    def timed(name: str, train: Callable[..., int]) -> Callable[[int], float]:
        def run(turn: int) -> float:
            started, began = time.perf_counter(), time.process_time()
            steps = train(networks, features, labels, epochs)
            processor[name].append(1_000 * (time.process_time() - began) / steps)
            return 1_000 * (time.perf_counter() - started) / steps

        return run

    trainer, plain = timed("trainer", _by_the_trainer), timed("plain loop", _by_a_plain_loop)
    rounds = in_turn(repeats, {"trainer": trainer, "plain loop": plain})
    return Measurement(
        "frozen-step",
        f"a step of the trainer - one of a plain torch loop, {networks} network(s), made features like {ENCODER}'s",
        median_difference(rounds["trainer"], rounds["plain loop"]),
        "ms",
        at_most=0.3,
        seconds={name: statistics.median(found) / 1_000 for name, found in rounds.items()},
        note=by_processor_time(median_difference(processor["trainer"], processor["plain loop"]), "ms"),
    )


def _by_the_trainer(networks: int, features: np.ndarray, labels: np.ndarray, epochs: int) -> int:
    """Train by the recipe; gives the number of steps."""
    from benchmark.training.encoders.names import encoder_from
    from benchmark.training.inputs import FeatureInputs
    from benchmark.training.recipes import FROZEN
    from benchmark.training.trainer import TrialTrainer

    trainer = TrialTrainer(
        encoder=encoder_from(ENCODER),
        recipe=dataclasses.replace(FROZEN, epochs=epochs),
        num_classes=CLASSES,
        inputs={"train": FeatureInputs(features, np.arange(len(features)))},
        noisy_labels=labels,
        shared_seed=("speed",),
        own_seed=("speed", "step"),
    )
    for _ in trainer.train(trainer.networks(networks), lambda batch: batch.losses.mean(1).sum()):
        pass
    return trainer.total_steps


def _by_a_plain_loop(networks: int, features: np.ndarray, labels: np.ndarray, epochs: int) -> int:
    """Train the same heads as a short script would; gives the number of steps."""
    import torch
    from torch import nn

    from benchmark.training.recipes import FROZEN

    inputs, targets = torch.from_numpy(features), torch.from_numpy(labels)
    inputs = (inputs - inputs.mean(0)) / inputs.std(0)
    hidden = FROZEN.hidden or 0
    heads = [
        nn.Sequential(nn.Linear(WIDTH, hidden), nn.ReLU(), nn.Dropout(FROZEN.dropout), nn.Linear(hidden, CLASSES))
        for _ in range(networks)
    ]
    weights = [weight for head in heads for weight in head.parameters()]
    optimiser = torch.optim.AdamW(weights, lr=FROZEN.learning_rate, weight_decay=0.0, fused=True)
    steps = 0
    for _ in range(epochs):
        for rows in torch.randperm(len(inputs)).split(FROZEN.batch_size):  # type: ignore[no-untyped-call]
            batch, given = inputs[rows], targets[rows]
            loss = torch.stack([nn.functional.cross_entropy(head(batch), given) for head in heads]).sum()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            steps += 1
    return steps
