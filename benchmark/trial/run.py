"""One trial: the one place where corpus, noise, method and scorer meet."""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from benchmark.contracts import BenchmarkError, Method, Need, NoisyTexts, NoisyView, Trainer
from benchmark.noisy_labels.inject import NoisyCorpus
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.code.plugins import Plugin, load_plugins
from benchmark.records.code.provenance import code_digest, provenance
from benchmark.records.config import TrialConfig, digest
from benchmark.records.machine import reset_peak_memory
from benchmark.records.schema import Costs, Failure, RateUsed, Record
from benchmark.training.encoders.names import encoder_from
from benchmark.training.precision import check_precision
from benchmark.training.recipes import Recipe
from benchmark.trial.artefacts.encoded_texts import LABEL_NAMES
from benchmark.trial.evaluation import EvaluationSplits, Evaluator, TrainingSplit, Watch, unwatched
from benchmark.trial.failure import failure_of
from benchmark.trial.inputs import TrialInputs, load_trial_inputs
from benchmark.trial.metrics import accuracy, training_metrics
from benchmark.trial.process import enter_clean, leave_clean, peaks

if TYPE_CHECKING:
    from benchmark.contracts.handles import EncodedTexts
    from benchmark.training.trainer import TrialTrainer

PEAKS = "peaks.json"
"""What a shared training leaves beside its outputs: the memory that it took."""


class TrialTask(BaseModel):
    """A trial and what a worker needs to run it, wherever it is.

    `training` is the artefact of the shared training that it reads; without it the
    trial makes its own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    config: TrialConfig
    artefacts: Path
    plugins: tuple[Plugin, ...] = ()
    device: str = "cpu"
    time_limit_s: float | None = None
    curves: bool = False
    training: str | None = None


def run_trial(task: TrialTask) -> Record:
    """Run a trial to its record, a failed one if anything goes wrong inside it."""
    started = time.perf_counter()
    config = task.config
    load_plugins(task.plugins)
    try:
        return _train_and_score(task, config.make_method(), started)
    except (Exception, SystemExit) as error:
        return failed_record(task, failure_of(error))
    finally:
        leave_clean()


def failed_record(task: TrialTask, failure: Failure, node: str | None = None) -> Record:
    """Make the record of a trial that did not end.

    It is shown, never averaged, and tried again on the next run.
    """
    identity = _identity(task.config, task.config.make_method())
    if node is not None:
        identity["provenance"] = identity["provenance"].model_copy(update={"node": node})
    return Record(**identity, status="failed", failure=failure)


def _train_and_score(task: TrialTask, method: Method, started: float) -> Record:
    config = task.config
    enter_clean(config.threads)
    reset_peak_memory()
    artefacts = ArtefactCache(task.artefacts)
    trial_inputs = load_trial_inputs(config, artefacts)
    evaluator, trainer = follow(task, method, trial_inputs)
    with trainer.phase("score training labels"):
        train_metrics, estimated_matrix = _score_training(evaluator, trainer, trial_inputs)
    rate = _rate_used(method, trial_inputs)
    shared_s = 0.0
    if rate is not None and rate.source == "estimated" and trial_inputs.rate is not None:
        shared_s = trainer.counts.seconds["noise-rate estimate (shared)"] = trial_inputs.rate["seconds"]
    if rate is not None and rate.error is not None:
        train_metrics["rate_error"] = rate.error
    return Record(
        **_identity(config, method),
        status="done",
        manifest=trial_inputs.noisy.manifest,
        selections=evaluator.selections,
        curve=evaluator.curve,
        train_metrics=train_metrics,
        estimated_matrix=estimated_matrix,
        rate_used=rate,
        costs=_costs(task, trainer, trainer.counts.wall_s(time.perf_counter() - started) + shared_s),
    )


def noisy_view(method: Method, trial_inputs: TrialInputs) -> NoisyView:
    """Give what the method may learn from: noisy texts and what it declares."""
    noisy, corpus = trial_inputs.noisy, trial_inputs.corpus
    sources: dict[Need, Any] = {
        Need.NOISE_RATE: lambda: noisy.manifest.realised_rate,
        Need.TRANSITION_MATRIX: trial_inputs.true_matrix,
        Need.CLEAN_TRAIN_LABELS: lambda: noisy.train.clean_labels.copy(),
        Need.CLEAN_VALID_LABELS: lambda: noisy.valid.clean_labels.copy(),
        Need.CLEAN_TEST_LABELS: lambda: noisy.test.clean_labels.copy(),
        Need.TEST_TEXTS: lambda: noisy.test.texts,
        Need.LABEL_NAMES: lambda: corpus.label_names,
        Need.UNLABELLED_TEXTS: lambda: trial_inputs.unlabelled_texts,
    }
    for need in method.needs():
        _refuse_unknown_labels(need, noisy, str(method))
    estimated = trial_inputs.rate["rate"] if method.noise_rate_source == "estimated" and trial_inputs.rate else None
    return NoisyView(
        train=NoisyTexts(noisy.train.texts, noisy.train_labels.copy()),
        valid=NoisyTexts(noisy.valid.texts, noisy.valid_labels.copy()),
        num_classes=corpus.num_classes,
        estimated_rate=estimated,
        declared_inputs={need: sources[need]() for need in method.needs()},
    )


def _refuse_unknown_labels(need: Need, noisy: NoisyCorpus, method: str) -> None:
    """Nothing stands in for a clean label that nobody knows."""
    split = need.reads_clean
    if split and not getattr(noisy, split).has_clean_labels:
        raise BenchmarkError(f"{method} needs {need}, and this corpus has no clean labels to take it from.")


def follow(
    task: TrialTask, method: Method, trial_inputs: TrialInputs, watch: Watch = unwatched
) -> tuple[Evaluator, Trainer]:
    """Train the method and evaluate every point; give the evaluator and the trainer.

    `watch` passes the points on, and sees at each what the evaluator found.
    """
    trainer = make_trainer(task, method, trial_inputs, keep_embeddings=method.predicts_from != "current_probabilities")
    noisy = trial_inputs.noisy
    watched = EvaluationSplits(
        valid_inputs=trial_inputs.valid_inputs,
        test_inputs=trial_inputs.test_inputs,
        noisy_valid=noisy.valid_labels,
        clean_valid=noisy.valid.clean_labels if noisy.valid.has_clean_labels else None,
        clean_test=noisy.test.clean_labels if noisy.test.has_clean_labels else None,
        noisy_test=trial_inputs.noisy_test_labels,
        checked_test=noisy.test.clean_labels if noisy.test.is_partly_checked else None,
    )
    evaluator = Evaluator(
        trainer=trainer,
        watched=watched,
        every_test=trainer.recipe.every_test or task.curves,
        predicts_from=method.predicts_from,
        trained=_trained(trial_inputs) if task.curves and noisy.train.has_clean_labels else None,
    )
    evaluator.follow(watch(evaluator, method.fit(noisy_view(method, trial_inputs), trainer)))
    return evaluator, trainer


def make_trainer(
    task: TrialTask,
    method: Method,
    trial_inputs: TrialInputs,
    keep_embeddings: bool,
    every_split: bool = False,
) -> TrialTrainer:
    """Make what the method trains with.

    `every_split` is for the harness, which evaluates test texts, too.
    """
    from benchmark.training.trainer import TrialTrainer

    config = task.config
    shared = (config.corpus, config.encoder, digest(config.recipe), config.seed)
    recipe = Recipe(**config.recipe)
    check_precision(recipe.precision, task.device)
    return TrialTrainer(
        encoder=encoder_from(config.encoder),
        recipe=recipe,
        num_classes=trial_inputs.corpus.num_classes,
        inputs=_inputs_shown(trial_inputs, method.needs(), every_split),
        noisy_labels=trial_inputs.noisy.train_labels,
        shared_seed=shared,
        own_seed=(*shared, method.name),
        device=task.device,
        deadline=None if task.time_limit_s is None else time.monotonic() + task.time_limit_s,
        keep_embeddings=keep_embeddings,
        shared_training=None if task.training is None else ArtefactCache(task.artefacts).use(task.training),
    )


def _inputs_shown(trial_inputs: TrialInputs, needs: Collection[Need], every_split: bool) -> dict[str, EncodedTexts]:
    """Encoded texts by split: test texts and label names where they may be seen."""
    shown = {"train": trial_inputs.train_inputs, "valid": trial_inputs.valid_inputs}
    if every_split or Need.TEST_TEXTS in needs:
        shown["test"] = trial_inputs.test_inputs
    if Need.LABEL_NAMES in needs and trial_inputs.label_name_inputs is not None:
        shown[LABEL_NAMES] = trial_inputs.label_name_inputs
    return shown


def _trained(trial_inputs: TrialInputs) -> TrainingSplit:
    noisy = trial_inputs.noisy
    return TrainingSplit(trial_inputs.train_inputs, noisy.train_labels, noisy.train.clean_labels)


def _score_training(
    evaluator: Evaluator, trainer: Trainer, trial_inputs: TrialInputs
) -> tuple[dict[str, float], list[list[float]] | None]:
    """Give measures of the training set at the last point, and the estimated matrix."""
    point = evaluator.last_point
    if point is None:
        return {}, None
    findings = point.findings()
    trained = _trained(trial_inputs)
    seen = trained.probabilities(point, findings, trainer)
    if seen is None:
        return {}, None
    if not trial_inputs.noisy.train.has_clean_labels:
        return {"train_accuracy_noisy_labels": accuracy(seen.mean(axis=1), trained.noisy)}, None
    estimated = findings.transition_matrix
    rounded = None if estimated is None else np.round(np.asarray(estimated, dtype=np.float64), 4).tolist()
    measured = training_metrics(seen, findings, trained.noisy, trained.clean, trial_inputs.true_matrix())
    return measured, rounded


def _rate_used(method: Method, trial_inputs: TrialInputs) -> RateUsed | None:
    source = method.noise_rate_source
    if source is None:
        return None
    true = trial_inputs.noisy.manifest.realised_rate
    if source == "oracle" and true is not None:
        return RateUsed(source="oracle", value=true, error=0.0)
    if source == "estimated" and trial_inputs.rate is not None:
        value = float(trial_inputs.rate["rate"])
        error = None if true is None else value - true
        return RateUsed(source="estimated", estimator=trial_inputs.rate["estimator"], value=value, error=error)
    value = float(source)
    return RateUsed(source="given", value=value, error=None if true is None else value - true)


def _identity(config: TrialConfig, method: Method) -> dict[str, Any]:
    noise = config.make_noise()
    return {
        "protocol": config.protocol,
        "trial": config.id,
        "cell": config.cell,
        "method": config.method,
        "family": method.family,
        "method_version": method.version,
        "networks": method.networks,
        "needs": sorted(need.value for need in method.needs()),
        "oracle": method.oracle,
        "control": method.control,
        "corpus": config.corpus,
        "noise": config.noise,
        "noise_kind": noise.kind,
        "noise_rate": noise.requested_rate,
        "encoder": config.encoder,
        "recipe": config.recipe["name"],
        "seed": config.seed,
        "config": config.model_dump(mode="json"),
        "provenance": provenance(code_digest(type(method))),
    }


def _costs(task: TrialTask, trainer: Trainer, wall_s: float) -> Costs:
    peak, gpu_peak = peaks(task.device)
    if task.training is not None:
        # The trial needs what its training needed, as if it had made it itself.
        stored = json.loads((ArtefactCache(task.artefacts).place(task.training) / PEAKS).read_text(encoding="utf-8"))
        peak = max(peak, stored["peak_mib"])
        gpu_peak = None if gpu_peak is None else max(gpu_peak, stored["gpu_peak_mib"] or 0.0)
    return Costs(
        wall_s=wall_s,
        seconds=trainer.counts.seconds,
        forward_texts=trainer.counts.forward_texts,
        backward_texts=trainer.counts.backward_texts,
        peak_mib=peak,
        gpu_peak_mib=gpu_peak,
        device=_device_name(task.device),
        threads=task.config.threads,
    )


def _device_name(device: str) -> str:
    import torch

    return torch.cuda.get_device_name() if device.startswith("cuda") else "cpu"
