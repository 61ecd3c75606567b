"""The line on the authors' code: DyGen's first stage by it, where a folder holds it."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.contracts import BenchmarkError
from benchmark.speed.model import Measurement, by_processor_time
from benchmark.speed.setting import THREADS, Setting, baseline_run, trial_inputs_of, warm_up
from benchmark.speed.stages import first_stage
from benchmark.speed.timing import in_turn, median_ratio
from benchmark.training.encoders.names import encoder_from
from benchmark.training.recipes import Recipe
from benchmark.trial.inputs import TrialInputs
from benchmark.trial.task import TrialTask

METHOD = "dygen"
MODULE = Path("src/model/train_stage1.py")
"""The part of the authors' code that trains the first stage."""

SHORT = 64
"""Tokens a text on average, below which texts are short."""

CHILD = Path(__file__).with_name("child.py")


def check_folder(folder: Path) -> None:
    """Raise a BenchmarkError where a folder does not hold the authors' code."""
    if not (folder / MODULE).is_file():
        raise BenchmarkError(
            f"--authors is '{folder}', which has no file {MODULE.as_posix()}. Give a checkout of the code that "
            "DyGen's authors released, or leave the option out."
        )


def first_stage_of_the_authors(setting: Setting) -> list[Measurement]:
    """Seconds of DyGen's first stage by its authors' code, over those of the same here:
    at least 4 where texts are short, 1.5 where they are long.
    """
    what = f"DyGen's first stage by its authors' code / here, {setting.tuned} on {setting.corpus}"
    if setting.authors is None:
        note = "--authors names a checkout of the code of DyGen's authors"
        return [Measurement("authors", what, None, "×", note=note)]
    warm_up(setting, setting.tuned)
    task = setting.task(METHOD, setting.tuned)
    trial_inputs = trial_inputs_of(task)
    with tempfile.TemporaryDirectory(dir=setting.folder) as folder:
        words = _command(setting.authors, Path(folder), task, trial_inputs)
        runs: dict[str, list[tuple[float, float]]] = {"authors": [], "here": []}

        def authors(turn: int) -> float:
            runs["authors"].append(_seconds(words))
            return runs["authors"][-1][0]

        def here(turn: int) -> float:
            run = baseline_run(task, first_stage, trial_inputs)
            runs["here"].append((run.wall_s, run.processor_s))
            return run.wall_s

        rounds = in_turn(setting.sizes.tuned_repeats, {"authors": authors, "here": here})
    lengths = trial_inputs.train_inputs.lengths()
    mean = 0.0 if lengths is None else float(lengths.mean())
    by_processor = median_ratio(*([processor_s for _, processor_s in runs[name]] for name in runs))
    texts = f"{len(trial_inputs.train_inputs)} texts of {mean:.1f} tokens on average"
    padded = f"theirs are padded to {task.config.recipe['max_tokens']}"
    return [
        Measurement(
            "authors",
            what,
            median_ratio(rounds["authors"], rounds["here"]),
            "×",
            at_least=4.0 if mean < SHORT else 1.5,
            seconds={name: statistics.median(found) for name, found in rounds.items()},
            note=f"{by_processor_time(by_processor, '×')}; {texts}, {padded}",
        )
    ]


def _command(authors: Path, folder: Path, task: TrialTask, trial_inputs: TrialInputs) -> list[str]:
    """Write what the authors' code trains on, and give the command that runs it."""
    recipe = Recipe(**task.config.recipe)
    _write_texts(folder / "texts.npz", trial_inputs, recipe.max_tokens)
    given = {
        "authors": str(authors.resolve()),
        "texts": str(folder / "texts.npz"),
        "encoder": str(_weights(folder, task)),
        "classes": trial_inputs.corpus.num_classes,
        "epochs": recipe.epochs,
        "batch_size": recipe.batch_size,
        "learning_rate": recipe.learning_rate,
        "threads": THREADS,
    }
    return [sys.executable, str(CHILD), json.dumps(given)]


def _write_texts(path: Path, trial_inputs: TrialInputs, width: int) -> None:
    """Write token ids, padded to the width as the authors pad, and noisy labels."""
    inputs: Any = trial_inputs.train_inputs
    ids = np.zeros((len(inputs), width), dtype=np.int64)
    mask = np.zeros((len(inputs), width), dtype=np.float32)
    for row, place in enumerate(inputs.chosen):
        text = inputs.tokens[inputs.starts[place] : inputs.starts[place + 1]]
        ids[row, : len(text)], mask[row, : len(text)] = text, 1
    np.savez(path, ids=ids, mask=mask, labels=trial_inputs.noisy.train_labels)


def _weights(folder: Path, task: TrialTask) -> Path:
    """The folder of the encoder's weights; one of random weights is made."""
    from benchmark.training.encoders.networks import scratch_transformer

    encoder = encoder_from(task.config.encoder)
    found = encoder.folder()
    if found is not None:
        return found
    scratch_transformer(float(task.config.recipe["dropout"])).save_pretrained(folder / "encoder")
    return folder / "encoder"


def _seconds(words: list[str]) -> tuple[float, float]:
    """Wall and processor seconds of the training in a process of its own, what it
    imports left out.
    """
    with tempfile.TemporaryDirectory() as here:
        done = subprocess.run(words, cwd=here, capture_output=True, text=True)
    last = done.stdout.strip().rpartition("\n")[2]
    if done.returncode != 0:
        raise BenchmarkError(f"The authors' code failed: {done.stderr.strip()[-500:]}")
    wall_s, processor_s = map(float, last.split())
    return wall_s, processor_s
