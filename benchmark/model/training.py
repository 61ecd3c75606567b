"""A model from the training of a trial: the weights that noisy validation chose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from benchmark.contracts import BenchmarkError, Method, Point
from benchmark.contracts.handles import Network
from benchmark.contracts.views import latest_probabilities
from benchmark.model.model import Description, Model, Weights
from benchmark.model.surroundings import as_a_run_encodes, as_in_a_trial
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.config import TrialConfig
from benchmark.training.looks import networks_of
from benchmark.trial.artefacts.encoded_texts import OnTexts, unheard
from benchmark.trial.evaluation import Evaluator
from benchmark.trial.inputs import load_trial_inputs
from benchmark.trial.prepare import prepare
from benchmark.trial.run import follow
from benchmark.trial.task import TrialTask

RULE = "noisy_valid"
"""The rule by which the weights are chosen: it needs no clean label."""


def train_model(
    config: TrialConfig,
    artefacts: ArtefactCache,
    text_columns: Sequence[str] = (),
    on_message: Callable[[str], None] = lambda what: None,
    on_texts: OnTexts = unheard,
) -> Model:
    """Train as the trial does, and keep the point that noisy validation chooses.

    A method that predicts by more than its networks is refused with the reason.
    """
    method = config.make_method()
    refuse_second_stage(method)
    with as_a_run_encodes():
        prepare([config], artefacts, "cpu", on_message, on_texts=on_texts)
    trial_inputs = load_trial_inputs(config, artefacts)
    keeper = _Keeper(method)
    with as_in_a_trial(config.threads):
        evaluator, _ = follow(TrialTask(config=config, artefacts=artefacts.root), method, trial_inputs, keeper.watch)
    chosen = evaluator.selections[RULE]
    about = Description(
        method=config.method,
        encoder=config.encoder,
        encoder_weights=config.weights,
        recipe=config.recipe,
        label_names=trial_inputs.corpus.label_names,
        networks=len(keeper.weights),
        seed=config.seed,
        threads=config.threads,
        text_columns=tuple(text_columns),
        point=(chosen.stage, chosen.fraction),
        metrics=chosen.metrics,
    )
    return Model(about, keeper.weights)


def refuse_second_stage(method: Method) -> None:
    """Raise a BenchmarkError for a method that predicts by more than networks."""
    if method.predicts_from != "current_probabilities":
        raise _refused(method, f"it predicts from the {method.predicts_from.replace('_', ' ')} of its training")


@dataclass
class _Keeper:
    """Keeps the weights of the best point so far."""

    method: Method
    weights: tuple[Weights, ...] = field(default=())

    def watch(self, evaluator: Evaluator, points: Iterator[Point]) -> Iterator[Point]:
        """Pass the points on; the evaluator has seen one when it asks for the next."""
        before = None
        for point in points:
            networks = networks_of(point.observe)
            if point.selectable and (networks is None or point.predict is not latest_probabilities):
                raise _refused(self.method, "its predictions come from something else than the encoder's networks")
            yield point
            best = evaluator.best(RULE)
            if best is not before and networks is not None:
                before, self.weights = best, _copied(networks)


def _copied(networks: Sequence[Network]) -> tuple[Weights, ...]:
    return tuple(
        {name: value.detach().cpu().clone().contiguous() for name, value in network.state_dict().items()}
        for network in networks
    )


def _refused(method: Method, why: str) -> BenchmarkError:
    return BenchmarkError(
        f"A model of '{method}' cannot be kept, since {why}. Name a method that is its networks, such as "
        "cross_entropy, gce, elr or jocor."
    )
