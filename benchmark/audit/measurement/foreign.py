"""The measurement of scores that tell texts of no class, where some were put in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmark.audit.measurement.measure import Labelled
from benchmark.audit.neighbours import find_neighbours
from benchmark.audit.opinions.outside import outside_scores
from benchmark.audit.rule import RULE, fit_models, judge
from benchmark.contracts import BenchmarkError
from benchmark.contracts.arrays import FloatArray

FIRST = 20
OUTSIDE = "outside"
"""The score of an audit."""

CHOSEN_BY = ("trec", "semeval", "apidocs")
"""The corpora by which it was chosen among the scores."""

FOREIGN = (
    ("trec", "open_set(0.05)"),
    ("trec", "symmetric(0.2)+open_set(0.1)"),
    ("semeval", "open_set(0.05)"),
    ("apidocs", "open_set(0.05)"),
    ("apidocs", "symmetric(0.2)+open_set(0.1)"),
    ("agnews_12k", "open_set(0.05)"),
    ("agnews_12k", "symmetric(0.2)+open_set(0.1)"),
    ("20news", "open_set(0.05)"),
    ("20news", "symmetric(0.2)+open_set(0.1)"),
)


@dataclass(frozen=True)
class Told:
    """How well one score tells the foreign texts of one cell and seed.

    `foreign`: their share of the rows. `area`: under the ROC curve. `first`: how many
    of the first twenty rows are foreign.
    """

    corpus: str
    noise: str
    seed: int
    rows: int
    foreign: float
    score: str
    area: float
    average_precision: float
    first: int


def measure_foreign(corpus: str, noise: str, seed: int, rows: Labelled) -> Iterator[Told]:
    """Yield four scores on one cell and seed.

    Texts are foreign whose trusted class is among those that no row is labelled with.
    """
    from sklearn.metrics import average_precision_score, roc_auc_score

    known = int(rows.labels.max()) + 1
    foreign = rows.clean_labels >= known
    if not foreign.any():
        raise BenchmarkError(f"No text of '{corpus}' under {noise} belongs to no class; name a noise such as open_set.")
    for name, score in _scores(rows, known, seed).items():
        first = np.argsort(-score, kind="stable")[:FIRST]
        yield Told(
            corpus=corpus,
            noise=noise,
            seed=seed,
            rows=len(foreign),
            foreign=float(foreign.mean()),
            score=name,
            area=float(roc_auc_score(foreign, score)),
            average_precision=float(average_precision_score(foreign, score)),
            first=int(foreign[first].sum()),
        )


def _scores(rows: Labelled, known: int, seed: int) -> dict[str, FloatArray]:
    """Give scores by name, higher for texts that are less like any class."""
    models = fit_models(RULE.sources, rows.features, rows.labels, known, rows.texts, seed)
    surest = judge(RULE, models, rows.features, rows.labels, known).surest
    by_source = dict(zip(RULE.sources, surest, strict=True))
    return {
        OUTSIDE: outside_scores(surest),
        "held out": -by_source["held_out"],
        "trained on": -by_source["generalized"],
        "distance": find_neighbours(rows.features).distances.mean(axis=1),
    }
