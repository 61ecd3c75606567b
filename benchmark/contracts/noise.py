"""The contract of a noise model."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar, dataclass_transform

import numpy as np
import numpy.typing as npt

from benchmark.contracts.arrays import FloatArray
from benchmark.contracts.parameters.fields import check_sizes, checked_dataclass
from benchmark.contracts.parameters.ranges import Sizes
from benchmark.contracts.registry import Registry
from benchmark.contracts.renamed import Renamed
from benchmark.contracts.seeds import Draws
from benchmark.contracts.specs import write_call, written
from benchmark.contracts.views import LabelArray

T = TypeVar("T")

TokenArray = npt.NDArray[np.int32]

REQUESTS = (
    "reads_features",
    "reads_teacher",
    "reads_token_ids",
    "reads_texts",
    "reads_clean_labels",
    "learns_from_training",
    "holds_out_classes",
)
"""The class attributes by which a noise model says what it works with."""

UNLABELLED = -1
"""The noisy label of a text that the source of labels did not cover.

The harness drops such rows.
"""


@dataclass(frozen=True)
class NoiseInputs:
    """What a noise model may look at, for one split.

    A field that a model reads only on request is None unless the model sets the class
    attribute that is named in brackets.

    Parameters
    ----------
    clean_labels : int64 (N,).
    num_classes : the number of classes C.
    draws : the random draws of the model.
    features : float64 (N, F), centred and whitened by the training split
        (`reads_features`).
    observed : by source name, int64 (N,), -1 where the source gave no label.
    teacher : float64 (N, C), probabilities of a classifier that learned from clean
        labels of other texts (`reads_teacher`).
    token_ids : int32 (N, L), word pieces with zeros behind them (`reads_token_ids`).
    texts : N strings (`reads_texts`).
    training : the training split's own inputs, None where this is the training split
        (`learns_from_training`).
    label_names : C names.
    votes : by source of votes, int64 (N, R), -1 where a voter is silent.
    train_votes : the same of the training split, for models that are fitted there.
    """

    clean_labels: LabelArray
    num_classes: int
    draws: Draws
    features: FloatArray | None = None
    observed: Mapping[str, LabelArray] = field(default_factory=dict)
    teacher: FloatArray | None = None
    token_ids: TokenArray | None = None
    texts: Sequence[str] | None = None
    training: NoiseInputs | None = None
    label_names: tuple[str, ...] = ()
    votes: Mapping[str, LabelArray] = field(default_factory=dict)
    train_votes: Mapping[str, LabelArray] = field(default_factory=dict)

    def training_inputs(self) -> NoiseInputs:
        """Give the training split's inputs, from which anything learned is learned."""
        return self.training or self

    learned_from = Renamed("training_inputs")

    def subset(self, rows: LabelArray, num_classes: int) -> NoiseInputs:
        """Cut the inputs to the chosen rows, in order, and to the first classes."""
        training = self.training
        if training is not None:
            training = training.subset(np.flatnonzero(training.clean_labels < num_classes), num_classes)
        whole = ("num_classes", "draws", "label_names", "training", "train_votes")
        cut = {f.name: _cut(getattr(self, f.name), rows) for f in dataclasses.fields(self) if f.name not in whole}
        if self.teacher is not None and num_classes < self.num_classes:
            cut["teacher"] = _renormalised(cut["teacher"][:, :num_classes])
        return dataclasses.replace(
            self,
            num_classes=num_classes,
            draws=dataclasses.replace(self.draws, ids=_cut(self.draws.ids, rows)),
            label_names=self.label_names[:num_classes],
            training=training,
            **cut,
        )

    among = Renamed("subset")

    def with_stream(self, name: str) -> NoiseInputs:
        """The inputs with the draws of a noise model of this stream name."""
        training = None if self.training is None else self.training.with_stream(name)
        return dataclasses.replace(self, draws=self.draws.with_stream(name), training=training)

    of_stream = Renamed("with_stream")


def _renormalised(probabilities: FloatArray) -> FloatArray:
    """Make rows sum to one.

    A row whose probability was all on classes that are gone becomes even.
    """
    sums = probabilities.sum(axis=1, keepdims=True)
    even = 1.0 / probabilities.shape[1]
    return np.where(sums > 0, probabilities / np.where(sums > 0, sums, 1.0), even)


def _cut(value: Any, rows: LabelArray) -> Any:
    if value is None:
        return None
    if isinstance(value, Mapping):
        return {name: _cut(part, rows) for name, part in value.items()}
    return value[rows] if isinstance(value, np.ndarray) else [value[row] for row in rows]


class NoiseModel:
    """What turns clean labels into noisy ones.

    It is a frozen dataclass, and its fields are its parameters.

    `version` is part of every trial's id. `family` names the kind of noise in lists.
    A field called `rate` is the requested share of wrong labels, in the classes whose
    labels the model flips at all. A model that sets `holds_out_classes` leaves the last
    classes out of the distribution: see `in_distribution`. Observed and imported noise
    alone need no clean labels to start from.
    """

    name: ClassVar[str]
    family: ClassVar[str] = ""
    version: ClassVar[int] = 1
    citation: ClassVar[str] = ""
    reads_features: ClassVar[bool] = False
    reads_teacher: ClassVar[bool] = False
    reads_token_ids: ClassVar[bool] = False
    reads_texts: ClassVar[bool] = False
    learns_from_training: ClassVar[bool] = False
    holds_out_classes: ClassVar[bool] = False
    reads_clean_labels: ClassVar[bool] = True
    flip_score: ClassVar[str] = ""

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Give noisy labels, int64 (N,), in [0, C) or -1 for unlabelled.

        The inputs stay as they are.
        """
        raise TypeError(f"Noise '{self.name}' does not define corrupt.")

    def require(self, value: T | None, what: str) -> T:
        """Give the value of a field of `NoiseInputs` that this model asked for.

        Its absence is a BenchmarkError that says `what` is needed.
        """
        from benchmark.contracts.errors import BenchmarkError

        if value is None:
            raise BenchmarkError(f"Noise '{self}' needs {what} of the texts; none were given.")
        return value

    handed = Renamed("require")

    def transition_matrix(self, num_classes: int) -> FloatArray | None:
        """Give T[k, j] = P(noisy = j | clean = k), shape (C, C).

        None where no single matrix holds for all texts.
        """
        return None

    def flip_scores(self, inputs: NoiseInputs) -> FloatArray | None:
        """Give how readily each label is flipped, float64 (N,), higher is sooner.

        None where no text has a score.

        `flip_score` says in words what the numbers are.
        """
        return None

    def rate_bound(self, num_classes: int) -> float:
        """The rate from which on the labels no longer identify the classes."""
        return 1.0

    def in_distribution(self, num_classes: int) -> int:
        """Give how many of the classes, the first ones, validation and test texts have.

        C does not change for methods.
        """
        return num_classes

    def check(self, label_names: Sequence[str]) -> None:
        """Raise a BenchmarkError where the model cannot work on these classes.

        It is called before anything is made and checks ends of ranges that name the
        last class. A model that adds conditions calls it, too.
        """
        check_sizes(self, Sizes(classes=len(label_names)), f"noise {self.name}")

    def contents(self) -> dict[str, str]:
        """Give hashes of the files that the model reads, by name.

        They are part of every trial's id.
        """
        return {}

    @property
    def steps(self) -> tuple[NoiseModel, ...]:
        """The models that act one after the other: this one, unless it is a mixture."""
        return (self,)

    @property
    def requested_rate(self) -> float | None:
        """The requested share of wrong labels, or None without a parameter `rate`."""
        rate: float | None = getattr(self, "rate", None)
        return rate

    def stream_name(self) -> str:
        """Give the name of the model's random streams.

        It holds the parameters without the rate, so the flips of a lower rate are among
        those of a higher one.
        """
        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        rest = ",".join(f"{f.name}={getattr(self, f.name)}" for f in fields if f.name != "rate")
        return f"{self.name}({rest})"

    @property
    def arrays_read(self) -> tuple[str, ...]:
        """The kinds of arrays beside the labels that the model is handed."""
        asked = {"features": self.reads_features, "teacher": self.reads_teacher, "token_ids": self.reads_token_ids}
        return tuple(kind for kind, read in asked.items() if read)

    @property
    def arrays_made(self) -> tuple[str, ...]:
        """The kinds of arrays that are made for the model, in an order in which they
        can be made: the teacher learns from the features.
        """
        read = self.arrays_read
        return ("features", *read) if "teacher" in read and "features" not in read else read

    @property
    def keeps_unlabelled(self) -> bool:
        """Whether rows without a label go to methods that need `unlabelled_texts`."""
        return False

    @property
    def kind(self) -> str:
        """The noise kind for blocks and tables: the model without its rate."""
        named = [f for f in dataclasses.fields(self) if f.name != "rate"]  # type: ignore[arg-type]
        given = [written(getattr(self, f.name)) for f in named if getattr(self, f.name) != f.default]
        return f"{self.name}({','.join(given)})" if given else self.name

    def __str__(self) -> str:
        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        required = tuple(f.name for f in fields if f.default is dataclasses.MISSING)
        return write_call(self, "()", always=required)


noises: Registry[NoiseModel] = Registry("noise", "noise")


@dataclass_transform(frozen_default=True)
def register_noise(cls: type[Any]) -> type[Any]:
    """Make a class a frozen dataclass with checked ranges and add it to the noises."""
    return noises.register(checked_dataclass(cls, "noise"))
