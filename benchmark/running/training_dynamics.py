"""The training dynamics of one small training, with the truth beside them.

Records hold no trajectories.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA

from benchmark.contracts import BenchmarkError, EmbeddingArray
from benchmark.contracts.arrays import FloatArray
from benchmark.experiment.choices import Choices
from benchmark.experiment.expansion import expand
from benchmark.experiment.grid import load_grid
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.config import Limits, TrialConfig
from benchmark.records.training_dynamics import Dynamics
from benchmark.trial.inputs import load_trial_inputs
from benchmark.trial.metrics import ranking_area
from benchmark.trial.prepare import prepare
from benchmark.trial.process import enter_clean
from benchmark.trial.run import make_trainer
from benchmark.trial.task import TrialTask
from benchmark.trial.view import noisy_view

METHOD = "dygen[until=stage_one]"


def training_dynamics(
    corpus: str,
    noise: str,
    encoder: str,
    seed: int,
    method: str = METHOD,
    limit_examples: int | None = 2_000,
    epochs: int | None = None,
) -> Dynamics:
    """Train once and measure each training text at every point: distance to the centre
    of its noisy class, and PCA.

    Distances and PCA are those of the first network. A method that shows no embeddings
    or measures nothing on them is a BenchmarkError, and so is a training without wrong
    or without right labels.
    """
    choices = Choices([method], [corpus], [noise], [encoder], (seed,), limit_examples=limit_examples, epochs=epochs)
    (config,) = expand(load_grid("demo").model_copy(update={"limits": Limits()}), choices)
    with tempfile.TemporaryDirectory() as folder:
        artefacts = ArtefactCache(Path(folder))
        prepare([config], artefacts, "cpu", lambda what: None)
        return _measure(config, artefacts)


def _measure(config: TrialConfig, artefacts: ArtefactCache) -> Dynamics:
    enter_clean(config.threads)
    method = config.make_method()
    trial_inputs = load_trial_inputs(config, artefacts)
    noisy, clean = trial_inputs.noisy.train_labels, trial_inputs.noisy.train.clean_labels
    wrong = noisy != clean
    if wrong.all() or not wrong.any():
        raise BenchmarkError(f"{config.noise} leaves only {'wrong' if wrong.any() else 'right'} labels to compare.")
    trainer = make_trainer(
        TrialTask(config=config, artefacts=artefacts.root), method, trial_inputs, keep_embeddings=True
    )
    fractions: list[float] = []
    points: list[EmbeddingArray] = []
    for point in method.fit(noisy_view(method, trial_inputs), trainer):
        seen = None if point.observe is None else trainer.outputs(trial_inputs.train_inputs, point.observe)
        if seen is not None and seen.embedding is not None:
            fractions.append(point.fraction)
            points.append(seen.embedding[:, 0])
    if len(points) < 2:
        raise BenchmarkError(f"'{config.method}' shows embeddings at {len(points)} points of training; two are needed.")
    found = method.trajectory_diagnostics(points, noisy, trial_inputs.corpus.num_classes)
    if found is None:
        raise BenchmarkError(
            f"'{config.method}' measures nothing on its trajectories. Name a method that does, such as dygen."
        )
    plane, explained = _plane(points)
    return Dynamics(
        corpus=config.corpus,
        noise=config.noise,
        encoder=config.encoder,
        method=config.method,
        seed=config.seed,
        fractions=tuple(fractions),
        wrong=wrong,
        distances=found.distances,
        auroc=float(ranking_area(found.score, wrong) or np.nan),
        plane=plane,
        explained=explained,
    )


def _plane(points: list[EmbeddingArray]) -> tuple[FloatArray, float]:
    """Project whole trajectories on their first two principal components, (N, 2), and
    give the share of variance that these explain.
    """
    flat = np.concatenate([point.astype(np.float32) for point in points], axis=1)
    pca = PCA(n_components=2, svd_solver="randomized", random_state=0)
    plane = pca.fit_transform(flat).astype(np.float64)
    return plane, float(pca.explained_variance_ratio_.sum())
