"""The measurement of detection: how well scores find wrong labels that are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np

from benchmark.audit.count import calibrated, count_by, in_order
from benchmark.audit.detectors import detectors
from benchmark.audit.heads import Features
from benchmark.audit.held_out import softmax
from benchmark.audit.opinions.posterior import LogProbabilities
from benchmark.audit.progress import chunks
from benchmark.audit.rule import RULE, Models, Source, candidates, combine, fit_models, source_of
from benchmark.audit.scores import detector_scores
from benchmark.contracts import BenchmarkError, LabelArray, noise_from, seed_of
from benchmark.contracts.arrays import BoolArray, FloatArray
from benchmark.corpora import load_corpus
from benchmark.noisy_labels.features import arrays_for
from benchmark.noisy_labels.inject import labels_of_split

SPLITS = ("train", "valid", "test")

Sources = Mapping[Source, LogProbabilities]

FeaturesOf = Callable[[str, str], Features]
"""Gives the features of a split of a corpus, both by name."""


@dataclass(frozen=True)
class Labelled:
    """The labelled rows of one cell and seed.

    `clean_labels` are -1 where no trusted label is known. Such rows are audited, too,
    and not scored.
    """

    features: Features
    texts: tuple[str, ...]
    labels: LabelArray
    clean_labels: LabelArray
    num_classes: int

    @property
    def scored(self) -> BoolArray:
        """Which rows have a trusted label."""
        return np.asarray(self.clean_labels >= 0)

    @property
    def wrong(self) -> BoolArray:
        """Which labels are wrong, of the rows that are scored."""
        return np.asarray(self.labels != self.clean_labels)[self.scored]


@dataclass(frozen=True)
class Found:
    """How well one score finds the wrong labels of one cell and seed.

    `precision` is that among as many rows as labels are wrong. For a rule that flags
    rows it is that among the flagged ones, whose number is `flagged`.
    """

    corpus: str
    noise: str
    seed: int
    rows: int
    scored: int
    wrong: int
    by: str
    name: str
    average_precision: float | None
    precision: float
    flagged: int


@dataclass(frozen=True)
class Counted:
    """The count of wrong labels of one cell and seed, beside the true one.

    `error` is the expected calibration error of `p_wrong` over ten bins, the mean
    distance of its mean from the share of wrong labels, weighted by rows. `at_truth` is
    that where the count is the true one, as with many checked rows.
    """

    corpus: str
    noise: str
    seed: int
    true: float
    estimate: float
    lowest: float
    highest: float
    reliable: bool
    error: float
    at_truth: float


CHOSEN_BY = ("trec", "semeval", "apidocs")
"""The corpora whose injected noise the rule was chosen by."""

LATER = (
    ("imdb_label_errors", "observed(stars)"),
    ("rte_crowd", "observed(crowd)"),
    ("rte_crowd", "observed(crowd,votes=random)"),
)
"""Cells with observed noise that were first measured after the rule was fixed. They are
too small for the grids that compare methods."""

EVERY: tuple[Source, ...] = ("cross_entropy", "generalized", "held_out", "neighbours")


def is_for_choice(corpus: str, noise: str) -> bool:
    """Tell whether the rule was chosen by this cell.

    It was by those with noise that was injected into some corpora, and by half of the
    observed ones, by a hash of their names.
    """
    if (corpus, noise) in LATER:
        return False
    if noise.startswith("observed"):
        return seed_of("detection", corpus, noise) % 2 == 0
    return corpus in CHOSEN_BY


def load_cell(corpus: str, noise: str, seed: int, features_of: FeaturesOf) -> Labelled:
    """Load the rows of the training split, or of all splits where it has no trusted
    label.
    """
    found, model = load_corpus(corpus), noise_from(noise)
    names = ["train"] if found.splits["train"].has_clean_labels else [n for n in SPLITS if n in found.splits]
    arrays = arrays_for(found, model)
    labels = np.concatenate([labels_of_split(found, name, model, seed, arrays) for name in names])
    clean = np.concatenate([found.splits[name].clean_labels for name in names])
    features = np.concatenate([np.asarray(features_of(corpus, name), dtype=np.float32) for name in names])
    texts = [text for name in names for text in found.splits[name].texts]
    if len(features) != len(labels):
        raise BenchmarkError(f"Corpus '{corpus}' has {len(labels)} rows, and {len(features)} features were given.")
    kept = np.flatnonzero(labels >= 0)
    shown = tuple(texts[row] for row in kept)
    return Labelled(features[kept], shown, labels[kept], clean[kept], found.num_classes)


@dataclass(frozen=True)
class Fitted:
    """What was fitted on the rows of a cell, and the sources that rules read."""

    models: Models
    sources: Sources


def fit_sources(rows: Labelled, seed: int, names: tuple[Source, ...] = EVERY) -> Fitted:
    """Fit what the named sources need. A source is the same whatever is fitted beside
    it.
    """
    data = rows.features, rows.labels, rows.num_classes
    models = fit_models(names, *data, rows.texts, seed)
    return Fitted(models, {name: computed(source_of(name, models, *data), rows) for name in names})


def measure_cell(
    corpus: str, noise: str, seed: int, rows: Labelled, fitted: Fitted | None = None
) -> Iterator[Found | Counted]:
    """Measure every rule, detector and, where it is installed, score of cleanlab on a
    cell.

    Of rules only that of `audit` is measured where none was chosen by the cell.
    """
    common: dict[str, Any] = {
        "corpus": corpus,
        "noise": noise,
        "seed": seed,
        "rows": len(rows.labels),
        "scored": int(rows.scored.sum()),
    }
    it = fitted or fit_sources(rows, seed)
    for rule in candidates() if is_for_choice(corpus, noise) or noise.startswith("observed") else [RULE]:
        found = combine(rule, it.sources, rows.labels, rows.num_classes)
        yield _found(common, rows, "rule", str(rule), found.suspicion)
    data = rows.features, rows.labels, rows.num_classes
    for name, scores in detector_scores(list(detectors), it.models, *data).items():
        yield _found(common, rows, "detector", name, scores)
    yield from _rivals(common, rows, seed)
    yield measure_count(corpus, noise, seed, rows, it.sources)


def measure_count(corpus: str, noise: str, seed: int, rows: Labelled, sources: Sources) -> Counted:
    """Measure the count and the calibration of the rule of `audit` on one cell."""
    whole = slice(0, len(rows.labels))
    count = count_by(softmax(sources["held_out"](whole)), rows.labels, len(rows.labels))
    judged = combine(RULE, sources, rows.labels, rows.num_classes)
    believed = in_order(judged.classes.of_given, judged.suspicion)
    true = float(rows.wrong.mean())
    errors = [
        calibration_error(calibrated(believed, one)[rows.scored], rows.wrong)
        for one in (count, replace(count, share=true))
    ]
    return Counted(
        corpus, noise, seed, true, count.share, count.lowest, count.highest, count.reliable, errors[0], errors[1]
    )


def calibration_error(probabilities: FloatArray, wrong: BoolArray, bins: int = 10) -> float:
    """Give the expected calibration error over bins of equal width.

    >>> calibration_error(np.array([0.75, 0.75]), np.array([True, False]))
    0.25
    """
    place = np.minimum((probabilities * bins).astype(np.int64), bins - 1)
    totals = np.bincount(place, weights=probabilities - wrong, minlength=bins)
    return float(np.abs(totals).sum() / len(wrong))


def computed(source: LogProbabilities, rows: Labelled) -> LogProbabilities:
    """Give the source with all its rows at hand, for many rules."""
    whole = np.concatenate([source(part) for part in chunks(len(rows.labels), rows.num_classes)])
    return lambda part: whole[part]


def _rivals(common: Mapping[str, Any], rows: Labelled, seed: int) -> Iterator[Found]:
    try:
        find_label_issues = import_module("cleanlab.filter").find_label_issues
        get_label_quality_scores = import_module("cleanlab.rank").get_label_quality_scores
    except ImportError:
        return
    probabilities = cross_validated(rows.features, rows.labels, rows.num_classes, seed)
    for method in ("self_confidence", "normalized_margin", "confidence_weighted_entropy"):
        for adjusted in (False, True) if method != "confidence_weighted_entropy" else (False,):
            quality = get_label_quality_scores(rows.labels, probabilities, method=method, adjust_pred_probs=adjusted)
            name = f"{method}, adjusted" if adjusted else method
            yield _found(common, rows, "cleanlab", name, -np.asarray(quality, dtype=np.float64))
    flagged = np.asarray(find_label_issues(rows.labels, probabilities, n_jobs=1))[rows.scored]
    right = float(rows.wrong[flagged].mean()) if flagged.any() else 0.0
    numbers = {"average_precision": None, "precision": right, "flagged": int(flagged.sum())}
    yield Found(**common, wrong=int(rows.wrong.sum()), by="cleanlab", name="find_label_issues", **numbers)  # type: ignore[arg-type]


def cross_validated(features: Features, labels: LabelArray, num_classes: int, seed: int) -> FloatArray:
    """Give probabilities (N, C) of logistic regression in five stratified folds."""
    from sklearn.linear_model import LogisticRegression

    from benchmark.contracts import generator

    order = np.lexsort((generator("cross-validation", seed).random(len(labels)), labels))
    fold = np.empty(len(labels), dtype=np.int64)
    fold[order] = np.arange(len(labels)) % 5
    found = np.full((len(labels), num_classes), 1e-6)
    for number in range(5):
        held, rest = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        model = LogisticRegression(max_iter=400).fit(features[rest], labels[rest])
        found[np.ix_(held, model.classes_)] = model.predict_proba(features[held])
    return np.asarray(found / found.sum(axis=1, keepdims=True), dtype=np.float64)


def _found(common: Mapping[str, Any], rows: Labelled, by: str, name: str, scores: FloatArray) -> Found:
    from sklearn.metrics import average_precision_score

    wrong, shown = rows.wrong, scores[rows.scored]
    count = int(wrong.sum())
    first = np.argsort(-shown, kind="stable")[:count]
    return Found(
        **common,
        wrong=count,
        by=by,
        name=name,
        average_precision=float(average_precision_score(wrong, shown)),
        precision=float(wrong[first].mean()) if count else 0.0,
        flagged=count,
    )


def as_rows(found: Iterator[Found | Counted]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Give the findings as plain rows: those of scores, and those of counts."""
    every = list(found)
    scores = [asdict(one) for one in every if isinstance(one, Found)]
    return scores, [asdict(one) for one in every if isinstance(one, Counted)]
