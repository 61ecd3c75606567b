"""Two methods side by side, in sentences.

Differences are in the unit of the metric, and positive where the first is better.
"""

from __future__ import annotations

import math

from benchmark.analysis.compare.measure import AcrossPair, CellPair, RulePair
from benchmark.analysis.layout.format import (
    NONE,
    capitalised,
    gain_range,
    metric_gain,
    metric_text,
    p_text,
    plural,
    rule_name,
    signed,
)
from benchmark.analysis.statistics.bayes import FEWEST_TO_DECIDE
from benchmark.records.metric_specs import MetricSpec

LEVEL = "5 %"
POWER = "80 % power"


def overall(pair: tuple[str, str], found: RulePair, rope: float) -> tuple[str, ...]:
    """Say what holds across blocks: the difference and its test, the posterior, what
    could be found, and then the cells.
    """
    across, title = found.across, _title(found)
    if across.found is None:
        return (f"{title}: no block holds both methods in full, so nothing is said across cells.", cells(pair, found))
    equal = _amount(found.metric, rope)
    return (
        f"{title}: {_difference(pair, found)}",
        f"Bayesian signed-rank test, practically equal within {equal}: {_posterior(pair, across)}.",
        f"What could be found: {_detectable(found, rope)}.",
        cells(pair, found),
    )


def brief(pair: tuple[str, str], found: RulePair) -> str:
    """Say what holds across blocks and within cells in one sentence."""
    across = found.across
    if across.found is None:
        return f"{_title(found)}: {cells(pair, found)}"
    test = across.across.verdict
    if across.across.decidable:
        test = f"p {p_text(across.found.p)}, {_decision(pair, across)}"
    mean = f"{metric_gain(found.metric, across.found.difference)} {found.metric.unit}"
    mean += f" over {plural(across.found.blocks, 'block')}"
    return f"{_title(found)}: {mean}, {test}. {cells(pair, found)}"


def _title(found: RulePair) -> str:
    return capitalised(rule_name(found.rule))


def _difference(pair: tuple[str, str], under: RulePair) -> str:
    across, metric = under.across, under.metric
    found = across.found
    assert found is not None
    words = (
        f"{pair[0]} against {pair[1]} is {metric_gain(metric, found.difference)} {metric.unit} on average over "
        f"{plural(found.blocks, 'block')} (corpus × noise kind); wins/ties/losses "
        f"{found.wins}/{found.ties}/{found.losses}; rank-biserial correlation {signed(found.rank_biserial, 2)}. "
    )
    if math.isfinite(found.low):
        words += f"95 % interval by corpus {gain_range(metric, found.low, found.high)}. "
    else:
        words += f"No interval: it takes six corpora, there {_are(across.corpora)}. "
    if not across.across.decidable:
        return f"{words}The signed-rank test {across.across.verdict}."
    words += f"Two-sided signed-rank test: p {p_text(found.p)}, {_decision(pair, across)}."
    shared = across.corpora < found.blocks
    return f"{words} Blocks of one corpus share its texts, so this p is on the hopeful side." if shared else words


def _decision(pair: tuple[str, str], across: AcrossPair) -> str:
    if across.decided:
        return f"{pair[0] if across.decided > 0 else pair[1]} is better beyond luck at {LEVEL}"
    return f"not distinguishable at {LEVEL}"


def _posterior(pair: tuple[str, str], across: AcrossPair) -> str:
    posterior = across.posterior
    if posterior is None:
        return "no block"
    shares = f"{pair[0]} better {_percent(posterior.better)}, equal {_percent(posterior.equivalent)}, "
    shares += f"{pair[1]} better {_percent(posterior.worse)}"
    decision = {"better": f"{pair[0]} is better", "worse": f"{pair[1]} is better", "equivalent": "practically equal"}
    if posterior.observations < FEWEST_TO_DECIDE:
        return f"{shares}; nothing is decided on fewer than {FEWEST_TO_DECIDE} blocks"
    return f"{shares}; {decision.get(posterior.decision or '', 'undecided, no region holds 95 %')}"


def _detectable(under: RulePair, rope: float) -> str:
    across, metric = under.across, under.metric
    found, asked = across.found, _amount(metric, rope)
    assert found is not None
    if not math.isfinite(found.deviation):
        return "one block says nothing of how blocks differ"
    if found.deviation <= 0:
        return "the blocks do not differ at all, which allows no estimate"
    here = (
        f"with {plural(found.blocks, 'block')} that differ by {_amount(metric, found.deviation)} (standard deviation), "
    )
    if math.isfinite(across.detectable):
        here += f"a mean difference of {_amount(metric, across.detectable)} with {POWER}"
    else:
        here += f"no difference however large, as {across.across.needed} blocks are needed"
    if across.needed is None:
        return f"{here}; {asked} would take more than 400 blocks"
    return f"{here}; {asked} would take {plural(across.needed, 'block')}"


def cells(pair: tuple[str, str], found: RulePair) -> str:
    """Say in how many cells which method is better beyond luck."""
    if not found.cells:
        return "Within cells: no cell has a seed that both methods finished under this rule."
    if not found.tested:
        return f"Within cells: no test in {plural(len(found.cells), 'cell')}; it takes two seeds."
    better, worse = found.count(1), found.count(-1)
    words = (
        f"Within cells: {pair[0]} is better in {better}, {pair[1]} in {worse}, not distinguishable in "
        f"{found.tested - better - worse} of {plural(found.tested, 'tested cell')} ({LEVEL}, Holm over the cells)"
    )
    untested = len(found.cells) - found.tested
    return f"{words}{f'; {untested} untested' if untested else ''}."


def both_rules(pair: tuple[str, str], found: tuple[RulePair, ...], ranked: bool) -> str:
    """Say whether a claim holds under every headline rule.

    No claim is made where a method is never ranked.
    """
    if not ranked:
        return "A diagnostic and no claim, because one of the two is never ranked."
    signs = {math.copysign(1, result.across.decided) if result.across.decided else 0 for result in found}
    if signs == {0}:
        decidable = any(result.across.across.decidable for result in found)
        shown = "no difference is shown" if decidable else "cannot decide"
        return f"For other corpora: {shown} across cells under either rule."
    if len(signs) == 1:
        winner = pair[0] if signs == {1} else pair[1]
        return f"For other corpora: {winner} is better across cells under both selection rules."
    return "For other corpora: the rules disagree, so nothing is claimed across cells."


def cell_texts(cell: CellPair, metric: MetricSpec) -> tuple[str, ...]:
    """Give both means, difference, interval, p before and after Holm, effect,
    detectable difference, seeds needed, seeds.
    """
    found = cell.comparison
    interval = f"{metric_gain(metric, found.low)}…{metric_gain(metric, found.high)}" if found.tested else NONE
    seeds = str(found.seeds) if found.seeds == cell.seeds else f"{found.seeds}/{cell.seeds}"
    needed = NONE if not found.tested else "never" if cell.needed is None else str(cell.needed)
    return (
        *(metric_text(metric, mean) for mean in cell.means),
        metric_gain(metric, found.difference),
        interval,
        p_text(found.p),
        p_text(found.p_holm),
        signed(found.cohens_d),
        metric_text(metric, cell.detectable),
        needed,
        seeds,
    )


CELL_COLUMNS = ("95 %", "p", "p Holm", "d", "finds", "needs", "seeds")


def _amount(metric: MetricSpec, value: float) -> str:
    """Give a size with its unit."""
    return f"{metric_text(metric, value)} {metric.unit}"


def _are(corpora: int) -> str:
    return f"is {corpora}" if corpora == 1 else f"are {corpora}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
