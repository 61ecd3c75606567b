"""One training of a shared stage: trained and written down, or shown again as it was."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from benchmark.contracts import Outputs, Point
from methods.engine.sharing import Spent, StageMemory
from methods.engine.stages import Stage

if TYPE_CHECKING:
    from methods.engine.kit import EngineKit

Look = Callable[[str], Outputs]


@dataclass(frozen=True)
class Recorder:
    """Answers for looks at one point of a training that is being written down."""

    kit: EngineKit
    memory: StageMemory
    point: int

    def __call__(self, split: str, look: Callable[[], Outputs]) -> Outputs:
        """A look that is written down the first time and read afterwards."""
        if f"{self.point}-{split}" in self.memory.costs:
            return self.memory.recall(self.point, split)[0]
        started, texts = time.perf_counter(), self.kit.counts.forward_texts
        outputs = look()
        spent = Spent(time.perf_counter() - started, self.kit.counts.forward_texts - texts)
        self.memory.keep(self.point, split, outputs, spent)
        return outputs


@dataclass(frozen=True)
class Replayer:
    """Answers for looks at one point of a training that another trial did."""

    kit: EngineKit
    memory: StageMemory
    point: int

    def __call__(self, split: str, look: Callable[[], Outputs] | None = None) -> Outputs:
        """What was shown then, charged as if it were shown now."""
        outputs, spent = self.memory.recall(self.point, split)
        self.kit.charge("evaluate training set" if split == "train" else "observe", spent)
        return outputs


def train_stage(
    kit: EngineKit, stage: Stage, memory: StageMemory | None, selectable: bool, embedding: bool
) -> Iterator[tuple[Point, Look]]:
    """Train it; with a memory, what is looked at is written down."""
    networks = kit.networks(stage.networks)
    rate = stage.learning_rate(kit.recipe)
    training = kit.train(networks, stage.loss, selectable=selectable, learning_rate=rate, shuffle=stage.shuffle)
    before = Spent()
    for number, point in enumerate(training):

        def look(split: str) -> Outputs:
            return kit.evaluate(networks, embedding, split)

        if memory is None:
            yield point, look
            continue
        texts = kit.counts.backward_texts
        memory.fractions.append(point.fraction)
        now = Spent(kit.counts.seconds["train"], texts, texts)
        memory.costs[str(number)] = now.since(before)
        before = now
        recorder = Recorder(kit, memory, number)

        def recorded(split: str, recorder: Recorder = recorder) -> Outputs:
            return recorder(split, lambda: kit.evaluate(networks, True, split))

        yield replace(point, recall=recorder), recorded


def replay_stage(kit: EngineKit, memory: StageMemory, selectable: bool) -> Iterator[tuple[Point, Look]]:
    """Show it again; the passes and seconds that it took are charged in full."""
    for number, fraction in enumerate(memory.fractions):
        kit.check_time()
        kit.charge("train", memory.costs[str(number)])
        replayer = Replayer(kit, memory, number)
        yield Point(fraction=fraction, observe=_gone, selectable=selectable, recall=replayer), replayer


def _gone(encoded: Any) -> Outputs:
    raise RuntimeError("the networks of a shared training are gone; what it showed is recalled")
