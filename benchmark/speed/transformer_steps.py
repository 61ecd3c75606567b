"""Lines on a GPU: a training step of transformers of random weights, through the
trainer and in a plain loop, eager and compiled.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.contracts import generator
from benchmark.speed.model import Measurement
from benchmark.speed.setting import Setting

NO_GPU = "this machine has no CUDA device"
CLASSES, VOCABULARY = 6, 30_522
WARM_STEPS, STEPS = 30, 100
"""Steps before the clock runs, in which graphs are captured and compilers work, and
steps under the clock.
"""


@dataclass(frozen=True)
class Shape:
    """A transformer and its batches; `shortest` is the length of the shortest text."""

    name: str
    hidden: int
    layers: int
    heads: int
    texts: int
    tokens: int
    shortest: int

    def parameters(self) -> int:
        """Weights in the products of the layers."""
        return self.layers * 12 * self.hidden**2

    def operations(self) -> float:
        """Multiplications and additions of a step, forward and backward."""
        tokens = self.texts * self.tokens
        return 6.0 * self.parameters() * tokens + 12.0 * self.layers * self.hidden * self.tokens * tokens


MINILM_SHORT = Shape("MiniLM", 384, 6, 12, texts=32, tokens=32, shortest=5)
BERT = Shape("BERT-base", 768, 12, 12, texts=32, tokens=128, shortest=128)
BERT_LARGE_BATCH = replace(BERT, texts=128)


def gpu_steps(setting: Setting) -> list[Measurement]:
    """A step of MiniLM on 32 short texts in at most 8 ms, one of BERT-base on 32 texts
    of 128 tokens in at most 1.2 times that of the compiled plain loop, on 128 texts at
    no less than 95 % of its rate.
    """
    import torch

    names = [f"a step of {shape.name}'s shape, {shape.texts} × {shape.tokens}" for shape in (BERT, BERT_LARGE_BATCH)]
    if not torch.cuda.is_available():
        small = Measurement("gpu-steps", "a step of MiniLM's shape, 32 short texts", None, "ms", at_most=8, note=NO_GPU)
        ratio = Measurement("gpu-steps", f"{names[0]} / the compiled loop's", None, "×", at_most=1.2, note=NO_GPU)
        rate = Measurement(
            "gpu-steps", f"{names[1]}: rate / the compiled loop's", None, "×", at_least=0.95, note=NO_GPU
        )
        return [small, ratio, rate]
    return measured_steps(setting.folder, "cuda", (MINILM_SHORT, BERT, BERT_LARGE_BATCH), compiled=True)


def measured_steps(folder: Path, device: str, shapes: tuple[Shape, Shape, Shape], compiled: bool) -> list[Measurement]:
    """Give the measurements of `gpu_steps` on a device, in bfloat16 where it has it."""
    small, middle, large = shapes
    ms = 1_000 * _trainer_s(small, folder, device)
    found = [
        Measurement("gpu-steps", f"a step of {small.name}'s shape, {small.texts} short texts", ms, "ms", at_most=8)
    ]
    peak = product_rate(device)
    for shape in (middle, large):
        seconds = {"trainer": _trainer_s(shape, folder, device), "plain loop": _plain_s(shape, folder, device, False)}
        if compiled:
            seconds["compiled loop"] = _plain_s(shape, folder, device, True)
        best = min(seconds[name] for name in seconds if name != "trainer")
        rate = shape.texts * shape.tokens / seconds["trainer"]
        share = shape.operations() / seconds["trainer"] / peak
        note = f"{rate:,.0f} tokens a second, {100 * share:.1f} % of the rate of large products here"
        what = f"a step of {shape.name}'s shape, {shape.texts} × {shape.tokens}"
        line = Measurement(
            "gpu-steps", f"{what} / the fastest plain loop's", seconds["trainer"] / best, "×", at_most=1.2
        )
        if shape is large:
            what = f"{what}: rate / the fastest plain loop's"
            line = Measurement("gpu-steps", what, best / seconds["trainer"], "×", at_least=0.95)
        found.append(replace(line, seconds=seconds, note=note))
    return found


def product_rate(device: str, size: int = 0) -> float:
    """Operations a second of a large product, in bfloat16 where the device has it."""
    import torch

    size = size or (8_192 if device == "cuda" else 128)
    square = torch.ones(size, size, device=device, dtype=torch.bfloat16 if _precision(device) == "bfloat16" else None)
    times = [_timed(lambda: square @ square, device) for _ in range(10)]
    return 2.0 * size**3 / statistics.median(times)


def _timed(action: Callable[[], object], device: str) -> float:
    _wait(device)
    started = time.perf_counter()
    action()
    _wait(device)
    return time.perf_counter() - started


def _wait(device: str) -> None:
    import torch

    if device == "cuda":
        torch.cuda.synchronize()


def _precision(device: str) -> str:
    from benchmark.training.precision import has_bfloat16

    return "bfloat16" if device == "cuda" and has_bfloat16(device) else "float32"


def _weights(shape: Shape, folder: Path) -> Path:
    """A transformer of the shape with random weights, made once."""
    from transformers import BertConfig, BertModel

    path = folder / f"random-{shape.hidden}-{shape.layers}"
    if not path.exists():
        config = BertConfig(
            vocab_size=VOCABULARY,
            hidden_size=shape.hidden,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            intermediate_size=4 * shape.hidden,
        )
        BertModel(config, add_pooling_layer=False).save_pretrained(path)
    return path


def _lengths(shape: Shape) -> np.ndarray:
    draws = generator("speed", "lengths", shape.name)
    lengths = draws.integers(shape.shortest, shape.tokens, shape.texts * (WARM_STEPS + STEPS), endpoint=True)
    return np.asarray(lengths)


def _trainer_s(shape: Shape, folder: Path, device: str) -> float:
    """Seconds of a warm step through the trainer."""
    from benchmark.training.cuda import compute_deterministically
    from benchmark.training.encoders.names import encoder_from
    from benchmark.training.inputs import TokenInputs
    from benchmark.training.recipes import FINE_TUNED
    from benchmark.training.trainer import TrialTrainer

    compute_deterministically()
    lengths = _lengths(shape)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    tokens = generator("speed", "tokens").integers(1_000, VOCABULARY, int(starts[-1])).astype(np.int32)
    trainer = TrialTrainer(
        encoder=encoder_from(str(_weights(shape, folder))),
        recipe=replace(FINE_TUNED.varied(shape.texts, _precision(device)), epochs=1),
        num_classes=CLASSES,
        inputs={"train": TokenInputs(tokens, starts, 0, np.arange(len(lengths)))},
        noisy_labels=np.arange(len(lengths)) % CLASSES,
        shared_seed=("speed",),
        own_seed=("speed", "gpu"),
        device=device,
    )
    started = 0.0

    def loss(batch: Any) -> Any:
        nonlocal started
        if batch.step == WARM_STEPS:
            _wait(device)
            started = time.perf_counter()
        return batch.losses.mean()

    for _ in trainer.train(trainer.networks(1), loss, points={trainer.total_steps: 1.0}):
        _wait(device)
    return (time.perf_counter() - started) / (trainer.total_steps - WARM_STEPS)


def _plain_s(shape: Shape, folder: Path, device: str, compiled: bool) -> float:
    """Seconds of a warm step of a loop as a short script has it."""
    import torch
    from torch import nn

    from benchmark.training.encoders.networks import load_transformer
    from benchmark.training.precision import autocast

    target = torch.device(device)
    network = load_transformer(_weights(shape, folder)).to(target).train()
    head = nn.Linear(shape.hidden, CLASSES).to(target)
    run: Any = torch.compile(network) if compiled else network
    optimiser = torch.optim.AdamW([*network.parameters(), *head.parameters()], lr=2e-5, fused=True)
    ids = torch.randint(1_000, VOCABULARY, (shape.texts, shape.tokens), device=target)
    labels = torch.randint(CLASSES, (shape.texts,), device=target)

    def step() -> None:
        with autocast(_precision(device), target):
            states = run(input_ids=ids).last_hidden_state
        loss = nn.functional.cross_entropy(head(states[:, 0].float()), labels)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()

    def steps(count: int) -> None:
        for _ in range(count):
            step()

    steps(WARM_STEPS)
    return _timed(lambda: steps(STEPS), device) / STEPS
