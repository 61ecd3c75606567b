"""A trained model: networks, the encoder that they read, and the names of classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor

from benchmark.contracts import BenchmarkError, latest_probabilities, method_from
from benchmark.contracts.views import Predict
from benchmark.model.surroundings import as_a_run_encodes, as_in_a_trial
from benchmark.training.encoders.names import Encoder, encoder_from
from benchmark.training.encoders.networks import build_network
from benchmark.training.inputs import FeatureInputs, TokenInputs
from benchmark.training.looks import look_at, observed
from benchmark.training.recipes import Recipe
from benchmark.trial.artefacts.encoded_texts import inputs_of

Weights = Mapping[str, Tensor]

ROWS_AT_ONCE = 16_384
"""Of so many texts the outputs are held at a time: a multiple of the rows of a batch
over features, so that every batch is that of all texts.
"""


class Description(BaseModel):
    """What must be known of a model beside its weights.

    `label_names`: the classes, in the order of the probabilities. `point`: stage and
    fraction of the training at which the weights were taken. `metrics`: what the
    training measured there. `stages`: how many moments of the first stage the weights
    are of, whose outputs a second model reads. `second`: the version of the method
    whose second model predicts, None where the networks do. `text_columns`: the columns
    that it learned from. `header`: whether the first row of their table was a header;
    None where that is not known.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: str
    encoder: str
    encoder_weights: str
    recipe: dict[str, Any]
    label_names: tuple[str, ...]
    networks: int
    seed: int
    threads: int
    text_columns: tuple[str, ...] = ()
    header: bool | None = None
    point: tuple[int, float] = (1, 1.0)
    metrics: dict[str, float] = {}
    stages: int = 1
    second: int | None = None


@dataclass(frozen=True)
class Model:
    """A description, the weights of each of its networks, moment by moment of the
    training, and the tensors of a second model.
    """

    about: Description
    weights: tuple[Weights, ...]
    second: Weights = field(default_factory=dict)

    def predict_proba(self, texts: Sequence[str], device: str = "cpu") -> npt.NDArray[np.float32]:
        """Give the probabilities of the classes, float32 (N, C), the mean over the
        networks.

        Equal texts in equal order get what the trial gave them, to the bit.
        """
        if not texts:
            return np.zeros((0, len(self.about.label_names)), dtype=np.float32)
        encoder = self._encoder()
        with as_a_run_encodes():
            inputs = inputs_of(encoder, texts, Recipe(**self.about.recipe), device)
        target, predict = torch.device(device), self._prediction()
        second = self.about.second is not None
        with as_in_a_trial(self.about.threads):
            networks = [network.to(target) for network in self._networks(encoder)]
            moments = [networks[at : at + self.about.networks] for at in range(0, len(networks), self.about.networks)]
            found = []
            for some in _parts(inputs):
                looks = [partial(observed, moment, embedding=second) for moment in moments]
                found.append(predict([look_at(some, look, target, lambda: None) for look in looks]).mean(axis=1))
        probabilities: npt.NDArray[np.float32] = np.concatenate(found)
        return probabilities

    def _prediction(self) -> Predict:
        """What the method makes of the outputs of its networks."""
        if self.about.second is None:
            return latest_probabilities
        method = method_from(self.about.method)
        if method.version != self.about.second:
            raise BenchmarkError(
                f"The model was trained by version {self.about.second} of '{self.about.method}', whose second model "
                f"it needs; here is version {method.version}. Train it again."
            )
        with torch.random.fork_rng():
            return method.second_model(self.second)

    def _encoder(self) -> Encoder:
        """The encoder, if it is the one that the model was trained on."""
        encoder = encoder_from(self.about.encoder)
        encoder.fetch()
        found = encoder.weights_digest()
        if found != self.about.encoder_weights:
            raise BenchmarkError(
                f"The model was trained on encoder '{encoder.name}' with weights {self.about.encoder_weights}; those "
                f"on this machine are {found}. Bring back the same weights, or train again."
            )
        return encoder

    def _networks(self, encoder: Encoder) -> list[Any]:
        recipe, made = Recipe(**self.about.recipe), []
        for weights in self.weights:
            statistics = (weights["mean"], weights["deviation"]) if encoder.kind == "frozen" else None
            with torch.random.fork_rng():
                network = build_network(encoder, recipe, len(self.about.label_names), statistics)
            network.load_state_dict(weights)
            made.append(network)
        return made


def _parts(inputs: FeatureInputs | TokenInputs) -> Iterator[FeatureInputs | TokenInputs]:
    """Give the inputs in parts whose outputs are those of the whole, to the bit."""
    if isinstance(inputs, TokenInputs):
        yield inputs
        return
    for start in range(0, len(inputs), ROWS_AT_ONCE):
        yield FeatureInputs(inputs.features, inputs.chosen[start : start + ROWS_AT_ONCE])
