"""The points of a second stage that trains a model of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from benchmark.contracts import BySecondModel, OutputHistory, Point, ProbabilityArray, Trainer, TrainingDiagnostics
from benchmark.contracts.views import SecondModel

Model = TypeVar("Model", bound=SecondModel)


def second_stage(
    trainer: Trainer,
    phase: str,
    training: Iterator[tuple[float, Model]],
    predict: Callable[[Model, OutputHistory], ProbabilityArray],
    find: Callable[[Model], TrainingDiagnostics],
) -> Iterator[Point]:
    """Yield a point for each model that the training gives.

    Parameters
    ----------
    trainer : times the training.
    phase : the name under which its seconds go to the record.
    training : gives the share of the training that is done, and the model by then.
    predict : gives probabilities by a model from the outputs of stage one.
    find : gives what a model has found out about the training texts.
    """
    while True:
        with trainer.phase(phase):
            trained = next(training, None)
        if trained is None:
            return
        done, model = trained
        yield Point(fraction=done, predict=BySecondModel(predict, model), findings=partial(find, model), stage=2)
