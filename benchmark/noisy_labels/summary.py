"""What a noise does to a corpus, to look at: rates, matrix, the texts that it turns
wrong, other seeds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.contracts import UNLABELLED, BenchmarkError, LabelArray, NoiseModel
from benchmark.corpora.corpus import Corpus
from benchmark.noisy_labels.features import BySplit, arrays_for
from benchmark.noisy_labels.inject import NoisyCorpus, inject_noise, labels_of_split, noise_inputs
from benchmark.records.schema import Manifest

MOST_TEXTS = 20
OTHER_SEEDS = 3


@dataclass(frozen=True, slots=True)
class ClassRates:
    """Rates of one class: the requested one and the realised one.

    The requested rate is None where no single transition matrix holds for all texts.
    The realised one is None without texts of the class.
    """

    number: int
    name: str
    asked: float | None
    train_texts: int
    train_rate: float | None
    valid_texts: int
    valid_rate: float | None


@dataclass(frozen=True, slots=True)
class FlippedText:
    """One training text, with the model's score where it has one.

    `noisy_label` is None where the row is dropped.
    """

    id: str
    text: str
    clean_label: str
    noisy_label: str | None
    score: float | None


@dataclass(frozen=True, slots=True)
class Overlap:
    """Share of the training texts that turn wrong under both seeds; `expected`: drawn
    anew within each class.
    """

    seed: int
    both: float
    expected: float


@dataclass(frozen=True)
class NoiseSummary:
    """One noise on one corpus under one seed.

    `chosen_by` says in words how `texts` were chosen.
    """

    manifest: Manifest
    seed: int
    classes: tuple[ClassRates, ...]
    chosen_by: str
    texts: tuple[FlippedText, ...]
    overlaps: tuple[Overlap, ...]


def summarise_noise(corpus: Corpus, noise: NoiseModel, seed: int) -> NoiseSummary:
    """Look at the noise; the corpus must have clean labels.

    Rates are those of the splits that methods get, texts and overlaps those of the
    whole training split.
    """
    for name in ("train", "valid"):
        if name in corpus.splits and not corpus.splits[name].has_clean_labels:
            raise BenchmarkError(
                f"Corpus '{corpus.name}' has no clean {name} labels to hold the noise against. Choose one that has."
            )
    arrays = arrays_for(corpus, noise)
    noisy = inject_noise(corpus, noise, seed, arrays)
    labels = labels_of_split(corpus, "train", noise, seed, arrays)
    chosen_by, rows, scores = _first_to_turn(corpus, noise, seed, arrays, labels)
    split = corpus.splits["train"]
    texts = tuple(
        FlippedText(
            id=split.ids[row],
            text=split.texts[row],
            clean_label=corpus.label_names[split.clean_labels[row]],
            noisy_label=None if labels[row] == UNLABELLED else corpus.label_names[labels[row]],
            score=None if scores is None else float(scores[row]),
        )
        for row in rows
    )
    others = range(seed + 1, seed + 1 + OTHER_SEEDS)
    overlaps = tuple(
        _overlap(split.clean_labels, labels, labels_of_split(corpus, "train", noise, other, arrays), other)
        for other in others
    )
    return NoiseSummary(noisy.manifest, seed, _by_class(corpus, noise, noisy), chosen_by, texts, overlaps)


def _by_class(corpus: Corpus, noise: NoiseModel, noisy: NoisyCorpus) -> tuple[ClassRates, ...]:
    requested = noise.transition_matrix(corpus.num_classes)
    sides = ((noisy.train.clean_labels, noisy.train_labels), (noisy.valid.clean_labels, noisy.valid_labels))
    texts = [np.bincount(clean, minlength=corpus.num_classes) for clean, _ in sides]
    wrong = [np.bincount(clean[labels != clean], minlength=corpus.num_classes) for clean, labels in sides]
    rates = [
        [float(w / n) if n else None for w, n in zip(*counts, strict=True)] for counts in zip(wrong, texts, strict=True)
    ]
    return tuple(
        ClassRates(
            number=k,
            name=name,
            asked=None if requested is None else float(1.0 - requested[k, k]),
            train_texts=int(texts[0][k]),
            train_rate=rates[0][k],
            valid_texts=int(texts[1][k]),
            valid_rate=rates[1][k],
        )
        for k, name in enumerate(corpus.label_names)
    )


def _first_to_turn(
    corpus: Corpus, noise: NoiseModel, seed: int, arrays: Mapping[str, BySplit], labels: LabelArray
) -> tuple[str, LabelArray, npt.NDArray[np.float64] | None]:
    """How the texts to show are chosen, their row numbers, and the scores of all rows
    where the model has them.
    """
    scores = noise.flip_scores(noise_inputs(corpus, "train", noise, seed, arrays))
    if scores is not None:
        order = np.argsort(-scores, kind="stable")[:MOST_TEXTS]
        return f"most likely to turn wrong, by the {noise.flip_score}", order, scores
    clean = corpus.splits["train"].clean_labels
    if any(field.name == "rate" for field in dataclasses.fields(noise)):  # type: ignore[arg-type]
        rows = _by_rising_rate(corpus, noise, seed, arrays)
        return "first to turn wrong as the rate rises from 0", rows, None
    wrong = np.flatnonzero((labels != clean) & (labels != UNLABELLED))[:MOST_TEXTS]
    return "wrongly labelled, in the order of the corpus (the model gives no text a score)", wrong, None


def _by_rising_rate(corpus: Corpus, noise: NoiseModel, seed: int, arrays: Mapping[str, BySplit]) -> LabelArray:
    """Rows in the order in which they turn wrong up to the model's own rate, one text
    or so at a time.
    """
    clean, rate = corpus.splits["train"].clean_labels, noise.requested_rate or 0.0
    found: list[int] = []
    steps = 0
    while len(found) < MOST_TEXTS and (steps + 1) / len(clean) <= rate:
        steps += 1
        lower = dataclasses.replace(noise, rate=steps / len(clean))  # type: ignore[type-var]
        labels = labels_of_split(corpus, "train", lower, seed, arrays)
        wrong = np.flatnonzero((labels != clean) & (labels != UNLABELLED)).tolist()
        found += [row for row in wrong if row not in found]
    return np.array(found[:MOST_TEXTS], dtype=np.int64)


def _overlap(clean: LabelArray, labels: LabelArray, others: LabelArray, seed: int) -> Overlap:
    rows = (labels != UNLABELLED) & (others != UNLABELLED)
    clean, first, second = clean[rows], (labels != clean)[rows], (others != clean)[rows]
    totals = np.bincount(clean)
    by_chance = np.bincount(clean[first], minlength=len(totals)) * np.bincount(clean[second], minlength=len(totals))
    size = max(len(clean), 1)
    return Overlap(seed, float((first & second).sum() / size), float((by_chance / np.maximum(totals, 1)).sum() / size))
