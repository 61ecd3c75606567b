"""The measurement of audits where annotators voted: by their votes, and by texts
alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from benchmark.audit.audit import audit_table
from benchmark.audit.measurement.measure import SPLITS, FeaturesOf
from benchmark.audit.opinions.soft import SoftLabels
from benchmark.audit.reading import LabelledTable, make_table
from benchmark.contracts import BenchmarkError, LabelArray
from benchmark.corpora import load_corpus

TABLES = (
    ("amazon_book", "observed(crowd)"),
    ("amazon_negative", "observed(crowd)"),
    ("rte_crowd", "observed(crowd)"),
    ("chaosnli_snli", "observed(annotators)"),
    ("chaosnli_mnli", "observed(annotators)"),
    ("fpb_llm", "observed(models)"),
    ("trec", "observed(weak)"),
    ("semeval", "observed(weak)"),
)
"""Corpora whose rows have several votes, and the source of these votes."""


@dataclass(frozen=True)
class Voted:
    """What an audit of one table and seed is worth with its votes and without.

    `wrong`: the share of rows whose most frequent vote is wrong. `by_votes`: whether
    the votes decide the order. `votes` and `texts`: the average precision of the order
    by CROWDLAB, and of that by texts alone. `soft`: likewise where the shares of the
    votes are given as probabilities, and no vote. `majority`, `consensus` and
    `corrected`: the shares of right labels. `expected`, `lowest` and `highest`: the
    count.
    """

    corpus: str
    noise: str
    seed: int
    rows: int
    annotators: int
    wrong: float
    by_votes: bool
    votes: float
    texts: float
    soft: float
    majority: float
    consensus: float
    corrected: float
    expected: float
    lowest: float
    highest: float
    reliable: bool


def measure_votes(corpus: str, noise: str, seed: int, features_of: FeaturesOf) -> Iterator[Voted]:
    """Yield the one row of a table and seed."""
    from sklearn.metrics import average_precision_score

    table, true = annotated_table(corpus, noise)
    features = np.asarray(features_of(corpus, SPLITS[0]), dtype=np.float32)
    audit = audit_table(table, features, seed=seed)
    without = replace(table, votes=table.votes[:, :0], annotators=())
    alone = audit_table(without, features, seed=seed)
    soft = audit_table(replace(without, soft=_shares(table)), features, seed=seed)
    if audit.consensus is None:
        raise BenchmarkError(f"No row of '{corpus}' has votes of two annotators.")
    scored = (table.labels >= 0) & (true >= 0)
    wrong = (table.labels != true)[scored]
    yield Voted(
        corpus=corpus,
        noise=noise,
        seed=seed,
        rows=int(scored.sum()),
        annotators=len(table.annotators),
        wrong=float(wrong.mean()),
        by_votes=audit.consensus.is_telling,
        votes=float(average_precision_score(wrong, -audit.consensus.given_quality[scored])),
        texts=float(average_precision_score(wrong, alone.p_wrong[scored])),
        soft=float(average_precision_score(wrong, soft.p_wrong[scored])),
        majority=float(1 - wrong.mean()),
        consensus=float((audit.consensus.labels == true)[scored].mean()),
        corrected=float((audit.corrected() == true)[scored].mean()),
        expected=audit.count.share,
        lowest=audit.count.lowest,
        highest=audit.count.highest,
        reliable=audit.count.reliable,
    )


def _shares(table: LabelledTable) -> SoftLabels:
    """Give the shares of the classes among the votes of each row."""
    counts = np.stack([(table.votes == k).sum(axis=1) for k in range(len(table.label_names))], axis=1)
    return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1), dtype=np.float32)


def annotated_table(corpus: str, noise: str) -> tuple[LabelledTable, LabelArray]:
    """Read the training rows of a corpus as a table with votes, and their trusted
    labels, -1 where none is known.
    """
    found = load_corpus(corpus)
    split, source = found.splits[SPLITS[0]], noise.removeprefix("observed(").removesuffix(")")
    votes = split.votes[source]
    names = [*map(str, range(found.num_classes)), ""]
    table = make_table(corpus, split.texts, [[names[vote] for vote in row] for row in votes.tolist()])
    place = {name: number for number, name in enumerate(table.label_names)}
    true = np.array([place.get(str(label), len(place)) if label >= 0 else -1 for label in split.clean_labels.tolist()])
    return table, true.astype(np.int64)
