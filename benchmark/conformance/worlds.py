"""Small worlds in memory that a method is tried in: an easy corpus, a noise, a recipe
cut to a few steps.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.contracts import LabelArray, Need, NoiseInputs, NoiseModel, generator, noise_from
from benchmark.corpora.corpus import Corpus, Split
from benchmark.records.schema import Manifest
from benchmark.training.inputs import FeatureInputs
from benchmark.training.recipes import FROZEN, Recipe
from benchmark.trial.inputs import TrialInputs, inputs_in_memory

FEATURES = 16
DISTANCE = 4.0
"""From a class centre to the origin, in standard deviations of a class: hardly any two
classes overlap.
"""

SHORT = replace(
    FROZEN, learning_rate=1e-2, epochs=2, batch_size=16, hidden=32, points=4, points_in_first_epoch=2, max_tokens=8
)
"""The frozen recipe, cut to four steps of 32 texts."""

LONGER = replace(SHORT, epochs=4, batch_size=32, points=6)
HIGHEST_RATE = 1.0 - 1e-9


@dataclasses.dataclass(frozen=True, repr=False)
class AllWrong(NoiseModel):
    """Every label is the next class's, so that no right one is left; not registered."""

    name = "all_wrong"

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """No label of the result is right, int64 (N,)."""
        return (inputs.clean_labels + 1) % inputs.num_classes


@dataclass(frozen=True)
class SyntheticTask:
    """What one trial of a check works on."""

    trial_inputs: TrialInputs
    recipe: Recipe = SHORT
    seed: int = 0


def world(
    train: int = 32,
    test: int = 24,
    classes: int = 3,
    present: int | None = None,
    noise: NoiseModel | None = None,
    rate: float = 0.25,
    recipe: Recipe = SHORT,
    seed: int = 0,
) -> SyntheticTask:
    """A corpus of separable classes under a noise (default `symmetric(0.25)`), made by
    the code that trials use.

    `present`: how many of the classes have training and validation texts, all by
    default. `rate`: the estimate of the noise rate that methods are handed.
    """
    made = {
        "train": _split("train", train, present or classes, seed),
        "valid": _split("valid", 12, present or classes, seed),
        "test": _split("test", test, classes, seed),
    }
    names = tuple(f"class {k}" for k in range(classes))
    corpus = Corpus("conformance", names, {name: split for name, (split, _) in made.items()})
    inputs = {name: FeatureInputs(features, np.arange(len(features))) for name, (_, features) in made.items()}
    label_names = FeatureInputs(_centres(classes), np.arange(classes))
    noise = noise or noise_from("symmetric(0.25)")
    return SyntheticTask(inputs_in_memory(corpus, noise, seed, inputs, rate, label_names), recipe, seed)


def easy_world() -> SyntheticTask:
    """A world large enough to learn from."""
    return world(train=240, test=120, recipe=LONGER)


def with_other_clean_labels(base: SyntheticTask, granted: Collection[Need]) -> SyntheticTask:
    """The same world with its clean labels permuted after the noise step, but for what
    a method is granted.
    """
    noisy = base.trial_inputs.noisy
    needs = {"train": Need.CLEAN_TRAIN_LABELS, "valid": Need.CLEAN_VALID_LABELS, "test": Need.CLEAN_TEST_LABELS}
    given = {"train": noisy.train, "valid": noisy.valid, "test": noisy.test}
    splits = {name: split if needs[name] in granted else _permuted(split, name) for name, split in given.items()}
    changed = replace(
        noisy,
        train=splits["train"],
        valid=splits["valid"],
        test=splits["test"],
        manifest=_manifest(base.trial_inputs, splits["train"], granted),
    )
    corpus = replace(base.trial_inputs.corpus, splits=splits)
    return replace(base, trial_inputs=replace(base.trial_inputs, corpus=corpus, noisy=changed))


def _centres(classes: int) -> npt.NDArray[np.float32]:
    """The centres of the classes, (C, F), as which an encoder would see their names."""
    return DISTANCE * np.eye(classes, FEATURES, dtype=np.float32)


def _split(name: str, size: int, classes: int, seed: int) -> tuple[Split, Any]:
    draws = generator("conformance", name, size, classes, seed)
    labels = draws.permutation(np.arange(size) % classes).astype(np.int64)
    features = _centres(classes)[labels] + draws.normal(size=(size, FEATURES))
    ids = tuple(f"{name} {row}" for row in range(size))
    return Split(ids, tuple(f"text {row}" for row in range(size)), labels), features.astype(np.float32)


def _permuted(split: Split, name: str) -> Split:
    order = generator("conformance", "permute", name).permutation(len(split))
    return replace(split, clean_labels=split.clean_labels[order])


def _manifest(made: TrialInputs, train: Split, granted: Collection[Need]) -> Manifest:
    """The manifest that tells of the permuted labels, so that it cannot give the true
    ones away.
    """
    noisy, manifest = made.noisy, made.noisy.manifest
    pairs = np.zeros((manifest.num_classes, manifest.num_classes))
    np.add.at(pairs, (train.clean_labels, noisy.train_labels), 1.0)
    matrix = (pairs + 1e-9) / (pairs + 1e-9).sum(axis=1, keepdims=True)
    told: dict[str, Any] = {"rate_by_class": (1.0 - np.diag(matrix)).tolist(), "realised_valid_rate": None}
    if Need.NOISE_RATE not in granted:
        told["realised_rate"] = float(np.mean(noisy.train_labels != train.clean_labels))
    if Need.TRANSITION_MATRIX not in granted:
        told["transition_matrix"] = matrix.tolist()
    return manifest.model_copy(update=told)
