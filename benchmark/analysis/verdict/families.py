"""What the verdict reads of a corpus: its noisy cells as one family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from benchmark.analysis.computed_once import computed_once
from benchmark.analysis.result_set import ResultSet, complete_scores
from benchmark.analysis.scores.in_corpora import (
    MeanArrays,
    MeanCorrectness,
    cells_of_corpora,
    compare_means,
    mean_of,
    mean_scores,
    prior_of_scores,
)
from benchmark.analysis.scores.seed_arrays import SeedArrays
from benchmark.analysis.statistics import Comparison, Prior
from benchmark.records.metric_specs import CHECKED_TEXTS
from benchmark.records.schema import HEADLINE_RULES

Labels = Literal["clean test labels", "checked labels", "noisy test labels"]
OBSERVED, INJECTED = "observed", "injected"
CHECKED_ROWS = "checked_rows"
FEWEST_CHECKED = 25
"""So many checked labels choose a method.

Fewer choose no better than a method that was named beforehand, see the report card.
"""


@dataclass(frozen=True, slots=True)
class Family:
    """The ranked methods of a corpus by their means over its noisy cells, those of one
    kind of noise where it has injected and observed ones.

    `by_rule` holds, for each headline rule and method, the comparison with the
    reference. `means` holds the mean scores of each rule, and `both` the scores and the
    correctness that are averaged over both rules, under each seed and for each test
    text. `labels` says which labels of test texts scored them, and `checked` counts
    those that were checked where the others are noisy. `kind` is "injected" or
    "observed" where the corpus has both.
    """

    corpus: str
    noises: tuple[str, ...]
    reference: str
    by_rule: Mapping[str, Mapping[str, Comparison]]
    means: Mapping[str, Mapping[str, float]]
    both: MeanArrays
    prior: Prior
    labels: Labels
    checked: int = 0
    kind: str = ""

    @property
    def name(self) -> str:
        """The corpus, with the kind of noise where it has both."""
        return named(self.corpus, self.kind)

    def cells(self, results: ResultSet) -> pd.Index[str]:
        """Give the noisy cells that the family is made of."""
        cells = results.cells
        return cells.index[(cells["corpus"] == self.corpus) & cells["noise"].isin(self.noises) & ~cells["clean"]]

    @property
    def compared(self) -> tuple[str, ...]:
        """The methods that stand beside the reference under both rules."""
        return tuple(m for m in self.both.scores if all(m in found for found in self.by_rule.values()))

    def with_correctness(self) -> Family:
        """Give the same family with its correctness at hand, which takes memory."""
        return replace(self, both=self.both._replace(correct=dict(self.both.correct)))

    @property
    def seeds(self) -> int:
        """How many seeds each cell has."""
        return len(self.both.scores[self.reference])

    def score(self, method: str) -> float:
        """Give the mean over both rules; higher is better, whatever the metric."""
        return float(np.mean(self.both.scores[method]))


@computed_once
def families(results: ResultSet) -> tuple[Family, ...]:
    """Give the families of every corpus with noisy cells, in reading order.

    Injected and observed noises of a corpus are a family each. There is none where the
    reference lacks one of the cells. Where no clean test labels are at hand, those that
    were checked take their place, if they are enough to choose by, else agreement with
    the noisy ones.
    """
    of = kinds_of(results.cells)
    cells = results.cells.assign(corpus=[named(*place) for place in of])
    found = {family.corpus: family for family in families_over(results, cells, results.column)}
    if results.holds(results.metric.column(CHECKED_TEXTS)):
        some = families_over(results, cells, results.metric.column(CHECKED_TEXTS), "checked labels")
        found |= {one.corpus: one for one in some if one.corpus not in found and one.checked >= FEWEST_CHECKED}
    if results.holds(results.agreement_column):
        noisy = families_over(results, cells, results.agreement_column, "noisy test labels")
        found |= {family.corpus: family for family in noisy if family.corpus not in found}
    return tuple(
        replace(found[named(*place)], corpus=place[0], kind=place[1])
        for place in dict.fromkeys(of)
        if named(*place) in found
    )


def named(corpus: str, kind: str) -> str:
    """Give the name of a family.

    >>> named("trec", "injected"), named("trec", "")
    ('trec, injected noise', 'trec')
    """
    return f"{corpus}, {kind} noise" if kind else corpus


def kinds_of(cells: pd.DataFrame) -> list[tuple[str, str]]:
    """Give the corpus and the kind of noise of each cell, no kind where a corpus has
    one.
    """
    kinds = np.where(cells["noise"].str.startswith(OBSERVED), OBSERVED, INJECTED)
    several = pd.Series(kinds, index=cells.index)[~cells["clean"]].groupby(cells["corpus"]).nunique() > 1
    return [
        (str(corpus), str(kind) if several.get(corpus, False) and not clean else "")
        for corpus, kind, clean in zip(cells["corpus"], kinds, cells["clean"], strict=True)
    ]


def families_over(
    results: ResultSet, cells: pd.DataFrame, column: str, labels: Labels = "clean test labels"
) -> list[Family]:
    """Give the families of some cells by the scores in a column, made by some labels.

    `cells` are rows of those of the results. What stands in their column `corpus` says
    which of them are one family.
    """
    scores = {rule: complete_scores(results, rule, column) for rule in HEADLINE_RULES}
    return families_by(scores, results, cells, labels)


def families_by(
    scores: Mapping[str, Mapping[str, SeedArrays]],
    results: ResultSet,
    cells: pd.DataFrame,
    labels: Labels = "clean test labels",
) -> list[Family]:
    """Give what `families_over` gives by scores that are at hand, by rule and cell."""
    reference = results.reference
    found = {rule: cells_of_corpora(cells, by_cell, reference) for rule, by_cell in scores.items()}
    of_rules = {
        rule: {corpus: mean_scores(mine) for corpus, mine in corpora.items()} for rule, corpora in found.items()
    }
    priors = {rule: prior_of_scores(list(corpora.values()), reference) for rule, corpora in of_rules.items()}
    shared = [corpus for corpus in found[HEADLINE_RULES[0]] if all(corpus in corpora for corpora in found.values())]
    of_both = {
        corpus: mean_scores([MeanArrays(corpora[corpus], {}) for corpora in of_rules.values()]) for corpus in shared
    }
    of_both = {corpus: values for corpus, values in of_both.items() if reference in values}
    prior = prior_of_scores(list(of_both.values()), reference)
    sign = 1.0 if results.metric.higher_is_better else -1.0
    families = []
    for corpus in of_both:
        by_rule, methods = _compared_by_rule({rule: of[corpus] for rule, of in found.items()}, reference, priors)
        counted = MeanCorrectness([of[corpus] for of in found.values()], methods)
        families.append(
            Family(
                corpus=corpus,
                noises=tuple(cells.loc[(cells["corpus"] == corpus) & ~cells["clean"], "noise"]),
                reference=reference,
                by_rule=by_rule,
                means={
                    rule: {method: sign * float(np.mean(values)) for method, values in of_rules[rule][corpus].items()}
                    for rule in HEADLINE_RULES
                },
                both=MeanArrays(of_both[corpus], counted),
                prior=prior,
                labels=labels,
                checked=_checked_in(results, cells.index[cells["corpus"] == corpus]),
            )
        )
    return families


def _compared_by_rule(
    cells: Mapping[str, Sequence[SeedArrays]], reference: str, priors: Mapping[str, Prior]
) -> tuple[dict[str, dict[str, Comparison]], list[str]]:
    """Compare all methods of a corpus with the reference under each rule, and name
    those whose correctness has one shape under all.

    Correctness of one rule at a time is averaged, as that of all would take most of a
    report's memory.
    """
    compared, shapes = {}, []
    for rule, mine in cells.items():
        means = mean_of(mine)
        compared[rule] = compare_means(means, reference, priors[rule])
        shapes.append({method: bits.shape for method, bits in means.correct.items()})
    first, *others = shapes
    return compared, [method for method, shape in first.items() if all(of.get(method) == shape for of in others)]


def _checked_in(results: ResultSet, cells: pd.Index[str]) -> int:
    """Tell how many test texts have a checked label in every trial of some cells."""
    if not results.holds(CHECKED_ROWS):
        return 0
    rows = results.frame.loc[results.frame["cell"].isin(cells) & results.frame["rule"].notna(), CHECKED_ROWS]
    return int(rows.fillna(0).min()) if len(rows) else 0
