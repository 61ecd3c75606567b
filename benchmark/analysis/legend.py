"""The one legend of a report: what its marks, numbers and tests mean."""

from __future__ import annotations

from benchmark.analysis.layout.format import LEGEND, metric_text
from benchmark.analysis.result_set import ResultSet
from benchmark.analysis.tables.across import across_words
from benchmark.analysis.tables.by_cell.main import tested_comparisons
from benchmark.analysis.verdict import recommendations
from benchmark.records.metric_specs import MetricSpec

NUMBERS = (
    "of the averaged networks where a method trains several. (2/3): a seed is missing, so the mean is neither marked "
    "nor ranked. A dash: not run."
)
VERDICT = (
    "Verdict of a corpus: of the ranked methods that are better than {reference} under both rules (Holm) the one with "
    "the highest mean over both, or the cheapest of those whose interval to it stays within {equal}; without any, "
    "{reference}. Gains are means over the noisy cells and both rules, and their intervals hold together for all "
    "compared methods, as the best was chosen by the same numbers."
)
RULES = (
    "Two rules choose the moment of training that is scored, the last point and the best on noisy validation labels; "
    "neither reads a clean label. A claim counts where it holds under both."
)
WITHIN = (
    "Underlined: not distinguishable from the best at 5 %, by a seed-paired t test {variance}, "
    "variances between seeds drawn towards those of the whole result set (Smyth 2004), and Holm "
    "over the cell's comparisons with the best, times half the number of methods, as the best was chosen by the same "
    "data."
)
WITH_EXAMPLES = "with the variance from test examples added"
FROM_SEEDS = "whose variance is that between seeds alone, as {metric} has no value for each test text"
NO_TEST = "No test within a cell: it takes two seeds and two ranked methods in a cell."


def legend(results: ResultSet) -> tuple[str, ...]:
    """Say in sentences what is needed to read the tables of a setting."""
    metric = results.metric
    equal = f"{metric_text(metric, metric.practically_equal)} {metric.unit}"
    verdict = [VERDICT.format(reference=results.reference, equal=equal)] if recommendations(results) else []
    return (*verdict, _numbers(metric), RULES, _within(results), *across_words(results), LEGEND)


def _numbers(metric: MetricSpec) -> str:
    """Say how a mean and its deviation are printed."""
    if metric.unit == "points":
        names = "Accuracies" if metric.name == "accuracy" else f"Values of {metric.in_words}"
        shown = "are in points: 81.2 ± 0.4 is a mean of 81.2 % with a standard deviation (ddof 1) of 0.4 over seeds, "
        return f"{names} {shown}{NUMBERS}"
    shown = f"is in {metric.unit}, a mean ± a standard deviation (ddof 1) over seeds, "
    return f"{metric.title} {shown}{NUMBERS}"


def _within(results: ResultSet) -> str:
    tested = tested_comparisons(results, results.agreement_column if results.without_clean_test else results.column)
    per_example = results.metric.per_example
    bold = "Bold: best ranked method with every seed."
    if not tested:
        return f"{bold} {NO_TEST}"
    if not per_example:
        return f"{bold} {WITHIN.format(variance=FROM_SEEDS.format(metric=results.metric.in_words))}"
    without = sum(1 for comparison in tested if comparison.example_variance is None)
    lacking = (
        f" In {without} of {len(tested)} comparisons the variance from test examples was not at hand."
        if without
        else ""
    )
    words = f"{bold} {WITHIN.format(variance=WITH_EXAMPLES)}{lacking}"
    return f"{words} For single networks that variance is taken from the averaged ones."
