"""What a method may see of a trial."""

from __future__ import annotations

from typing import Any

from benchmark.contracts import BenchmarkError, Method, Need, NoisyTexts, NoisyView
from benchmark.noisy_labels.inject import NoisyCorpus
from benchmark.trial.inputs import TrialInputs


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
    """Refuse clean labels that nobody knows, as nothing stands in for them."""
    split = need.reads_clean
    if split and not getattr(noisy, split).has_clean_labels:
        raise BenchmarkError(f"{method} needs {need}, and this corpus has no clean labels to take it from.")
