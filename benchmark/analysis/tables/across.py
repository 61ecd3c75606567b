"""Across cells: average ranks, and every method against the reference."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.analysis.layout.format import (
    NONE,
    capitalised,
    gain_range,
    gain_words,
    metric_gain,
    number,
    p_text,
    plural,
    rule_name,
    signed,
)
from benchmark.analysis.layout.grid import label
from benchmark.analysis.layout.table import Cell, Column, Row, Table
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.statistics import Across
from benchmark.analysis.statistics.power_across import smallest_detectable_effect
from benchmark.records.metric_specs import MetricSpec
from benchmark.records.schema import HEADLINE_RULES

DIFFERENCE = "difference"
COLUMNS = ("rank", DIFFERENCE, "95 % interval", "win/tie/loss", "effect", "p (Holm)")


def across_tables(results: ResultSet) -> list[Table]:
    """Give one table a headline rule, none where no ranked method has a block with the
    reference.
    """
    return [_table(results, rule) for rule in HEADLINE_RULES if results.across(rule).comparisons]


def _table(results: ResultSet, rule: str) -> Table:
    compared = results.across(rule)
    labels = {str(name): label(str(name), method) for name, method in results.methods.iterrows()}
    rows = tuple(Row(labels[name], _cells(compared, name, results.metric)) for name in method_order(results, rule))
    title = f"Across cells: every method against {results.reference}, {rule_name(rule)}"
    caption = (
        f"Over {plural(len(compared.blocks), 'block')} (corpus × noise kind); rank 1 is best; "
        f"{results.metric.unit}: mean difference to {results.reference}; p: Wilcoxon, Holm.{gain_words(results.metric)}"
    )
    columns = [results.metric.unit if name == DIFFERENCE else name for name in COLUMNS]
    return Table(f"across-{rule}", "across", title, caption, "method", tuple(map(Column, columns)), rows)


def claims_under_both(results: ResultSet) -> str:
    """Say which claims against the reference hold under both headline rules, and which
    under one alone.
    """
    compared = {rule: results.across(rule) for rule in HEADLINE_RULES}
    if not any(result.decidable for result in compared.values()):
        return "No claim across cells holds under both rules: neither can be decided."
    found = {rule: _claims(result) for rule, result in compared.items()}
    both = set.intersection(*found.values())
    words = f"Hold under both rules: {_in_words(both, results.reference) or 'no claim'}."
    for rule, claims in found.items():
        if alone := claims - both:
            words += f" Under {rule} alone, so not counted: {_in_words(alone, results.reference)}."
    return words + _by_corpus({method for _, method in both}, list(compared.values()))


def _by_corpus(claimed: set[str], compared: Sequence[Across]) -> str:
    """Say which claims an interval over corpora bears out, as blocks of one corpus are
    not independent.

    Below six corpora nothing is said.
    """
    mine = [[c for c in result.comparisons if c.method in claimed and c.low == c.low] for result in compared]
    if not all(mine):
        return ""
    borne = set.intersection(*({c.method for c in found if c.low > 0 or c.high < 0} for found in mine))
    names = "all of them" if borne == claimed else f"{', '.join(sorted(borne))} alone" if borne else "none of them"
    return (
        " Blocks of one corpus share its texts; where each corpus counts once, the 95 % interval of the mean "
        f"leaves zero out under both rules for {names}."
    )


def _claims(result: Across) -> set[tuple[str, str]]:
    return {("better" if c.difference > 0 else "worse", c.method) for c in result.comparisons if c.claim}


def _in_words(claims: set[tuple[str, str]], reference: str) -> str:
    """Name methods by what is claimed of them, each kind in one clause."""
    clauses = []
    for kind in ("better", "worse"):
        names = sorted(method for claimed, method in claims if claimed == kind)
        if names:
            verb = "is" if len(names) == 1 else "are"
            clauses.append(f"{', '.join(names)} {verb} {kind} than {reference}")
    return "; ".join(clauses)


def method_order(results: ResultSet, rule: str) -> list[str]:
    """Give the methods that are ranked or compared across cells, by rank under a rule,
    those without a rank last.
    """
    compared = results.across(rule)
    some = {one.method for one in compared.comparisons} | {results.reference, *compared.ranks}
    return sorted(some & set(results.methods.index), key=lambda name: (compared.ranks.get(name, float("inf")), name))


def _cells(result: Across, name: str, metric: MetricSpec) -> tuple[Cell, ...]:
    rank = Cell(number(result.ranks.get(name, float("nan"))))
    found = next((c for c in result.comparisons if c.method == name), None)
    if found is None:
        return (
            rank,
            *[Cell("reference" if name == result.reference and i == 0 else NONE) for i in range(len(COLUMNS) - 1)],
        )
    interval = gain_range(metric, found.low, found.high)
    score = f"{found.wins}/{found.ties}/{found.losses}"
    texts = (
        metric_gain(metric, found.difference),
        interval,
        score,
        signed(found.rank_biserial, 2),
        p_text(found.p_holm),
    )
    return (rank, *map(Cell, texts))


def across_words(results: ResultSet) -> tuple[str, ...]:
    """Say how the tables across cells are made, and of each rule what the tests over
    all methods gave.
    """
    compared = {rule: results.across(rule) for rule in HEADLINE_RULES}
    if not any(result.comparisons for result in compared.values()):
        return ()
    words = (
        "Across cells: blocks are corpus × noise kind, mean over rates and seeds; clean cells and blocks that lack a "
        "seed stay out. Only methods with every block have a rank. p: two-sided Wilcoxon signed-rank test, zero "
        "differences dropped (zero_method wilcox), step-down Holm over the methods. Effect: rank-biserial correlation, "
        "-1 to 1. Interval: Student t over the means of the corpora, from six corpora on; each corpus counts once "
        "there, each block in the points."
    )
    return (words, *(said for rule, result in compared.items() if (said := _over_all(rule, result))))


def _over_all(rule: str, result: Across) -> str:
    found = [result.verdict] if result.comparisons else []
    if result.friedman_p == result.friedman_p:
        found.append(f"Friedman p {p_text(result.friedman_p)}, Iman-Davenport p {p_text(result.iman_davenport_p)}")
    if result.decidable:
        found.append(_detectable(result))
    if result.unranked:
        found.append(f"without a rank, blocks missing: {', '.join(result.unranked)}")
    return f"{_rule(rule)}: {'; '.join(found)}." if found else ""


def _detectable(result: Across) -> str:
    effect = smallest_detectable_effect(len(result.blocks), len(result.comparisons))
    return (
        f"found with 80 % power at the first step of Holm: a mean difference of {number(effect, 1)} standard "
        "deviations of the blocks' differences"
    )


def _rule(rule: str) -> str:
    return capitalised(rule_name(rule))
