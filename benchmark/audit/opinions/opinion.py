"""What is thought of each label before anything is counted: by the rule, or by the
annotators where their votes tell more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmark.audit.count import FEWEST_CHECKED, Count, calibrated, checked_count, estimated_count, in_order
from benchmark.audit.heads import Features
from benchmark.audit.opinions.crowdlab import Consensus, crowdlab
from benchmark.audit.opinions.posterior import TopClasses
from benchmark.audit.progress import Progress, silent
from benchmark.audit.reading import LabelledTable
from benchmark.audit.rule import RULE, Models, judge
from benchmark.contracts import BenchmarkError, LabelArray
from benchmark.contracts.arrays import FloatArray


@dataclass(frozen=True)
class Opinion:
    """What is thought of the labelled rows of a table.

    `classes`: probabilities of their true classes by the rule. `of_given`: float64
    (N,), the probability of the given label. `score`: how suspicious it is. `others`:
    int64 (N,), the likeliest class other than the given one. `surest`: as in `Judged`.
    `consensus`: what annotators and models say together, where rows have several votes.
    `contradicted`: how far given probabilities are from those of held-out models.
    """

    classes: TopClasses
    of_given: FloatArray
    score: FloatArray
    others: LabelArray
    surest: FloatArray
    consensus: Consensus | None
    contradicted: FloatArray | None = None

    @property
    def by_votes(self) -> bool:
        """Whether the order is that of the votes and not that of the rule."""
        return self.consensus is not None and self.consensus.is_telling

    def p_wrong(self, count: Count, known: Mapping[int, bool]) -> FloatArray:
        """Give the probability that each label is wrong, (N,), known where a person
        looked.
        """
        wrong = 1.0 - self.of_given if self.by_votes and not known else calibrated(self.of_given, count, known)
        for place, is_wrong in known.items():
            wrong[place] = float(is_wrong)
        return wrong


def form_opinion(
    table: LabelledTable, models: Models, own: Features, labelled: LabelArray, progress: Progress = silent
) -> Opinion:
    """Give what is thought of the labelled rows.

    Parameters
    ----------
    table : all rows.
    models : what was fitted on the labelled ones.
    own : float32 (N, D), the features of the labelled ones.
    labelled : int64 (N,), their places in the table.
    progress : is told which share of the rows is done.
    """
    labels, classes = table.labels[labelled], len(table.label_names)
    soft = None if table.soft is None else table.soft[labelled]
    judged = judge(RULE, models, own, labels, classes, progress, soft)
    found, consensus = judged.classes, _consensus(table, models, own, labelled)
    others = _best_other(found)
    if consensus is None or not consensus.is_telling:
        believed = in_order(found.of_given, judged.suspicion)
        return Opinion(found, believed, judged.suspicion, others, judged.surest, consensus, judged.contradicted)
    others = np.where(consensus.labels == labels, others, consensus.labels)
    return Opinion(found, consensus.given_quality, -consensus.given_quality, others, judged.surest, consensus)


def count_wrong(
    opinion: Opinion, models: Models, own: Features, labels: LabelArray, num_classes: int, drawn: list[bool]
) -> Count:
    """Count the wrong labels.

    Rows that were drawn at random and reviewed tell it where they are enough, else the
    votes where they can, else estimators.
    """
    if len(drawn) >= FEWEST_CHECKED:
        return checked_count(np.array(drawn, dtype=np.bool_))
    if models.held_out is None:
        raise BenchmarkError("The rule of an audit needs models that were fitted without each row.")
    if opinion.consensus is None or not opinion.by_votes:
        return estimated_count(models.held_out, own, labels, num_classes)
    outvoted = float(np.mean(opinion.consensus.labels != labels))
    expected = float(np.mean(1.0 - opinion.of_given))
    return Count(expected, min(outvoted, expected), max(outvoted, expected), reliable=False)


def _consensus(table: LabelledTable, models: Models, own: Features, labelled: LabelArray) -> Consensus | None:
    held_out = models.held_out
    if not table.annotators or held_out is None:
        return None

    def probabilities(rows: slice) -> FloatArray:
        return held_out.probabilities(own[rows], rows)

    return crowdlab(table.votes[labelled], table.labels[labelled], len(table.label_names), probabilities)


def _best_other(found: TopClasses) -> LabelArray:
    best = 1 + found.probabilities[:, 1:].argmax(axis=1)
    return np.asarray(found.classes[np.arange(len(best)), best])
