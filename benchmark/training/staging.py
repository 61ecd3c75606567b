"""One training of a shared stage: trained and written down, or shown again as it was."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from benchmark.contracts import LabelArray, Outputs, Point, Trainer
from benchmark.contracts.trainer import Moments, Stage
from benchmark.training.costs import Counts, Spent
from benchmark.training.sharing import SharedStages, StageMemory

Look = Callable[[str], Outputs]


class StageTrainer(Trainer, Protocol):
    """What a shared training needs of the trainer beyond the contract."""

    counts: Counts
    trainings: int

    @property
    def total_steps(self) -> int:
        """The steps of a training on all training texts."""

    def wait(self, seconds: float) -> None:
        """Wait for another trial, at no cost to this one."""

    def train(
        self,
        networks: Sequence[Any],
        loss: Callable[[Any], Any],
        *,
        state: Any = None,
        rows: LabelArray | None = None,
        before_epoch: Callable[[int], None] | None = None,
        findings: Callable[[], Any] | None = None,
        selectable: bool = True,
        stage: int = 1,
        learning_rate: Callable[[int, int], float] | None = None,
        shuffle: bool = True,
        points: Mapping[int, float] | None = None,
    ) -> Iterator[Point]:
        """Train as in the contract, a point after each step of `points` where these are given."""


KINDS: tuple[Moments, ...] = ("points", "epochs")


@dataclass(frozen=True)
class Recorder:
    """Answers for looks at one point of a training that is being written down; others alone need one not `kept`."""

    trainer: StageTrainer
    memory: StageMemory
    point: int
    kept: bool

    def __call__(self, split: str, look: Callable[[], Outputs]) -> Outputs:
        """A look that is written down the first time, and afterwards read and charged as if it were taken again."""
        if f"{self.point}-{split}" in self.memory.costs:
            return Replayer(self.trainer, self.memory, self.point)(split)
        started, texts = time.perf_counter(), self.trainer.counts.forward_texts
        outputs = look()
        spent = Spent(time.perf_counter() - started, self.trainer.counts.forward_texts - texts)
        self.memory.keep(self.point, split, outputs, spent)
        if not self.kept:
            whole = time.perf_counter() - started
            self.trainer.counts.refund("observe", replace(spent, seconds=whole))
        return outputs


@dataclass(frozen=True)
class Replayer:
    """Answers for looks at one point of a training that another trial did."""

    trainer: StageTrainer
    memory: StageMemory
    point: int

    def __call__(self, split: str, look: Callable[[], Outputs] | None = None) -> Outputs:
        """What was shown then, charged as if it were shown now."""
        outputs, spent = self.memory.recall(self.point, split)
        self.trainer.counts.charge("evaluate training set" if split == "train" else "observe", spent)
        return outputs


@dataclass(frozen=True)
class Asked:
    """What a method asks of a stage: points at the moments of one kind, and what they show."""

    stage: Stage
    at: Moments
    selectable: bool
    embedding: bool


def share_stage(
    trainer: StageTrainer, shared: SharedStages | None, asked: Asked, record: bool
) -> Iterator[tuple[Point, Look]]:
    """Show again what another trial trained, where it was looked at as asked; else train."""
    if shared is None:
        yield from train_stage(trainer, asked, None)
        return
    with shared.claim(asked.stage, record, trainer.wait) as memory:
        if memory is None or not memory.complete:
            yield from train_stage(trainer, asked, memory)
        elif memory.serves(asked.at, everywhere=record):
            trainer.trainings += 1
            yield from replay_stage(trainer, asked, memory)
        else:
            yield from train_stage(trainer, asked, None)


def train_stage(trainer: StageTrainer, asked: Asked, memory: StageMemory | None) -> Iterator[tuple[Point, Look]]:
    """Train it; with a memory, what is looked at is written down, and the recipe's points are looked at for others."""
    stage, at = asked.stage, asked.at
    networks = trainer.networks(stage.networks)
    steps = {kind: trainer.recipe.moment_steps(kind, trainer.total_steps) for kind in KINDS}
    looked_at = steps[at] if memory is None else dict(sorted((steps["points"] | steps[at]).items()))
    whole = [kind for kind in KINDS if steps[kind].keys() <= looked_at.keys()]
    training = trainer.train(
        networks,
        stage.loss,
        selectable=asked.selectable,
        learning_rate=stage.learning_rate(trainer.recipe),
        shuffle=stage.shuffle,
        points=looked_at,
    )
    before = Spent()
    for number, (step, point) in enumerate(zip(looked_at, training, strict=True)):

        def look(split: str) -> Outputs:
            return trainer.evaluate(networks, asked.embedding, split)

        if memory is None:
            yield point, look
            continue
        texts = trainer.counts.backward_texts
        memory.moments.append({kind: steps[kind][step] for kind in whole if step in steps[kind]})
        now = Spent(trainer.counts.seconds["train"], texts, texts)
        memory.costs[str(number)] = now.since(before)
        before = now
        kept = step in steps[at]
        recorder = Recorder(trainer, memory, number, kept)

        def recorded(split: str, recorder: Recorder = recorder) -> Outputs:
            return recorder(split, lambda: trainer.evaluate(networks, True, split))

        yield replace(point, recall=recorder, kept=kept), recorded


def replay_stage(trainer: StageTrainer, asked: Asked, memory: StageMemory) -> Iterator[tuple[Point, Look]]:
    """Show it again at the moments of a kind; the passes and seconds that it took are charged in full."""
    for number, moment in enumerate(memory.moments):
        trainer.check_time()
        trainer.counts.charge("train", memory.costs[str(number)])
        if asked.at not in moment:
            continue
        replayer = Replayer(trainer, memory, number)
        yield Point(fraction=moment[asked.at], observe=_gone, selectable=asked.selectable, recall=replayer), replayer


def _gone(encoded: Any) -> Outputs:
    raise RuntimeError("the networks of a shared training are gone; what it showed is recalled")
