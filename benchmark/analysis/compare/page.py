"""One page on two methods: what they are, who is better, what could be found, what they
cost.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from benchmark.analysis.compare import text as prose
from benchmark.analysis.compare.measure import RulePair, measure
from benchmark.analysis.compare.opening import pair_data, pair_sentence, pair_verdict
from benchmark.analysis.frame import comparable_groups, needs_of, refuse_unmeasured, tidy
from benchmark.analysis.layout.format import CONTROL, LEGEND, ORACLE, count, metric_text, number, plural, rule_name
from benchmark.analysis.layout.grid import label
from benchmark.analysis.layout.table import Cell, Column, Row, Table
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.settings import result_sets
from benchmark.analysis.tables.costs import cost_ratios
from benchmark.contracts.errors import BenchmarkError, UnknownNameError
from benchmark.records.metric_specs import MetricSpec, metric_named
from benchmark.records.schema import HEADLINE_RULES, Record

ENSEMBLE = "ensemble_ce"


@dataclass(frozen=True, slots=True)
class PairPart:
    """What the page says of two methods under one encoder and recipe.

    `opening` is the verdict in one sentence and `verdict` the same as plain data, both
    empty where the two share no score.
    """

    name: str
    opening: str
    verdict: dict[str, Any]
    sentences: tuple[str, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class PairPage:
    """The page: a title, what the two methods are, a part for each encoder and recipe,
    and what was kept apart.
    """

    title: str
    introduction: tuple[str, ...]
    parts: tuple[PairPart, ...]
    apart: tuple[str, ...]


def compare_pair(
    records: Iterable[Record], first: str, second: str, rope: float | None = None, metric: str = "accuracy"
) -> PairPage:
    """Compare two methods, ranked or not, like with like.

    `rope` is the difference in the metric, as records hold it, that is practically
    none.

    Raises UnknownNameError for an unknown metric or a method that no record has,
    BenchmarkError where no record has the metric or the two never meet.
    """
    records, spec = list(records), metric_named(metric)
    rope = spec.practically_equal if rope is None else rope
    if first == second:
        raise BenchmarkError(f"Both methods are '{first}'. Name two different ones.")
    known = {record.method for record in records}
    for name in (first, second):
        if name not in known:
            raise UnknownNameError("method", name, known, "It must be among the records.")
    frame = tidy(records)
    refuse_unmeasured(frame, spec)
    separation = comparable_groups(frame)
    parts: list[PairPart] = []
    introduction: tuple[str, ...] = ()
    for results in result_sets(separation, second, metric=spec):
        if {first, second} <= set(results.methods.index):
            introduction = introduction or _introduction(results, (first, second))
            if part := _part(results, (first, second), rope):
                parts.append(part)
    if not parts:
        raise BenchmarkError(
            f"'{first}' and '{second}' have no finished trial in a cell of the same corpus, noise, encoder and recipe. "
            "Run both on one: python -m benchmark run --methods NAME,NAME."
        )
    return PairPage(f"{first} against {second}", introduction, tuple(parts), separation.sentences())


def _introduction(results: ResultSet, pair: tuple[str, str]) -> tuple[str, ...]:
    words = [_described(name, results.methods.loc[[name]].iloc[0]) for name in pair]
    return (*words, _differences(results.metric, pair))


def _differences(metric: MetricSpec, pair: tuple[str, str]) -> str:
    if metric.name == "accuracy":
        return f"Differences are accuracy points, {pair[0]} minus {pair[1]}."
    words = f"Differences are {metric.unit} of {metric.in_words}"
    if metric.higher_is_better:
        return f"{words}, {pair[0]} minus {pair[1]}."
    return f"{words}, {pair[1]} minus {pair[0]}: lower is better, and positive means that {pair[0]} is better."


def _variance(metric: MetricSpec) -> str:
    if metric.per_example:
        return "with the variance from test examples added"
    return "with the variance between seeds alone"


def _described(name: str, method: pd.Series) -> str:
    needs = needs_of(method)
    networks = plural(int(method["networks"]), "network")
    words = f"{name}: family {method['family']}, {networks}; needs " + (
        f"{', '.join(needs)}." if needs else "nothing but noisy labels."
    )
    if method["oracle"]:
        words += f" {ORACLE} ORACLE: it is given what nobody has; shown here, never ranked."
    if method["control"]:
        words += f" {CONTROL} CONTROL: shown here, never ranked."
    return words


def _part(results: ResultSet, pair: tuple[str, str], rope: float) -> PairPart | None:
    metric = results.agreement_column if results.without_clean_test else results.column
    found = tuple(measure(results, pair, rule, metric, rope) for rule in HEADLINE_RULES)
    if not any(result.cells for result in found):
        return None
    methods = results.methods.loc[list(pair)]
    ranked = not bool((methods["oracle"] | methods["control"]).any())
    marked = (label(pair[0], methods.iloc[0]), label(pair[1], methods.iloc[1]))
    sentences = [prose.both_rules(marked, found, ranked)]
    if results.without_clean_test:
        sentences.append("There are no clean test labels: everything here is agreement with noisy ones.")
    for result in found:
        sentences += prose.overall(marked, result, rope)
    sentences += _like_with_like(results, pair, marked, rope) if not results.without_clean_test else ()
    sentences += _costs(results, pair)
    tables = tuple(_table(marked, result, rope) for result in found if result.cells)
    verdict = pair_verdict(results, pair, metric)
    opening = "" if verdict is None else pair_sentence(verdict, results.metric)
    data = {} if verdict is None else pair_data(results, verdict)
    return PairPart(results.name, opening, data, tuple(sentences), tables)


def _like_with_like(results: ResultSet, pair: tuple[str, str], marked: tuple[str, str], rope: float) -> tuple[str, ...]:
    """Set single networks against single networks where either method averages
    several.
    """
    networks = [int(k) for k in results.methods.loc[list(pair), "networks"]]
    if max(networks) == 1:
        return ()
    several = " and ".join(f"{name} averages {k}" for name, k in zip(pair, networks, strict=True) if k > 1)
    words = [
        f"Networks: above, {several}, which by itself gains accuracy. The next two are single networks, like with like."
    ]
    if networks[0] == networks[1]:
        words = [f"Networks: {several}; above is ensemble against ensemble. The next two compare single networks."]
    words += [prose.brief(marked, measure(results, pair, rule, results.single_column, rope)) for rule in HEADLINE_RULES]
    if networks[0] != networks[1] and not any(name.startswith(ENSEMBLE) for name in pair):
        words.append(f"The fair rival of several networks is {ENSEMBLE}, as many plain ones averaged.")
    return tuple(words)


def _costs(results: ResultSet, pair: tuple[str, str]) -> tuple[str, ...]:
    trials = results.trials[results.trials["method"].isin(pair) & (results.trials["status"] == "done")]
    trials = trials[trials["wall_s"].notna()]
    if trials["method"].nunique() < len(pair):
        return ()
    numbers = ["wall_s", "forward_texts", "backward_texts", "peak_mib", "gpu_peak_mib"]
    median = trials[["method", *numbers]].astype(dict.fromkeys(numbers, "float64")).groupby("method").median()
    each = [_cost(name, {column: float(median[column][name]) for column in numbers}) for name in pair]
    ratio = float(cost_ratios(trials, pair[1]).reindex([pair[0]]).iloc[0])
    if math.isnan(ratio):
        return (f"Costs, medians of a trial: {'; '.join(each)}. No two ran on the same device and threads.",)
    return (
        f"Costs, medians of a trial: {'; '.join(each)}. On the same cell, seed, device and threads {pair[0]} takes "
        f"{number(ratio)} times the seconds of {pair[1]}.",
    )


def _cost(name: str, cost: dict[str, float]) -> str:
    gpu = "" if math.isnan(cost["gpu_peak_mib"]) else f", GPU {number(cost['gpu_peak_mib'], 0)} MiB"
    return (
        f"{name} {number(cost['wall_s'], 1)} s, {count(cost['forward_texts'])} texts forward, "
        f"{count(cost['backward_texts'])} backward, peak {number(cost['peak_mib'], 0)} MiB{gpu}"
    )


def _table(marked: tuple[str, str], found: RulePair, rope: float) -> Table:
    columns = tuple(map(Column, (*marked, found.metric.unit, *prose.CELL_COLUMNS)))
    rows = tuple(Row(cell.name, tuple(map(Cell, prose.cell_texts(cell, found.metric)))) for cell in found.cells)
    caption = (
        f"Test {found.metric.in_words} and difference in {found.metric.unit} over the seeds that both methods have, "
        f"k/n where some are missing. 95 %: its interval, and p: seed-paired t {_variance(found.metric)}; Holm over "
        "these cells. "
        "d: mean of the paired differences over their deviation. Finds: the true difference that this test finds with "
        f"{prose.POWER}, p before Holm. Needs: the seeds with which it would find "
        f"{metric_text(found.metric, rope)} {found.metric.unit}; never: the "
        f"test texts are too few. Both rest on the deviation of few seeds and are rough. {LEGEND}"
    )
    title = f"Cell by cell, {rule_name(found.rule)}"
    return Table(f"pair-{found.rule}", "differences", title, caption, "cell", columns, rows)
