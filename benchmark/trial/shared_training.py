"""The training that trials of a cell and seed share, as a task and an artefact."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.contracts import Method
from benchmark.contracts.trainer import SharedTraining
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.code.plugins import load_plugins
from benchmark.records.code.provenance import code_digest
from benchmark.records.config import TrialConfig, digest
from benchmark.records.machine import reset_peak_memory
from benchmark.records.schema import Failure, Record
from benchmark.training.encoders.names import encoder_from
from benchmark.training.recipes import Recipe
from benchmark.training.shared import SPLITS, Reads, looks_by_step, write_training
from benchmark.trial.artefacts.corpus import read_corpus
from benchmark.trial.artefacts.keys import artefact_keys
from benchmark.trial.artefacts.noisy_labels import read_noisy
from benchmark.trial.costs import write_peaks
from benchmark.trial.failure import failure_of
from benchmark.trial.inputs import load_trial_inputs
from benchmark.trial.process import enter_clean, leave_clean
from benchmark.trial.record import failed_record
from benchmark.trial.run import make_trainer, run_trial
from benchmark.trial.task import TrialTask

if TYPE_CHECKING:
    from benchmark.training.gpu.ways import Ways

PREFIX = "training-"
WIDEST_EMBEDDING = 1024
"""Taken for the width of an encoder that does not say how wide it is."""


class TrainingTask(TrialTask):
    """A shared training to make; `config` is that of one of the trials that read it."""

    training: str
    reads: tuple[Reads, ...]


def task_from(values: Mapping[str, Any]) -> TrialTask:
    """Give the task of either kind from its JSON values."""
    return (TrainingTask if "reads" in values else TrialTask).model_validate(values)


def run_task(task: TrialTask) -> dict[str, Any]:
    """Run a task of either kind; what came of it, as JSON values."""
    if not isinstance(task, TrainingTask):
        return {"record": run_trial(task).model_dump(mode="json")}
    failure = _make_training(task)
    return {"trained": task.training} if failure is None else {"failure": failure.model_dump(mode="json")}


def record_from(task: TrialTask, outcome: Mapping[str, Any]) -> Record:
    """Give the record of what a trial's process sent: a record or a failure."""
    if "record" in outcome:
        return Record.model_validate(outcome["record"])
    return failed_record(task, Failure.model_validate(outcome["failure"]), outcome.get("node"))


def share_trainings(tasks: Sequence[TrialTask]) -> tuple[list[TrialTask], list[TrainingTask]]:
    """Find the trainings that at least two of the trials share.

    Returns
    -------
    tuple
        The trials in their order, which name the shared training that they read, and a
        task for each training.
    """
    groups: dict[str, list[tuple[TrialTask, Reads]]] = defaultdict(list)
    for task in tasks:
        method = task.config.make_method()
        training = _declared(task.config, method)
        if training is not None:
            wanted = _reads(task, method, training)
            groups[_key(task, training)].append((task, wanted))
    shared: dict[str, str] = {}
    trainings = []
    for key, group in groups.items():
        if len(group) > 1:
            first, reads = group[0][0], tuple(sorted({reads for _, reads in group}))
            name = PREFIX + digest({"key": key, "reads": [vars(one) for one in reads]})
            shared |= {task.config.id: name for task, _ in group}
            values = {key: getattr(first, key) for key in TrialTask.model_fields}
            trainings.append(TrainingTask(**values | {"training": name, "reads": reads}))
    return [task.model_copy(update={"training": shared.get(task.config.id)}) for task in tasks], trainings


def _declared(config: TrialConfig, method: Method) -> SharedTraining | None:
    return method.shared_training(Recipe(**config.recipe))


def _key(task: TrialTask, training: SharedTraining) -> str:
    """Digest all that decides a training: cell, seed, device, parameters and code."""
    stage, config = training.stage, task.config
    names = artefact_keys(config)
    code = code_digest(type(stage))
    return digest([config.cell, config.seed, names.noisy_labels, names.inputs, task.device, repr(stage), code])


def _reads(task: TrialTask, method: Method, training: SharedTraining) -> Reads:
    return Reads(
        at=training.at,
        train=training.every_train_output or (task.curves and training.selectable),
        others=training.selectable or method.predicts_from == "trajectory",
        embedding=method.predicts_from != "current_probabilities",
    )


def sources_of(task: TrainingTask) -> tuple[str, ...]:
    """Give the artefacts that a training is made from."""
    names = artefact_keys(task.config)
    return names.corpus, names.noisy_labels, names.inputs


def _make_training(task: TrainingTask) -> Failure | None:
    """Make the artefact of a shared training; gives what prevented it."""
    try:
        load_plugins(task.plugins)
        ArtefactCache(task.artefacts).make(task.training, partial(_write, task=task), sources_of(task))
    except (Exception, SystemExit) as error:
        return failure_of(error)
    finally:
        leave_clean()
    return None


def _write(folder: Path, task: TrainingTask) -> None:
    from benchmark.training.gpu.ways import plainly_if_needed

    enter_clean(task.config.threads)
    reset_peak_memory()
    method = task.config.make_method()
    declared = _declared(task.config, method)
    if declared is None:
        raise ValueError(f"{task.config.method} declares no shared training")
    trial_inputs = load_trial_inputs(task.config, ArtefactCache(task.artefacts))
    alone = TrialTask(**{key: getattr(task, key) for key in TrialTask.model_fields} | {"training": None})
    stage = declared.stage

    def make(ways: Ways | None) -> str:
        trainer = make_trainer(alone, method, trial_inputs, keep_embeddings=False, every_split=True, ways=ways)
        write_training(trainer, stage, task.reads, folder)
        return trainer.ways.trouble

    write_peaks(folder, task.device, plainly_if_needed(task.device, make))


def training_gib(task: TrainingTask, artefacts: ArtefactCache) -> float:
    """Estimate from above how much disk a shared training takes, in GiB."""
    config, names = task.config, artefact_keys(task.config)
    noisy = read_noisy(artefacts, names)
    rows = {"train": len(noisy.train_rows), "valid": len(noisy.valid_rows), "test": len(noisy.test_rows)}
    recipe = Recipe(**config.recipe)
    declared = _declared(config, config.make_method())
    networks = 1 if declared is None else declared.stage.networks
    looks = looks_by_step(task.reads, recipe, recipe.total_steps(rows["train"]))
    width = _embedding_width(config)
    classes = read_corpus(artefacts.use(names.corpus)).num_classes
    taken = 0
    for splits in looks.values():
        for split in SPLITS:
            if split in splits:
                taken += rows[split] * networks * (4 * classes + 2 * width * splits[split])
    return taken / 2**30


def _embedding_width(config: TrialConfig) -> int:
    """Give the width of an embedding: the head's, or what the encoder's configuration
    says.
    """
    if config.recipe["hidden"]:
        return int(config.recipe["hidden"])
    folder = encoder_from(config.encoder).folder()
    if folder is None or not (folder / "config.json").exists():
        return WIDEST_EMBEDDING
    return int(json.loads((folder / "config.json").read_text(encoding="utf-8")).get("hidden_size", WIDEST_EMBEDDING))
