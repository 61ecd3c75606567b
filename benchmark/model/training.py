"""A model from the training of a trial: the weights that noisy validation chose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from benchmark.contracts import BenchmarkError, Method, Point, methods
from benchmark.contracts.handles import Network
from benchmark.contracts.views import latest_probabilities
from benchmark.model.model import Description, Model, Weights
from benchmark.model.surroundings import as_a_run_encodes, as_in_a_trial
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.config import TrialConfig
from benchmark.training.looks import networks_of
from benchmark.training.recipes import FROZEN
from benchmark.trial.artefacts.encoded_texts import OnTexts, unheard
from benchmark.trial.evaluation import Evaluator
from benchmark.trial.failure import failure_of
from benchmark.trial.inputs import load_trial_inputs
from benchmark.trial.prepare import prepare
from benchmark.trial.run import follow
from benchmark.trial.task import TrialTask

RULE = "noisy_valid"
"""The rule by which the weights are chosen: it needs no clean label."""

SECOND_STAGE = {
    "trajectory": "what they gave for the text at every point of the training, of which one is kept",
    "final_embeddings": "their prediction and embedding, and is no network of the encoder",
}
"""What a second model reads, by what a method says that it predicts from."""


def train_model(
    config: TrialConfig,
    artefacts: ArtefactCache,
    text_columns: Sequence[str] = (),
    header: bool | None = None,
    on_message: Callable[[str], None] = lambda what: None,
    on_texts: OnTexts = unheard,
) -> Model:
    """Train as the trial does, and keep the point that noisy validation chooses.

    A method that predicts by more than its networks is refused with the reason. What a
    method raises, and a training without a point to keep, is a BenchmarkError.
    """
    method = config.make_method()
    refuse_second_stage(method)
    with as_a_run_encodes():
        prepare([config], artefacts, "cpu", on_message, on_texts=on_texts)
    trial_inputs = load_trial_inputs(config, artefacts)
    keeper = _Keeper(method)
    task = TrialTask(config=config, artefacts=artefacts.root)
    with as_in_a_trial(config.threads), contained(config.method):
        evaluator, _ = follow(task, method, trial_inputs, keeper.watch)
    if RULE not in evaluator.selections:
        raise BenchmarkError(
            f"The training of '{config.method}' came to no point that can be chosen, so there is no model to keep. A "
            "method yields at least one `selectable` point; `check` tells what else it must keep to."
        )
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
        header=header,
        point=(chosen.stage, chosen.fraction),
        metrics=chosen.metrics,
    )
    return Model(about, keeper.weights)


@contextmanager
def contained(method: str) -> Iterator[None]:
    """Whatever a method raises, as a trial contains it, is a BenchmarkError that says
    what and where.
    """
    try:
        yield
    except BenchmarkError:
        raise
    except (Exception, SystemExit) as error:
        failure = failure_of(error)
        places = [line.strip() for line in failure.traceback_tail if line.strip().startswith('File "')]
        where = f" ({places[-1]})" if places else ""
        raise BenchmarkError(
            f"Method '{method}' failed: {failure.error_class}: {failure.message.rstrip('.')}{where}. Mend the "
            "method, for which `check` tells what it must keep to, or name another one."
        ) from error


def refuse_second_stage(method: Method) -> None:
    """Raise a BenchmarkError for a method that predicts by more than networks."""
    if method.predicts_from != "current_probabilities":
        read = SECOND_STAGE.get(method.predicts_from, f"what it calls {method.predicts_from}")
        why = f"it corrects its networks by a second model, which reads {read}"
        raise _refused(method, f"{why}; `run` measures it", _first_stage(method))


def _first_stage(method: Method) -> str | None:
    """The name of a method that is the shared first stage of another and nothing more;
    None where there is none.
    """
    training = method.shared_training(FROZEN)
    for name in sorted(methods) if training else ():
        other = methods[name]()
        shared = other.shared_training(FROZEN) if other.predicts_from == "current_probabilities" else None
        if training and shared and type(shared.stage) is type(training.stage):
            return name
    return None


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


def _refused(method: Method, why: str, first_stage: str | None = None) -> BenchmarkError:
    instead = f"'{first_stage}', which is its first stage, or another" if first_stage else "a"
    return BenchmarkError(
        f"A model of '{method}' cannot be kept, since {why}. Name {instead} method that predicts by its networks "
        "alone, such as cross_entropy, gce, elr or jocor."
    )
