"""Records of trials that nobody ran, as large as real ones, for the clocks of `plan`
and `report`; never results.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.contracts import generator
from benchmark.corpora import load_card
from benchmark.records.config import TrialConfig, digest
from benchmark.records.record_files import record_bytes
from benchmark.records.schema import RULES, Costs, CurvePoint, Manifest, Record, Selection, pack_bits
from benchmark.trial.record import identity

POINTS = 20
MADE_BY = "made for the clock, not measured"


def write_made_records(configs: list[TrialConfig], folder: Path) -> None:
    """One finished record a trial, in a run folder's form."""
    folder.mkdir(parents=True, exist_ok=True)
    for config in configs:
        (folder / f"{config.id}.json").write_bytes(record_bytes(made_record(config)))


def made_record(config: TrialConfig) -> Record:
    """A record of the trial with accuracies drawn at random by the trial's names."""
    draws = generator("made record", config.id)
    manifest = _manifest(config.corpus, config.noise, config.seed)
    accuracy = float(draws.uniform(0.5, 0.9))
    metrics = dict.fromkeys(
        ("test_accuracy", "test_macro_f1", "noisy_valid_accuracy", "clean_valid_accuracy"), accuracy
    )
    metrics |= {"test_ece": 1 - accuracy, "test_nll": 2 * (1 - accuracy), "test_accuracy_single": accuracy}
    correct = pack_bits(draws.random(manifest.test_rows) < accuracy)
    curve = [
        CurvePoint(stage=1, fraction=(k + 1) / POINTS, noisy_valid_accuracy=accuracy, test_accuracy=accuracy)
        for k in range(POINTS)
    ]
    return Record(
        **identity(config, config.make_method()),
        status="done",
        manifest=manifest,
        selections=made_selections(metrics, correct),
        curve=curve,
        train_metrics={"memorised": 1 - accuracy, "suspicion_auroc": accuracy, "suspicion_ap": accuracy},
        costs=_costs(float(draws.uniform(1, 9)), config.threads),
    )


def made_selections(
    metrics: dict[str, float], correct: str | None, rules: Iterable[str] = RULES
) -> dict[str, Selection]:
    """The same point of a training as the choice of every rule."""
    return {rule: Selection(stage=1, fraction=1.0, metrics=metrics, correct=correct) for rule in rules}


def made_manifest(noise: str, classes: int, rows: tuple[int, int, int], rate: float | None, **more: Any) -> Manifest:
    """A manifest of labels that nobody drew.

    Parameters
    ----------
    noise: the noise as text.
    classes: the number of classes.
    rows: training, validation and test rows.
    rate: the realised rate, the same in every class; None where it is unknown.
    more: other fields of the manifest, which win over these.

    Returns
    -------
    A manifest whose transition matrix is the identity.
    """
    given: dict[str, Any] = {
        "noise": noise,
        "num_classes": classes,
        "train_rows": rows[0],
        "valid_rows": rows[1],
        "test_rows": rows[2],
        "realised_rate": rate,
        "rate_by_class": [rate] * classes,
        "transition_matrix": np.eye(classes).tolist(),
    }
    return Manifest.model_validate(given | more)


@functools.lru_cache(maxsize=4096)
def _manifest(corpus: str, noise: str, seed: int) -> Manifest:
    card = load_card(corpus)
    classes = len(card.label_names)
    rows = {split: card.counts[split].rows if split in card.counts else 1_000 for split in ("train", "valid", "test")}
    return made_manifest(
        noise,
        classes,
        (rows["train"], rows["valid"], rows["test"]),
        0.4,
        fingerprint=digest([MADE_BY, corpus, noise, seed]),
        corpus_fingerprint=digest([MADE_BY, corpus]),
    )


def _costs(seconds: float, threads: int) -> Costs:
    return Costs(
        wall_s=seconds,
        seconds={"train": 0.8 * seconds, "observe": 0.2 * seconds},
        forward_texts=90_000,
        backward_texts=50_000,
        peak_mib=900.0,
        device=MADE_BY,
        threads=threads,
    )
