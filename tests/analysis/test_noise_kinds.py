"""The table and the figure of kinds of noise."""

import pytest

from benchmark.analysis.figures.noise_kinds import in_few_colours, noise_kinds_figure
from benchmark.analysis.layout.noise_kinds import by_roc_area, kinds_markdown, with_kinds
from benchmark.contracts import BenchmarkError

MOST_BYTES = 100_000
pytestmark = pytest.mark.usefixtures("every_format")


def kind(corpus, area, maker="people", **changed):
    rates = {"rate": 0.2, "worst": "a|b", "worst_rate": 0.4, "best": "c", "best_rate": 0.1}
    measures = {"asymmetry": 0.5, "agreement": None, "roc_area": area}
    named = {"corpus": corpus, "source": "crowd", "made_by": maker, "split": "train", "rows": 1234}
    return named | rates | measures | changed


ROWS = [kind("one", 0.7), kind("two", None, "rules"), kind("three", 0.9, "")]


def test_what_is_told_best_stands_first_and_what_is_not_known_last():
    assert [row["corpus"] for row in by_roc_area(ROWS)] == ["three", "one", "two"]


def test_a_row_says_rates_in_percent_and_what_is_absent():
    rows = kinds_markdown(ROWS).splitlines()
    assert rows[3] == r"| one | `crowd`: people | train | 1,234 | 20.0 % | a\|b 40.0 % | c 10.0 % | 0.50 | – | 0.70 |"
    assert rows[4].endswith("| – | – |")


def test_a_page_keeps_what_stands_round_the_table():
    page = "# Kinds\n\n<!-- kinds of noise -->\nold\n<!-- end of kinds of noise -->\nlast\n"
    once = with_kinds(page, "| table |\n", "figure.png")
    assert once.startswith("# Kinds\n\n<!-- kinds of noise -->\n| table |\n")
    assert "(figure.png)" in once
    assert once.endswith("<!-- end of kinds of noise -->\nlast\n")
    assert with_kinds(once, "| table |\n", "figure.png") == once


def test_a_page_without_a_place_for_the_table_is_refused():
    with pytest.raises(BenchmarkError, match="end of kinds of noise"):
        with_kinds("# Kinds\n", "| table |\n", "figure.png")


def test_the_figure_is_small_and_always_the_same():
    makers = ("rules", "people", "language models", "word lists", "")
    rows = [kind(f"corpus_{n}", None if n == 3 else n / 40, makers[n % 5]) for n in range(36)]
    once = in_few_colours(noise_kinds_figure(rows).png)
    assert len(once) < MOST_BYTES
    assert once == in_few_colours(noise_kinds_figure(rows).png)
