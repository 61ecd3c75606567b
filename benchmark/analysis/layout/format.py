"""Numbers, names and rules as they read in every table."""

from __future__ import annotations

import math

from benchmark.records.metric_specs import MetricSpec

RULE_NAMES = {
    "last": "last point of training",
    "noisy_valid": "best on noisy validation labels",
    "clean_valid": "oracle: best on clean validation labels",
    "best_test": "oracle: best on the test set",
}
NONE = "–"
LONGEST_IN_SECONDS = LONGEST_IN_MINUTES = 90
NEEDS, ORACLE, CONTROL = "†", "‡", "§"
LEGEND = (
    f"{NEEDS} reads test texts, label names or unlabelled texts; {ORACLE} oracle, is given what nobody has, never "
    f"ranked; {CONTROL} control, never ranked; ×K trains K networks."
)


def rule_name(rule: str) -> str:
    """Name the selection rule in words."""
    return RULE_NAMES.get(rule, rule)


def points(share: float, digits: int = 1) -> str:
    """Write a share as accuracy points, or a dash.

    >>> points(0.8125), points(float("nan"))
    ('81.2', '–')
    """
    return number(100 * share, digits)


def duration(seconds: float) -> str:
    """Say a number of seconds as a person would.

    >>> duration(89.6), duration(100.0), duration(7300.0)
    ('90 s', '2 min', '2.0 h')
    """
    if seconds <= LONGEST_IN_SECONDS:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes <= LONGEST_IN_MINUTES else f"{minutes / 60:.1f} h"


def number(value: float, digits: int = 2) -> str:
    """Write a number with fixed digits, or a dash where there is none."""
    if not math.isfinite(value):
        return NONE
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def signed(value: float, digits: int = 1) -> str:
    """Write a number with its sign, or a dash."""
    text = number(value, digits)
    return text if text == NONE or text.startswith("-") or float(text) == 0 else f"+{text}"


def metric_text(metric: MetricSpec, value: float) -> str:
    """Write a value of a metric in its unit and with its digits, or a dash."""
    return number(metric.scale * value, metric.digits)


def metric_gain(metric: MetricSpec, value: float) -> str:
    """Write a difference of a metric with its sign, in its unit, or a dash."""
    return signed(metric.scale * value, metric.digits)


def gain_range(metric: MetricSpec, low: float, high: float) -> str:
    """Write an interval of a difference, or a dash where there is none."""
    return NONE if math.isnan(low) else f"{metric_gain(metric, low)} to {metric_gain(metric, high)}"


def gain_with_range(metric: MetricSpec, difference: float, low: float, high: float) -> str:
    """Write a difference of a metric, and its interval in brackets where it has one."""
    gain = metric_gain(metric, difference)
    return gain if math.isnan(low) else f"{gain} ({gain_range(metric, low, high)})"


def gain_words(metric: MetricSpec) -> str:
    """Say what the sign of a difference means where lower is better, else nothing."""
    return "" if metric.higher_is_better else f" Positive is better: a lower {metric.in_words}."


def p_text(p: float) -> str:
    """Write a p value as papers print it.

    >>> p_text(0.0321), p_text(1e-5), p_text(float("nan"))
    ('.032', '<.001', '–')
    """
    if math.isnan(p):
        return NONE
    return "<.001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def count(value: float) -> str:
    """Write a large count in few letters.

    >>> count(950), count(12_345), count(3_400_000)
    ('950', '12.3k', '3.4M')
    """
    if math.isnan(value):
        return NONE
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.1f}{unit}"
    return f"{value:.0f}"


def method_label(name: str, networks: int, needs: bool, oracle: bool, control: bool) -> str:
    """Name the method with its symbols."""
    marks = [mark for mark, holds in ((ORACLE, oracle), (NEEDS, needs and not oracle), (CONTROL, control)) if holds]
    if networks > 1:
        marks.append(f"×{networks}")
    return " ".join([name, *marks])


def plural(quantity: int, noun: str, many: str = "") -> str:
    """Write a quantity with its noun."""
    return f"{quantity} {noun if quantity == 1 else many or noun + 's'}"


def capitalised(text: str) -> str:
    """Begin a text with a capital letter, and leave the rest as it is."""
    return f"{text[:1].upper()}{text[1:]}"


def seeds_text(low: int, high: int) -> str:
    """Say how many seeds the cells have."""
    return plural(high, "seed") if low == high else f"{low} to {high} seeds"
