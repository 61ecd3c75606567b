"""The page on kinds of noise holds what the cards say, and what is measured again."""

import dataclasses
import re
from pathlib import Path

import pytest

from benchmark.analysis.layout.noise_kinds import kinds_markdown
from benchmark.corpora import availability, corpus_names, load_card, load_corpus
from benchmark.noisy_labels.kinds import kinds_of

DOCS = Path(__file__).resolve().parents[2] / "docs"
MOST_BYTES = 100_000
ROWS = {
    (cells[0], cells[1].split("`")[1]): cells
    for cells in (
        re.split(r" (?<!\\)\| ", line.strip("| "))
        for line in (DOCS / "kinds-of-noise.md").read_text(encoding="utf-8").splitlines()
        if re.match(r"\| \w+ \| `\w+`: ", line)
    )
}
SOURCES = [(name, source) for name in corpus_names() for source in load_card(name).observed]


def percent(share):
    return f"{100 * share:.1f} %"


def test_every_source_of_noisy_labels_has_a_row():
    assert sorted(ROWS) == sorted(SOURCES)


@pytest.mark.parametrize(("name", "source"), SOURCES)
def test_the_rates_are_those_of_the_card(name, source):
    seen = load_card(name).observed[source]
    _, made_by, split, rows, wrong, worst, best, *_ = ROWS[name, source]
    rates = seen.by_class[split].values()
    assert made_by.endswith(seen.made_by)
    assert rows == f"{seen.measured[split].covered:,}"
    assert wrong == percent(seen.measured[split].rate)
    assert worst.endswith(f" {percent(max(rates))}")
    assert best.endswith(f" {percent(min(rates))}")


@pytest.mark.parametrize("name", ["amazon_book", "fpb_llm"])
def test_a_row_is_what_is_measured_again(name):
    if not availability(name).at_hand:
        pytest.skip(f"files of {name} not at hand")
    made = kinds_markdown([dataclasses.asdict(kind) for kind in kinds_of(load_card(name), load_corpus(name))])
    page = (DOCS / "kinds-of-noise.md").read_text(encoding="utf-8")
    assert [line for line in made.splitlines()[2:] if line not in page] == []


def test_the_findings_count_as_the_table_does():
    text = (DOCS / "kinds-of-noise.md").read_text(encoding="utf-8").partition("## Findings")[2].replace("\n  ", " ")
    skewed = [float(cells[7]) for cells in ROWS.values() if cells[7] != "–"]
    areas = [float(cells[9]) for cells in ROWS.values() if cells[9] != "–"]
    assert f"above 0.5 for {sum(value > 0.5 for value in skewed)} of {len(skewed)} sources" in text
    assert f"0.86 or more for {sum(area >= 0.86 for area in areas)} of {len(areas)} sources" in text
    assert sum(area <= 0.65 for area in areas) == 6


def test_the_figure_is_small():
    assert (DOCS / "noise-kinds.png").stat().st_size < MOST_BYTES
