"""What the lines measure on: corpus, encoders, sizes, and trials driven bare."""

from __future__ import annotations

import copy
import dataclasses
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.contracts import Method, NoisyView, Point, Trainer
from benchmark.corpora import availability
from benchmark.experiment.choices import Choices
from benchmark.experiment.expansion import expand
from benchmark.experiment.grid import Cells, Grid
from benchmark.records.artefacts import ArtefactCache
from benchmark.training.encoders.names import encoder_from
from benchmark.training.threads import torch_threads
from benchmark.trial.inputs import TrialInputs, load_trial_inputs
from benchmark.trial.prepare import prepare
from benchmark.trial.run import follow
from benchmark.trial.task import TrialTask

if TYPE_CHECKING:
    from benchmark.trial.evaluation import Evaluator

NOISE = "symmetric(0.4)"
THREADS = 1

Fit = Callable[[NoisyView, Trainer], Iterator[Point]]


@dataclass(frozen=True)
class Sizes:
    """How much is measured.

    Texts bound every split (None: the whole corpus); epochs None: the recipe's.
    """

    frozen_texts: int | None = None
    frozen_epochs: int | None = None
    tuned_texts: int = 256
    tuned_epochs: int = 2
    repeats: int = 5
    tuned_repeats: int = 2
    trials_a_worker: int = 8
    records: int = 10_000
    encoded_texts: int = 600


QUICK = Sizes(
    frozen_texts=64,
    frozen_epochs=1,
    tuned_texts=16,
    tuned_epochs=1,
    repeats=1,
    tuned_repeats=1,
    trials_a_worker=2,
    records=200,
    encoded_texts=40,
)
"""Small enough to see that every line runs; its numbers decide nothing."""


def _corpus_at_hand() -> str:
    return "trec" if availability("trec").at_hand else "apidocs"


def _tuned_encoder_at_hand() -> str:
    return "minilm" if encoder_from("minilm").at_hand() else "scratch:tiny"


def _head_encoder_at_hand() -> str:
    return "frozen:minilm" if encoder_from("frozen:minilm").at_hand() else "scratch:tiny"


@dataclass(frozen=True)
class Setting:
    """Where and on what is measured.

    `folder` takes artefacts and records. Nothing in it is a result.

    `head` is the encoder of quick trials, a trained head over frozen features where one
    is at hand; `tuned` the encoder whose every weight trains. `authors` is a checkout
    of the code of DyGen's authors.
    """

    folder: Path
    sizes: Sizes = field(default_factory=Sizes)
    corpus: str = field(default_factory=_corpus_at_hand)
    head: str = field(default_factory=_head_encoder_at_hand)
    tuned: str = field(default_factory=_tuned_encoder_at_hand)
    seeds: Iterator[int] = field(default_factory=itertools.count)
    authors: Path | None = None

    @property
    def encoders(self) -> dict[str, int]:
        """Each encoder with its number of repeats."""
        return {self.tuned: self.sizes.tuned_repeats, self.head: self.sizes.repeats}

    def choices(self, method: str, encoder: str, seeds: tuple[int, ...], precision: str | None = None) -> Choices:
        """The options of a grid that give trials of one method at the encoder's
        size, in a precision if not in the recipe's.
        """
        small = encoder == self.tuned
        return Choices(
            methods=(method,),
            corpora=(self.corpus,),
            noises=(NOISE,),
            encoders=(encoder,),
            seeds=seeds,
            limit_examples=self.sizes.tuned_texts if small else self.sizes.frozen_texts,
            epochs=self.sizes.tuned_epochs if small else self.sizes.frozen_epochs,
            threads_per_trial=THREADS,
            precision=precision,
        )

    def grid(self) -> Grid:
        """A grid for `choices` to fill."""
        cells = Cells(corpora=(self.corpus,), noises=(NOISE,))
        return Grid(title="speed", methods=("cross_entropy",), encoders=(self.head,), seeds=1, cells=(cells,))

    def task(self, method: str, encoder: str, precision: str | None = None) -> TrialTask:
        """A trial under a seed that no other had, its artefacts made: nothing that
        trials share saves it work.
        """
        (config,) = expand(self.grid(), self.choices(method, encoder, (next(self.seeds),), precision))
        artefacts = ArtefactCache((self.folder / "artefacts").resolve())
        prepare([config], artefacts, "cpu", lambda what: None)
        return TrialTask(config=config, artefacts=artefacts.root)


def trial_inputs_of(task: TrialTask) -> TrialInputs:
    """What the trial works on."""
    return load_trial_inputs(task.config, ArtefactCache(task.artefacts))


def drive(task: TrialTask, fit: Fit, trial_inputs: TrialInputs | None = None) -> tuple[Evaluator, Any]:
    """Run `fit` where the trial's method would train, with its view and its trainer.

    Gives the evaluator and the trainer.
    """
    method: Method = copy.copy(task.config.make_method())
    object.__setattr__(method, "fit", fit)
    with torch_threads(THREADS):
        return follow(task, method, trial_inputs or trial_inputs_of(task))


def plain_training(networks: int) -> Fit:
    """Give a training by cross-entropy that passes the training texts through its
    networks at each point.
    """

    def fit(view: NoisyView, trainer: Trainer) -> Iterator[Point]:
        made = trainer.networks(networks)
        for point in trainer.train(made, lambda batch: batch.losses.mean()):
            trainer.evaluate(made)
            yield point

    return fit


@dataclass(frozen=True)
class Bare:
    """A training that nobody looked at: wall and processor seconds up to its last
    point, wall seconds by phase.
    """

    wall_s: float
    processor_s: float
    phases: dict[str, float]


def baseline_run(task: TrialTask, fit: Fit, trial_inputs: TrialInputs | None = None) -> Bare:
    """Train with `fit` and pass its points by."""
    found: list[Bare] = []

    def passed_by(view: NoisyView, trainer: Any) -> Iterator[Point]:
        started, began = time.perf_counter(), time.process_time()
        for _ in fit(view, trainer):
            wall_s, processor_s = time.perf_counter() - started, time.process_time() - began
            found.append(Bare(wall_s, processor_s, dict(trainer.counts.seconds)))
        yield from ()

    drive(task, passed_by, trial_inputs)
    return found[-1]


def warm_up(setting: Setting, encoder: str, precision: str | None = None) -> None:
    """A trial of a few texts, for what a process pays once: imports, the first step,
    the files in memory.
    """
    task = dataclasses.replace(setting, sizes=QUICK).task("cross_entropy", encoder, precision)
    baseline_run(task, task.config.make_method().fit)
