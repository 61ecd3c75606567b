"""The trainer of one trial: streams, networks, training loop, evaluation, clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from benchmark.contracts import (
    LabelArray,
    Outputs,
    Point,
    TrainingDiagnostics,
    generator,
    seed_of,
)
from benchmark.contracts.handles import Encoded, EncodedTexts, MethodState, Network
from benchmark.contracts.trainer import SharedTraining
from benchmark.training.batch import TrainBatch
from benchmark.training.costs import Counts
from benchmark.training.cuda import on_device
from benchmark.training.descent import Descent
from benchmark.training.encoders.names import Encoder
from benchmark.training.encoders.networks import build_network
from benchmark.training.gpu.ahead import batches_ahead
from benchmark.training.gpu.graphs import StepGraphs
from benchmark.training.gpu.ways import Ways
from benchmark.training.inputs import FeatureInputs, batch_size, evaluation_batches, training_batches
from benchmark.training.looks import INFERENCE_TOKENS, KeptOutputs, NetworkOutputs, look_at, observed
from benchmark.training.random_streams import TorchStream
from benchmark.training.recipes import Recipe
from benchmark.training.shared import Look, shared_points


class TrialTimeoutError(Exception):
    """The trial's time limit has passed."""


class TrialTrainer:
    """The `Trainer` of the contracts, over one encoder and one noisy training set.

    Parameters
    ----------
    inputs : encoded texts that the method may read, by split: `train`, `valid`, and
        `test` only where the method declared the need.
    shared_seed : names what all methods of a cell share: initial weights, batches,
        dropout.
    own_seed : adds the method's name, for its own draws.
    deadline : a `time.monotonic()` value after which the trial is stopped.
    keep_embeddings : whether points give embeddings beside probabilities.
    shared_training : the folder of the shared training that was made for this trial.
        Without it the trial makes its own.
    ways : how the steps are made fast; None for what the device allows.
    """

    def __init__(
        self,
        *,
        encoder: Encoder,
        recipe: Recipe,
        num_classes: int,
        inputs: Mapping[str, EncodedTexts],
        noisy_labels: LabelArray,
        shared_seed: tuple[str | int, ...],
        own_seed: tuple[str | int, ...],
        device: str = "cpu",
        deadline: float | None = None,
        keep_embeddings: bool = False,
        shared_training: Path | None = None,
        ways: Ways | None = None,
    ) -> None:
        self.recipe = recipe
        self.num_classes = num_classes
        self.device = torch.device(device)
        self.counts = Counts()
        self._encoder = encoder
        self._inputs = inputs
        self._train_inputs = inputs["train"]
        self._labels = torch.from_numpy(noisy_labels.copy()).to(self.device)
        self._shared_seed = shared_seed
        self._own_seed = own_seed
        self._deadline = deadline
        self._keep_embeddings = keep_embeddings
        self._shared_training = shared_training
        self.trainings = 0
        self.ways = ways or Ways.on(self.device)
        self._untrained: Network | None = None

    @property
    def total_steps(self) -> int:
        """Steps of a training on all training texts."""
        return self.recipe.total_steps(len(self._train_inputs))

    def generator(self, purpose: str) -> np.random.Generator:
        """The method's own random draws for one purpose."""
        return generator(*self._own_seed, purpose)

    def stream(self, purpose: str) -> TorchStream:
        """Give a torch stream of the method's own."""
        return TorchStream(seed_of(*self._own_seed, "torch", purpose) % 2**63, self.device)

    def networks(self, count: int) -> list[Network]:
        """Give `count` networks.

        Number k starts from the same weights in every method of the cell.
        """
        statistics = (
            _statistics(self._train_inputs, self.device) if isinstance(self._train_inputs, FeatureInputs) else None
        )
        made: list[Network] = []
        for k in range(count):
            with self._shared_stream("init", k)():
                network = build_network(self._encoder, self.recipe, self.num_classes, statistics)
            if self.recipe.training_mode_at_start:
                network.train()
            made.append(network.to(self.device))
        return made

    def train(
        self,
        networks: Sequence[Network],
        loss: Callable[[TrainBatch], Tensor | None],
        *,
        state: MethodState = None,
        rows: LabelArray | None = None,
        before_epoch: Callable[[int], None] | None = None,
        findings: Callable[[], TrainingDiagnostics] | None = None,
        selectable: bool = True,
        stage: int = 1,
        learning_rate: Callable[[int, int], float] | None = None,
        shuffle: bool = True,
        points: Mapping[int, float] | None = None,
    ) -> Iterator[Point]:
        """Train as the contract says, with points at the recipe's steps or `points`."""
        chosen = np.arange(len(self._train_inputs)) if rows is None else rows
        total = self.recipe.total_steps(len(chosen))
        points = self.recipe.point_steps(total) if points is None else points
        descent = Descent(networks, self.recipe, self.device)
        streams = [self._shared_stream("dropout", self.trainings, k) for k in range(len(networks))]
        self.trainings += 1
        rate_at = learning_rate or self.recipe.learning_rate_at
        step = 0
        graphs = self.ways.graphs(networks, self._train_inputs, partial(self._epochs, chosen, shuffle), self.device)
        for epoch in range(self.recipe.epochs):
            if before_epoch is not None:
                before_epoch(epoch)
            batches = self._batches(chosen, epoch, shuffle)
            with batches_ahead(self._on_device, batches, self.ways.ahead) as made:
                for batch_rows in batches:
                    with self.phase("train"):
                        self.check_time()
                        graphs.begin_step()
                        batch = self._batch(next(made), networks, streams, epoch, step, total, state, graphs)
                        descended = loss(batch)
                        if descended is not None:
                            self.counts.backward_texts += len(batch_rows) * len(networks)
                            descent.step(descended, rate_at(step, total), graphs)
                    step += 1
                    if step in points:
                        yield Point(
                            fraction=points[step],
                            observe=NetworkOutputs(networks, self.observe, self._keep_embeddings),
                            findings=findings or TrainingDiagnostics,
                            selectable=selectable,
                            stage=stage,
                        )

    def shared(self, training: SharedTraining) -> Iterator[tuple[Point, Look]]:
        """Yield the points of a training that methods share, as the contract says."""
        return shared_points(self, training, self._shared_training, self._keep_embeddings)

    def evaluate(self, networks: Sequence[Network], embedding: bool = False, split: str = "train") -> Outputs:
        """Give the outputs of a split in evaluation mode, in the order of the view."""
        return self.look(split, lambda encoded: self.observe(networks, encoded, embedding))

    def look(self, split: str, observe: Callable[[Encoded], Outputs]) -> Outputs:
        """The texts of a split through `observe`, in the order of the view."""
        with self.phase("evaluate training set" if split == "train" else "evaluate other texts"):
            return self.outputs(self._inputs[split], observe)

    def frozen_embeddings(self, split: str = "train") -> npt.NDArray[np.float32]:
        """Give the texts of a split as they are before training, float32 (N, D)."""
        inputs = self._inputs[split]
        with self.phase("frozen embeddings"):
            parts: npt.NDArray[np.float32] | None = None
            for rows in evaluation_batches(inputs, INFERENCE_TOKENS[self.device.type]):
                self.check_time()
                represented = self.represent(inputs.batch(rows, self.device))
                if parts is None:
                    parts = np.empty((len(inputs), represented.shape[1]), dtype=np.float32)
                parts[rows] = represented
        if parts is None:
            raise ValueError("there are no texts to embed")
        return parts

    def represent(self, encoded: Encoded) -> npt.NDArray[np.float32]:
        """Give one batch of encoded texts as it is before training, float32 (B, D)."""
        if self._untrained is None:
            self._untrained = self.networks(1)[0].eval()
        self.counts.forward_texts += batch_size(encoded)
        with torch.inference_mode():
            represented: npt.NDArray[np.float32] = self._untrained.represent(encoded).float().cpu().numpy()
        return represented

    def batch_size(self, encoded: Encoded) -> int:
        """Texts in an encoded batch."""
        return batch_size(encoded)

    def outputs(self, inputs: EncodedTexts, observe: Callable[[Encoded], Outputs]) -> Outputs:
        """Pass all rows of some inputs through `observe`, and keep their order."""

        def look() -> Outputs:
            return look_at(inputs, observe, self.device, self.check_time)

        return observe.outputs(inputs, look) if isinstance(observe, KeptOutputs) else look()

    def observe(self, networks: Sequence[Network], encoded: Encoded, embedding: bool = False) -> Outputs:
        """One batch of encoded texts through the networks in evaluation mode."""
        outputs = observed(networks, encoded, embedding)
        self.counts.forward_texts += outputs.probabilities.shape[0] * outputs.probabilities.shape[1]
        return outputs

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """A clock around a part of the method."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.counts.seconds[name] = self.counts.seconds.get(name, 0.0) + time.perf_counter() - started

    def check_time(self) -> None:
        """Stop the trial here if its time limit has passed."""
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise TrialTimeoutError("The trial reached its time limit; raise it with --trial-hours.")

    def _batches(self, rows: LabelArray, epoch: int, shuffle: bool) -> list[LabelArray]:
        size = self.recipe.batch_size
        if not shuffle:
            return [rows[start : start + size] for start in range(0, len(rows), size)]
        return training_batches(self._train_inputs, rows, size, epoch, self._shared_seed)

    def _shared_stream(self, *purpose: str | int) -> TorchStream:
        return TorchStream(seed_of(*self._shared_seed, *purpose) % 2**63, self.device)

    def _epochs(self, rows: LabelArray, shuffle: bool) -> list[LabelArray]:
        """The batches of all epochs."""
        return [batch for epoch in range(self.recipe.epochs) for batch in self._batches(rows, epoch, shuffle)]

    def _on_device(self, rows: LabelArray) -> tuple[Tensor, Encoded]:
        return on_device(rows, self.device), self._train_inputs.batch(rows, self.device)

    def _batch(
        self,
        made: tuple[Tensor, Encoded],
        networks: Sequence[Network],
        streams: Sequence[TorchStream],
        epoch: int,
        step: int,
        total: int,
        state: MethodState,
        graphs: StepGraphs,
    ) -> TrainBatch:
        index, encoded = made
        self.counts.forward_texts += len(index) * len(networks)
        return TrainBatch(
            encoded=encoded,
            rows=index,
            noisy_labels=self._labels[index],
            networks=networks,
            streams=streams,
            epoch=epoch,
            step=step,
            total_steps=total,
            state=state,
            graphs=graphs,
        )


def _statistics(inputs: FeatureInputs, device: torch.device) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of each feature over the training texts, (D,)."""
    features = inputs.batch(np.arange(len(inputs)), device)
    return features.mean(0), features.std(0, unbiased=False).clamp_min(1e-6)
