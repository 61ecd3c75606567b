"""What one trial works on, read from the artefacts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.contracts import LabelArray, NoiseModel
from benchmark.contracts.arrays import FloatArray
from benchmark.contracts.handles import EncodedTexts
from benchmark.corpora.corpus import Corpus
from benchmark.noisy_labels.inject import NoisyCorpus, inject_noise
from benchmark.noisy_labels.manifest import realised_matrix
from benchmark.noisy_labels.missing import noisy_test_labels, unlabelled_texts
from benchmark.records.artefacts import ArtefactCache
from benchmark.records.config import TrialConfig
from benchmark.trial.artefacts.corpus import read_corpus
from benchmark.trial.artefacts.encoded_texts import LABEL_NAMES, read_inputs
from benchmark.trial.artefacts.keys import artefact_keys
from benchmark.trial.artefacts.noise_rate import read_rate
from benchmark.trial.artefacts.noisy_labels import read_noisy

if TYPE_CHECKING:
    from benchmark.training.inputs import Inputs


@dataclass(frozen=True)
class TrialInputs:
    """What one trial works on, before any part of it is handed to the method.

    `noisy_test_labels`: what test is scored by where it has no clean labels.
    `label_name_inputs`: the names of the classes as texts, where the method needs them.
    """

    corpus: Corpus
    noisy: NoisyCorpus
    train_inputs: EncodedTexts
    valid_inputs: EncodedTexts
    test_inputs: EncodedTexts
    rate: dict[str, Any] | None
    unlabelled_texts: tuple[str, ...] = ()
    noisy_test_labels: LabelArray | None = None
    label_name_inputs: EncodedTexts | None = None

    def true_matrix(self) -> FloatArray:
        """Give the realised transition matrix, float64 (C, C).

        It is counted anew where the manifest, because of many classes, lacks it.
        """
        kept = self.noisy.manifest.transition_matrix
        if kept is not None:
            return np.asarray(kept)
        return realised_matrix(self.noisy.train.clean_labels, self.noisy.train_labels, self.corpus.num_classes)


def inputs_in_memory(
    corpus: Corpus,
    noise: NoiseModel,
    seed: int,
    encoded: Mapping[str, Inputs],
    rate: float,
    label_name_inputs: EncodedTexts,
) -> TrialInputs:
    """Give a corpus under a noise as what a trial works on, without any artefact.

    Parameters
    ----------
    corpus, noise, seed : what the noisy labels are drawn from.
    encoded : the encoded texts of each split of the corpus.
    rate : the estimate of the noise rate.
    label_name_inputs : the encoded names of the classes.
    """
    noisy = inject_noise(corpus, noise, seed)
    return TrialInputs(
        corpus=corpus,
        noisy=noisy,
        train_inputs=encoded["train"].subset(noisy.train_rows),
        valid_inputs=encoded[noisy.valid_source].subset(noisy.valid_rows),
        test_inputs=encoded["test"].subset(noisy.test_rows),
        rate={"estimator": "given", "rate": rate, "seconds": 0.0},
        label_name_inputs=label_name_inputs,
    )


def load_trial_inputs(config: TrialConfig, artefacts: ArtefactCache) -> TrialInputs:
    """Load corpus, noisy labels, inputs and rate of a trial from the artefacts."""
    names = artefact_keys(config)
    corpus = read_corpus(artefacts.use(names.corpus))
    noisy = read_noisy(artefacts, names)
    inputs = artefacts.use(names.inputs)
    noise = config.make_noise()
    return TrialInputs(
        corpus=corpus,
        noisy=noisy,
        train_inputs=read_inputs(inputs, "train").subset(noisy.train_rows),
        valid_inputs=read_inputs(inputs, noisy.valid_source).subset(noisy.valid_rows),
        test_inputs=read_inputs(inputs, "test").subset(noisy.test_rows),
        rate=read_rate(artefacts, names),
        unlabelled_texts=unlabelled_texts(corpus, noisy) if noise.keeps_unlabelled else (),
        noisy_test_labels=None if noisy.test.has_clean_labels else noisy_test_labels(corpus, noise),
        label_name_inputs=read_inputs(artefacts.use(names.label_names), LABEL_NAMES) if names.label_names else None,
    )
