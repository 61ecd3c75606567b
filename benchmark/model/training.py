"""A model from the training of a trial: the weights that noisy validation chose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from torch import Tensor

from benchmark.contracts import BenchmarkError, BySecondModel, Method, Point, methods
from benchmark.contracts.handles import Network
from benchmark.contracts.views import latest_probabilities
from benchmark.model.model import Description, Model, Weights
from benchmark.model.surroundings import as_a_run_encodes, as_in_a_trial
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.code.plugins import source_digest
from benchmark.records.config import TrialConfig
from benchmark.training.encoders.names import encoder_from
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


def train_model(
    config: TrialConfig,
    artefacts: ArtefactCache,
    text_columns: Sequence[str] = (),
    header: bool | None = None,
    on_message: Callable[[str], None] = lambda what: None,
    on_texts: OnTexts = unheard,
) -> Model:
    """Train as the trial does, and keep the point that noisy validation chooses.

    A method that cannot be kept is refused with the reason. What a
    method raises, and a training without a point to keep, is a BenchmarkError.
    """
    method = config.make_method()
    refuse_what_cannot_be_kept(method, config.encoder)
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
        networks=len(keeper.weights) // keeper.stages,
        seed=config.seed,
        threads=config.threads,
        text_columns=tuple(text_columns),
        header=header,
        point=(chosen.stage, chosen.fraction),
        metrics=chosen.metrics,
        stages=keeper.stages,
        second=method.version if keeper.second else None,
    )
    return Model(about, keeper.weights, keeper.second)


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


def refuse_what_cannot_be_kept(method: Method, encoder: str) -> None:
    """Raise a BenchmarkError for a method whose predictions for new texts need more
    than networks and a second model, and for one that needs too many networks.
    """
    if not method.can_be_kept:
        raise _refused(
            method, "its second stage reads more than networks and tensors that could be kept", _first_stage(method)
        )
    if method.predicts_from != "current_probabilities" and source_digest(type(method)):
        raise _refused(method, "a second model corrects its networks, and is made by code of its plugin")
    if method.predicts_from == "trajectory" and encoder_from(encoder).kind == "fine-tuned":
        why = "what a text gives at every epoch is corrected, and each epoch has fine-tuned the whole encoder anew"
        raise _refused(
            method, why, _first_stage(method), f"--encoder {encoder_from(encoder).without_training.name}, or "
        )


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
    """Keeps the weights of the best point so far, and what a second stage reads.

    `weights` are those of the networks, of one moment of the training after another,
    and `stages` is how many moments they are of. `second`: the tensors of a second
    model, none where the networks predict.
    """

    method: Method
    weights: tuple[Weights, ...] = field(default=())
    stages: int = 1
    second: Weights = field(default_factory=dict)

    def watch(self, evaluator: Evaluator, points: Iterator[Point]) -> Iterator[Point]:
        """Pass the points on; the evaluator has seen one when it asks for the next."""
        before = None
        moments: list[tuple[Weights, ...]] = []
        for point in points:
            networks = networks_of(point.observe)
            by_second = isinstance(point.predict, BySecondModel)
            if not point.selectable:
                self._keep_moment(moments, point, networks)
            elif not (by_second and moments) and (networks is None or point.predict is not latest_probabilities):
                raise _refused(self.method, "its predictions come from something else than the encoder's networks")
            yield point
            best = evaluator.best(RULE)
            if best is before:
                continue
            before = best
            if isinstance(point.predict, BySecondModel):
                self.weights, self.stages = tuple(part for moment in moments for part in moment), len(moments)
                self.second = _cloned(point.predict.model.tensors())
            elif networks is not None:
                self.weights = _copied(networks)

    def _keep_moment(
        self, moments: list[tuple[Weights, ...]], point: Point, networks: Sequence[Network] | None
    ) -> None:
        """Keep the networks of a first stage whose outputs the second one reads."""
        reads = self.method.predicts_from
        if point.observe is None or reads == "current_probabilities":
            return
        if networks is None:
            raise _refused(self.method, "its second stage reads what something else than networks gave")
        if reads == "final_embeddings":
            moments.clear()
        moments.append(_copied(networks))


def _copied(networks: Sequence[Network]) -> tuple[Weights, ...]:
    return tuple(_cloned(network.state_dict()) for network in networks)


def _cloned(tensors: Mapping[str, Tensor]) -> Weights:
    return {name: value.detach().cpu().clone().contiguous() for name, value in tensors.items()}


def _refused(method: Method, why: str, first_stage: str | None = None, other: str = "") -> BenchmarkError:
    instead = f"'{first_stage}', which is its first stage, or another" if first_stage else "a"
    return BenchmarkError(
        f"A model of '{method}' cannot be kept, since {why}. Name {other}{instead} method that predicts by its "
        "networks alone, such as cross_entropy, gce, elr or jocor."
    )
