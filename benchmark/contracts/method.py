"""The contract of a method."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, dataclass_transform

from benchmark.contracts.errors import BenchmarkError
from benchmark.contracts.parameters.fields import check_sizes, checked_dataclass
from benchmark.contracts.parameters.ranges import Sizes, Within
from benchmark.contracts.registry import Registry
from benchmark.contracts.renamed import Renamed, adopt_attributes
from benchmark.contracts.specs import build, split_call, write_call
from benchmark.contracts.views import Need

if TYPE_CHECKING:
    from torch import Tensor

    from benchmark.contracts.trainer import Recipe, SharedTraining, Trainer
    from benchmark.contracts.views import (
        EmbeddingArray,
        LabelArray,
        NoisyView,
        Point,
        Predict,
        TrajectoryDiagnostics,
    )


class Method:
    """A way to learn a classifier from noisily labelled text.

    Its fields are the parameters of its own idea.

    `predicts_from` says what `predict` of its points is given of stage one: the
    `current_probabilities`, the `final_embeddings` with the last probabilities, or the
    `trajectory`, which is the outputs of all points with embeddings.
    """

    name: ClassVar[str]
    """The plain identifier by which tables and the command line know the method."""
    family: ClassVar[str] = ""
    """The group that the method belongs to, as in "robust loss"."""
    citation: ClassVar[str] = ""
    """The BibTeX entry of its source."""
    version: ClassVar[int] = 1
    """A number that enters trial ids, to be raised when the method's results change."""
    departures: ClassVar[tuple[str, ...]] = ()
    """What differs from the source and why, a sentence each."""
    networks: int = 1
    """How many networks this instance trains and predicts with."""
    predicts_from: ClassVar[Literal["current_probabilities", "final_embeddings", "trajectory"]] = (
        "current_probabilities"
    )
    """What `predict` of a point is given of the points before it."""
    control: ClassVar[bool] = False
    """Whether the method is shown for comparison and never ranked."""

    network_count = Renamed("networks")

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        adopt_attributes(cls)

    def needs(self) -> frozenset[Need]:
        """What this instance is given beyond the noisy view."""
        return frozenset()

    def shared_training(self, recipe: Recipe) -> SharedTraining | None:
        """The first training that other methods may share; None where there is none.

        `fit` goes through its points by `trainer.shared`.
        """
        return None

    def fit(self, view: NoisyView, trainer: Trainer) -> Iterator[Point]:
        """Train on the view and yield a point wherever the harness may look."""
        raise TypeError(f"Method '{self.name}' defines neither fit nor a loss.")

    @property
    def can_be_kept(self) -> bool:
        """Whether the weights of its networks, and the tensors of a `BySecondModel`,
        predict for new texts what the instance predicts.
        """
        return self.predicts_from == "current_probabilities"

    def second_model(self, tensors: Mapping[str, Tensor]) -> Predict:
        """Make the prediction of a second stage again from its model's tensors.

        An instance whose points predict by a `BySecondModel` defines it.
        """
        raise TypeError(f"Method '{self.name}' has no second model that can be made again.")

    def trajectory_diagnostics(
        self, points: Sequence[EmbeddingArray], noisy_labels: LabelArray, num_classes: int
    ) -> TrajectoryDiagnostics | None:
        """Give what the method measures on embeddings (N, D) at its points.

        None means that it measures nothing.
        """
        return None

    @property
    def noise_rate_source(self) -> Literal["estimated", "oracle"] | float | None:
        """Where the noise rate that this instance works with comes from.

        It is the shared estimate, the true rate, or the number itself. None means that
        the method works with no rate.
        """
        return None

    @property
    def oracle(self) -> bool:
        """Whether this instance is given what no practitioner has."""
        return any(need.oracle for need in self.needs())

    def check_sizes(self, sizes: Sizes) -> None:
        """Raise a BenchmarkError where a parameter does not fit its cell.

        It is called before the first trial and checks ends of ranges that name a size.
        A method may add conditions of a size and several parameters.

        Parameters
        ----------
        sizes : the sizes of the cell, None for those not known.
        """
        check_sizes(self, sizes, f"method {self.name}")

    def __str__(self) -> str:
        return write_call(self)


@dataclass(frozen=True, repr=False)
class UsesNoiseRate(Method):
    """A method with a parameter `rate`.

    It is the shared estimate by default, the true rate (an oracle), or a number.
    """

    rate: Annotated[Literal["estimated", "oracle"] | float, Within(0, 1, "[)")] = "estimated"

    def needs(self) -> frozenset[Need]:
        """The true rate, if that is what was asked for."""
        return frozenset({Need.NOISE_RATE}) if self.rate == "oracle" else frozenset()

    @property
    def noise_rate_source(self) -> Literal["estimated", "oracle"] | float:
        """The parameter `rate`."""
        return self.rate

    def noise_rate(self, view: NoisyView) -> float:
        """The rate that this instance works with, in [0, 1)."""
        if self.rate == "oracle":
            return float(view.declared_inputs[Need.NOISE_RATE])
        if self.rate == "estimated":
            if view.estimated_rate is None:
                raise BenchmarkError(f"Method '{self.name}' wants the estimated noise rate and was handed none.")
            return view.estimated_rate
        return float(self.rate)


methods: Registry[Method] = Registry("method", "methods", apart=("engine", "shared"))


@dataclass_transform(frozen_default=True)
def register(cls: type[Any]) -> type[Any]:
    """Make a class a frozen dataclass with checked ranges and add it to the methods."""
    return methods.register(checked_dataclass(cls, "method"))


def method_from(text: str) -> Method:
    """The method instance that a text such as `gce[q=0.4]` names."""
    name, positional, named = split_call(text, "method")
    return build(methods[name], positional, named, "method")
