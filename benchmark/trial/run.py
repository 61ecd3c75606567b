"""One trial: the one place where corpus, noise, method and scorer meet."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from benchmark.contracts import Method, Need, Trainer
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.code.plugins import load_plugins
from benchmark.records.config import digest
from benchmark.records.machine import reset_peak_memory
from benchmark.records.schema import Record
from benchmark.training.encoders.names import encoder_from
from benchmark.training.precision import check_precision
from benchmark.training.recipes import Recipe
from benchmark.trial.artefacts.encoded_texts import LABEL_NAMES
from benchmark.trial.costs import trial_costs
from benchmark.trial.evaluation import EvaluationSplits, Evaluator, TrainingSplit, Watch, unwatched
from benchmark.trial.failure import failure_of
from benchmark.trial.inputs import TrialInputs, load_trial_inputs
from benchmark.trial.metrics import accuracy, training_metrics
from benchmark.trial.process import enter_clean, leave_clean
from benchmark.trial.record import failed_record, identity, rate_used
from benchmark.trial.task import TrialTask
from benchmark.trial.view import noisy_view

if TYPE_CHECKING:
    from benchmark.contracts.handles import EncodedTexts
    from benchmark.training.gpu.ways import Ways
    from benchmark.training.trainer import TrialTrainer


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


def _train_and_score(task: TrialTask, method: Method, started: float) -> Record:
    config = task.config
    enter_clean(config.threads)
    reset_peak_memory()
    artefacts = ArtefactCache(task.artefacts)
    trial_inputs = load_trial_inputs(config, artefacts)
    evaluator, trainer = follow(task, method, trial_inputs)
    with trainer.phase("score training labels"):
        train_metrics, estimated_matrix = _score_training(evaluator, trainer, trial_inputs)
    rate = rate_used(method, trial_inputs)
    shared_s = 0.0
    if rate is not None and rate.source == "estimated" and trial_inputs.rate is not None:
        shared_s = trainer.counts.seconds["noise-rate estimate (shared)"] = trial_inputs.rate["seconds"]
    if rate is not None and rate.error is not None:
        train_metrics["rate_error"] = rate.error
    return Record(
        **identity(config, method),
        status="done",
        manifest=trial_inputs.noisy.manifest,
        selections=evaluator.selections,
        curve=evaluator.curve,
        train_metrics=train_metrics,
        estimated_matrix=estimated_matrix,
        rate_used=rate,
        costs=trial_costs(task, trainer, trainer.counts.wall_s(time.perf_counter() - started) + shared_s),
    )


def follow(
    task: TrialTask, method: Method, trial_inputs: TrialInputs, watch: Watch = unwatched
) -> tuple[Evaluator, TrialTrainer]:
    """Train the method and evaluate every point; give the evaluator and the trainer.

    `watch` passes the points on, and sees at each what the evaluator found. A training
    that a GPU's captured passes cannot serve begins anew with plain ones.
    """
    from benchmark.training.gpu.ways import plainly_if_needed

    return plainly_if_needed(task.device, lambda ways: _follow(task, method, trial_inputs, watch, ways))


def _follow(
    task: TrialTask, method: Method, trial_inputs: TrialInputs, watch: Watch, ways: Ways | None
) -> tuple[Evaluator, TrialTrainer]:
    keep_embeddings = method.predicts_from != "current_probabilities"
    trainer = make_trainer(task, method, trial_inputs, keep_embeddings, ways=ways)
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
    ways: Ways | None = None,
) -> TrialTrainer:
    """Make what the method trains with.

    `every_split` is for the harness, which evaluates test texts, too. `ways` are those
    of the device where it is None.
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
        ways=ways,
    )


def _inputs_shown(trial_inputs: TrialInputs, needs: Collection[Need], every_split: bool) -> dict[str, EncodedTexts]:
    """Give the encoded texts by split: test texts and label names where they may be
    seen.
    """
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
