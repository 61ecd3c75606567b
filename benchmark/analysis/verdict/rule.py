"""The rule by which a method is recommended for a corpus, fixed beforehand.

Candidates are the ranked methods that are better than the reference under both headline
rules, each time by the test within a corpus with Holm over its methods. Controls and
oracles are never candidates. Without a candidate the reference is recommended.

Else it is the candidate with the highest mean over both rules, unless a cheaper one's
interval to it stays within the difference that counts as practically none (one point of
accuracy). Then it is the cheapest of these. The intervals hold together for all cheaper
candidates. A method that merely cannot be told from the best is not preferred for its
price, as that would reward a comparison that sees little.

Where some test texts alone were checked, no test decides, since so few texts see
little. The method with the highest mean over both rules on them is taken, the reference
among the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from benchmark.analysis.statistics import compare_with_best
from benchmark.analysis.statistics.within import LEVEL
from benchmark.analysis.verdict.families import Family


@dataclass(frozen=True, slots=True)
class Choice:
    """What the rule chose, and the candidate with the highest mean."""

    method: str
    highest: str


def candidates(family: Family) -> tuple[str, ...]:
    """Give the methods that are better than the reference under both rules."""
    return tuple(
        method
        for method in family.compared
        if all(found[method].distinguishable and found[method].difference > 0 for found in family.by_rule.values())
    )


def choose(family: Family, prices: Mapping[str, float], practically_equal: float) -> Choice:
    """Apply the rule to a corpus.

    Parameters
    ----------
    family : the corpus' methods.
    prices : by method, its seconds as a multiple of the reference's. A method without a
        finite price is never the cheaper one.
    practically_equal : the difference that counts as none, as records hold it.
    """
    if family.labels == "checked labels":
        highest = max((family.reference, *family.compared), key=family.score)
        return Choice(highest, highest)
    found = candidates(family)
    if not found:
        return Choice(family.reference, family.reference)
    highest = max(found, key=family.score)
    most = prices.get(highest, math.nan)
    cheaper = [method for method in found if prices.get(method, math.nan) < most]
    if not cheaper:
        return Choice(highest, highest)
    compared = compare_with_best(*family.both, highest, family.prior, LEVEL / len(cheaper))
    near = [one.method for one in compared if one.method in cheaper and one.low >= -practically_equal]
    return Choice(min(near, key=lambda method: prices[method], default=highest), highest)
