"""The checks of a method's contract, each from a method to a problem, or to None."""

from __future__ import annotations

import inspect
import itertools
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmark.conformance.results import BrokenContractError, Result, difference
from benchmark.conformance.subject import Subject
from benchmark.conformance.surroundings import restored
from benchmark.conformance.worlds import (
    HIGHEST_RATE,
    AllWrong,
    SyntheticTask,
    easy_world,
    with_other_clean_labels,
    world,
)
from benchmark.contracts import Method, Need, UnknownNameError, noise_from
from benchmark.training.threads import torch_threads
from benchmark.trial.metrics import probability_problem
from benchmark.trial.view import noisy_view

STANDARD_ERRORS = 4.0
"""By how much a method must beat chance, in standard errors of a guess's accuracy."""

CHECKS: dict[str, str] = {
    "trains": "Trains on 32 texts and predicts every test text",
    "probabilities": "Gives finite probabilities in [0, 1] that sum to one",
    "points": "Ends at fraction 1, with points that ascend within each stage",
    "findings": "Reports findings about the training labels in the right shape",
    "same_twice": "Gives the same result twice under one seed",
    "own_randomness": "Reads no global random stream",
    "surroundings": "Leaves global random streams, default type, gradient mode and thread count as they were",
    "blind": "Predicts the same, to the bit, whatever the clean labels that it did not ask for",
    "same_after_another": "Gives the same result alone and after another trial in the process",
    "absent_class": "Survives a class without training texts",
    "last_batch_of_one": "Survives a last batch of one text",
    "all_labels_wrong": "Survives training labels of which none is right, and an estimate that says so",
    "two_classes": "Survives two classes",
    "zero_rate": "Survives clean labels and an estimated noise rate of 0",
    "learns": "Beats chance on an easy set, unless it is a control",
}
"""Every check by name, with what it promises.

Those that compare with the first trial come before those that train on something else,
so that a method which remembers that fails by `same_after_another` alone.
"""


@dataclass(frozen=True)
class Verdict:
    """What one check of a method found.

    `problem` is None where the method passes. `error` is equal for two problems that
    come from one error. `repeats` names the first check that failed by the same error.
    """

    check: str
    problem: str | None = None
    error: tuple[str, ...] = ()
    repeats: str | None = None


def run_check(name: str, method: Method) -> str | None:
    """None if the method passes the check of `CHECKS`, else the problem.

    An exception that the method raises is the problem.
    """
    return _verdict(name, Subject(method)).problem


def run_checks(method: Method) -> Iterator[Verdict]:
    """Run every check in turn; mark those that fail by an error shown before."""
    seen: dict[tuple[str, ...], str] = {}
    subject = Subject(method)
    for name in CHECKS:
        verdict = _verdict(name, subject)
        if verdict.problem is not None:
            first = seen.setdefault(verdict.error, name)
            verdict = replace(verdict, repeats=None if first == name else first)
        yield verdict


def first_problem(method: Method) -> Verdict | None:
    """The first check that the method fails, or None; later ones are not run."""
    return next((verdict for verdict in run_checks(method) if verdict.problem is not None), None)


def _verdict(name: str, subject: Subject) -> Verdict:
    if name not in CHECKS:
        raise UnknownNameError("check", name, CHECKS)
    with restored(), torch_threads(1):
        try:
            problem = _RUN[name](subject)
            return Verdict(name, problem, () if problem is None else (problem,))
        except BrokenContractError as broken:
            return Verdict(name, str(broken), (str(broken),))
        except Exception as error:
            kind, place = type(error).__name__, _place(error, subject.method)
            at = f" (line {place[1]} of {Path(place[0]).name})" if place else ""
            return Verdict(name, f"{kind}: {error}{at}", (kind, *(place or (str(error),))))


def _place(error: Exception, method: Method) -> tuple[str, str] | None:
    """File and line of the method's own source that raised the error or led to it."""
    file = getattr(inspect.getmodule(type(method)), "__file__", None)
    steps = [step for step in traceback.extract_tb(error.__traceback__) if step.filename == file]
    return (steps[-1].filename, str(steps[-1].lineno)) if steps else None


def _trains(subject: Subject) -> str | None:
    result = subject.first()
    if result.test is None:
        return "No point can be selected; at least one must be `selectable`."
    rows = len(world().trial_inputs.noisy.test)
    if len(result.test) != rows:
        return f"{len(result.test)} of {rows} test texts are predicted."
    return None


def _probabilities(subject: Subject) -> str | None:
    subject.first()
    return None


def _points(subject: Subject) -> str | None:
    points = subject.first().points
    if not points:
        return "No point is yielded."
    if points[-1][1] != 1.0:
        return f"The last point lies at {points[-1][1]:g} of its stage; it must lie at 1."
    for (stage, fraction, _), (next_stage, next_fraction, _) in itertools.pairwise(points):
        if next_stage < stage or (next_stage == stage and next_fraction <= fraction):
            return (
                f"A point at {next_fraction:g} of stage {next_stage} follows one at {fraction:g} of stage {stage}; "
                "stages and the fractions within one must ascend."
            )
    outside = [fraction for _, fraction, _ in points if not 0.0 < fraction <= 1.0]
    return f"A point lies at {outside[0]:g}; fractions lie in (0, 1]." if outside else None


def _findings(subject: Subject) -> str | None:
    return _findings_problem(subject.first(), world())


def _same_twice(subject: Subject) -> str | None:
    return _differs(subject.first(), subject.trained(), "In a second trial under the same seed")


def _own_randomness(subject: Subject) -> str | None:
    problem = _differs(
        subject.first(), subject.under_other_streams(), "When the global random streams are seeded otherwise"
    )
    return f"{problem} Draw from trainer.generator or trainer.stream." if problem else None


def _surroundings(subject: Subject) -> str | None:
    subject.under_other_streams()
    return f"Changed: {', '.join(subject.moved)}." if subject.moved else None


def _blind(subject: Subject) -> str | None:
    declared = subject.method.needs()
    granted = frozenset(Need(name) for name in noisy_view(subject.method, world().trial_inputs).declared_inputs)
    if granted != declared:
        return f"Handed over: {_listed(granted)}; declared: {_listed(declared)}."
    other = with_other_clean_labels(world(), declared)
    return _differs(subject.first(), subject.trained(other), "When the clean labels are permuted after the noise")


def _same_after_another(subject: Subject) -> str | None:
    alone = subject.first()
    subject.trained(world(train=40, classes=4, noise=AllWrong(), rate=0.5, seed=7))
    return _differs(alone, subject.trained(), "After another trial in the same process")


def _absent_class(subject: Subject) -> str | None:
    return _survives(subject, world(present=2, noise=noise_from("clean()")))


def _last_batch_of_one(subject: Subject) -> str | None:
    return _survives(subject, world(train=33))


def _all_labels_wrong(subject: Subject) -> str | None:
    return _survives(subject, world(noise=AllWrong(), rate=HIGHEST_RATE))


def _two_classes(subject: Subject) -> str | None:
    return _survives(subject, world(classes=2))


def _zero_rate(subject: Subject) -> str | None:
    return _survives(subject, world(noise=noise_from("clean()"), rate=0.0))


def _learns(subject: Subject) -> str | None:
    if subject.method.control:
        return None
    here = easy_world()
    labels = here.trial_inputs.noisy.test.clean_labels
    chance = float(np.bincount(labels).max() / len(labels))
    bar = chance + STANDARD_ERRORS * float(np.sqrt(chance * (1.0 - chance) / len(labels)))
    reached = subject.trained(here).test_accuracy
    if reached < bar:
        return f"Test accuracy is {reached:.2f} on a set where chance gives {chance:.2f}; at least {bar:.2f} is wanted."
    return None


_RUN: dict[str, Callable[[Subject], str | None]] = {
    "trains": _trains,
    "probabilities": _probabilities,
    "points": _points,
    "findings": _findings,
    "same_twice": _same_twice,
    "own_randomness": _own_randomness,
    "surroundings": _surroundings,
    "blind": _blind,
    "same_after_another": _same_after_another,
    "absent_class": _absent_class,
    "last_batch_of_one": _last_batch_of_one,
    "all_labels_wrong": _all_labels_wrong,
    "two_classes": _two_classes,
    "zero_rate": _zero_rate,
    "learns": _learns,
}


def _survives(subject: Subject, here: SyntheticTask) -> str | None:
    return _findings_problem(subject.trained(here), here)


def _differs(first: Result, second: Result, when: str) -> str | None:
    found = difference(first, second)
    return f"{when} {found}." if found else None


def _findings_problem(result: Result, here: SyntheticTask) -> str | None:
    """Say what is wrong with the method's findings on the training labels, or None."""
    rows, classes = len(here.trial_inputs.noisy.train), here.trial_inputs.corpus.num_classes
    shapes = {
        "corrected_labels": (rows,),
        "suspicion": (rows,),
        "transition_matrix": (classes, classes),
        "noise_rate": (),
    }
    for name, value in result.findings.items():
        if name == "train_probabilities":
            if found := probability_problem(value, rows, classes):
                return f"In the finding train_probabilities {found}."
        elif value.shape != shapes[name]:
            return f"The finding {name} has shape {value.shape}; {shapes[name]} is wanted."
        elif not np.isfinite(value).all():
            return f"The finding {name} is not finite."
    corrected = result.findings.get("corrected_labels")
    if corrected is not None and not (np.issubdtype(corrected.dtype, np.integer) and _within(corrected, classes)):
        return f"The finding corrected_labels holds other than whole numbers from 0 to {classes - 1}."
    return None


def _within(labels: np.ndarray[tuple[int, ...], np.dtype[np.int64]], classes: int) -> bool:
    return bool(len(labels) == 0 or (labels.min() >= 0 and labels.max() < classes))


def _listed(needs: frozenset[Need]) -> str:
    return ", ".join(sorted(needs)) or "nothing"
