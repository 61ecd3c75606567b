"""A training that methods share: made in place, written to a folder, or read."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from benchmark.contracts import Outputs, Point
from benchmark.contracts.handles import Encoded, Network
from benchmark.contracts.trainer import Moments, SharedTraining, Stage
from benchmark.training.costs import Counts, Spent
from benchmark.training.recipes import Recipe

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.training.batch import TrainBatch

Look = Callable[[str], Outputs]

SPLITS = ("train", "valid", "test")
ABOUT = "training.json"


class StageTrainer(Protocol):
    """The parts of a trial's trainer by which a shared training is made and read."""

    recipe: Recipe
    counts: Counts
    trainings: int

    @property
    def total_steps(self) -> int:
        """Steps of a training on all training texts."""

    def networks(self, count: int) -> list[Network]:
        """`count` networks, each with its own initial weights."""

    def train(
        self,
        networks: Sequence[Network],
        loss: Callable[[TrainBatch], Tensor | None],
        *,
        selectable: bool,
        learning_rate: Callable[[int, int], float],
        shuffle: bool,
        points: Mapping[int, float],
    ) -> Iterator[Point]:
        """Train with a point after each step of `points`."""

    def evaluate(self, networks: Sequence[Network], embedding: bool, split: str) -> Outputs:
        """Give the outputs of a split in evaluation mode."""

    def look(self, split: str, observe: Callable[[Encoded], Outputs]) -> Outputs:
        """The texts of a split through `observe`."""

    def check_time(self) -> None:
        """Stop the trial here if its time limit has passed."""


@dataclass(frozen=True, order=True)
class Reads:
    """What one trial reads of a shared training.

    It reads at all moments of a kind, or at the last moment alone where `train`
    (training texts) or `others` (validation and test texts) is false. `embedding` says
    whether it reads embeddings beside probabilities.
    """

    at: Moments
    train: bool
    others: bool
    embedding: bool

    def covers(self, split: str) -> bool:
        """Whether texts of a split are read at every moment."""
        return self.train if split == "train" else self.others


def looks_by_step(reads: Sequence[Reads], recipe: Recipe, total_steps: int) -> dict[int, dict[str, bool]]:
    """Give by step the splits to look at, each with whether embeddings are read."""
    found: dict[int, dict[str, bool]] = defaultdict(dict)
    for read in reads:
        steps = recipe.moment_steps(read.at, total_steps)
        for step in steps:
            for split in SPLITS:
                if read.covers(split) or step == max(steps):
                    found[step][split] = found[step].get(split, False) or read.embedding
            found.setdefault(step, {})
    return dict(sorted(found.items()))


def train_in_place(
    trainer: StageTrainer, stage: Stage, points: Mapping[int, float], selectable: bool
) -> Iterator[tuple[Point, Callable[[str, bool], Outputs]]]:
    """Train a stage and yield a point with a look after each step of `points`."""
    networks = trainer.networks(stage.networks)

    def look(split: str, embedding: bool) -> Outputs:
        return trainer.evaluate(networks, embedding, split)

    training = trainer.train(
        networks,
        stage.loss,
        selectable=selectable,
        learning_rate=stage.learning_rate(trainer.recipe),
        shuffle=stage.shuffle,
        points=points,
    )
    for point in training:
        yield point, look


@dataclass(frozen=True)
class StoredMoment:
    """One moment of a written training.

    `training` is what the training cost since the moment before, `looks` what a look at
    each split cost.
    """

    step: int
    training: Spent
    looks: dict[str, Spent]


def write_training(trainer: StageTrainer, stage: Stage, reads: Sequence[Reads], folder: Path) -> None:
    """Train a stage and write what is read of it, with the costs, to a folder."""
    looks = looks_by_step(reads, trainer.recipe, trainer.total_steps)
    fractions = {step: step / trainer.total_steps for step in looks}
    moments = []
    before = 0.0, 0
    training = train_in_place(trainer, stage, fractions, False)
    for (step, splits), (_, look) in zip(looks.items(), training, strict=True):
        seconds, texts = trainer.counts.seconds["train"], trainer.counts.backward_texts
        spent = Spent(seconds - before[0], texts - before[1], texts - before[1])
        before = seconds, texts
        costs = {}
        for split, embedding in splits.items():
            started, passes = time.perf_counter(), trainer.counts.forward_texts
            outputs = look(split, embedding)
            costs[split] = Spent(time.perf_counter() - started, trainer.counts.forward_texts - passes)
            for name, array in vars(outputs).items():
                if array is not None:
                    np.save(folder / f"{step}-{split}-{name}.npy", array)
        moments.append(asdict(StoredMoment(step, spent, costs)))
    (folder / ABOUT).write_text(json.dumps(moments), encoding="utf-8")


def read_moments(folder: Path) -> list[StoredMoment]:
    """Give the moments of a written training."""
    return [
        StoredMoment(
            one["step"], Spent(**one["training"]), {split: Spent(**cost) for split, cost in one["looks"].items()}
        )
        for one in json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    ]


@dataclass(frozen=True)
class StoredOutputs:
    """The outputs at one moment of a written training, in place of `observe`.

    `charged` names the splits whose look the trial has paid for, which it does once.
    """

    trainer: StageTrainer
    folder: Path
    moment: StoredMoment
    embedding: bool
    charged: set[str] = field(default_factory=set)

    def __call__(self, encoded: Encoded) -> Outputs:
        """Raise, since the networks that could observe a batch are gone."""
        raise RuntimeError("the networks of a shared training are gone; its outputs are read by split")

    def look(self, split: str) -> Outputs:
        """Give the outputs of a split and charge once what they cost when they were
        made.
        """
        if split not in self.moment.looks:
            raise FileNotFoundError(f"step {self.moment.step} of {self.folder.name} holds no outputs of {split} texts")
        if split not in self.charged:
            self.charged.add(split)
            phase = "evaluate training set" if split == "train" else "observe"
            self.trainer.counts.charge(phase, self.moment.looks[split])
        stem = f"{self.moment.step}-{split}"
        embeddings = np.load(self.folder / f"{stem}-embedding.npy") if self.embedding else None
        return Outputs(np.load(self.folder / f"{stem}-probabilities.npy"), embeddings)


def shared_points(
    trainer: StageTrainer, training: SharedTraining, folder: Path | None, embedding: bool
) -> Iterator[tuple[Point, Look]]:
    """Yield the points of a shared training, each with a look at a split.

    They are read from the folder of a written training, and its seconds and passes are
    charged in full. Without a folder the training is made in place.
    """
    steps = trainer.recipe.moment_steps(training.at, trainer.total_steps)
    if folder is None:
        # Who only hands tasks on needs no torch.
        from benchmark.training.looks import KeptOutputs

        for point, _ in train_in_place(trainer, training.stage, steps, training.selectable):
            if point.observe is not None:
                kept = KeptOutputs(point.observe)
                yield replace(point, observe=kept), partial(trainer.look, observe=kept)
        return
    trainer.trainings += 1
    for moment in read_moments(folder):
        trainer.check_time()
        trainer.counts.charge("train", moment.training)
        if moment.step in steps:
            stored = StoredOutputs(trainer, folder, moment, embedding)
            yield Point(steps[moment.step], stored, selectable=training.selectable), stored.look
