"""The figures of the manual's page on audits are those of their archive."""

import re
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
WORDS = " ".join(PAGE.split())
ARCHIVE = ROOT / "results" / "measured" / "detection"
VOTES = pd.read_parquet(ARCHIVE / "votes.parquet").groupby("corpus").mean(numeric_only=True)
SHOWN = ["wrong", "votes", "texts", "soft", "majority", "consensus", "corrected"]


def rows_of(first):
    """The cells of each row of the table whose header begins with a word."""
    table = re.search(rf"^\| {first} .*\n\|[ -|]+\n((?:\|.*\n)+)", PAGE, re.M)[1]
    return [line.strip("| ").split(" | ") for line in table.splitlines()]


def test_the_table_of_several_annotators_is_that_of_the_archive():
    rows = rows_of("table")
    assert sorted(row[0].partition(",")[0] for row in rows) == sorted(VOTES.index)
    for name, wrong, by, *figures in rows:
        found = VOTES.loc[name.partition(",")[0]]
        assert by == ("votes" if found["by_votes"] > 0.5 else "texts"), name
        assert [float(wrong), *map(float, figures)] == [pytest.approx(found[column], abs=6e-4) for column in SHOWN]


def test_what_is_said_of_shares_is_what_the_archive_says():
    assert f"{VOTES['soft'].mean():.3f}".lstrip("0") in WORDS
    assert f"{VOTES['texts'].mean():.3f}".lstrip("0") in WORDS
    assert f"ahead on {(VOTES['soft'] > VOTES['texts']).sum()} of the {len(VOTES)} tables" in WORDS


def test_what_is_said_of_counts_is_what_the_archive_says():
    counts = (ARCHIVE / "calibration.md").read_text(encoding="utf-8")
    for word in ("reliable", "unreliable"):
        called, right = re.search(rf"Called {word}: (\d+) .* right of (\d+)", counts).groups()
        assert f"{right} of {called}" in WORDS
    called, held = re.search(r"Called reliable: (\d+) .* true number in (\d+)", counts).groups()
    assert f"true number in {held} of {called} runs" in WORDS
    held, after, before = re.search(r"in ([\d.]+)% of .* error is ([\d.]+) instead of (\d*\.\d+)", counts).groups()
    assert f"{float(held):.0f} of 100 draws" in WORDS
    assert f"from {float(before):.2f} to {float(after):.2f}".replace("0.", ".") in WORDS


def test_the_table_of_texts_of_no_class_is_that_of_the_archive():
    scores = pd.read_parquet(ARCHIVE / "foreign.parquet")
    means = scores[scores["score"] == "outside"].groupby(["corpus", "noise"]).mean(numeric_only=True)
    rows = rows_of("corpus and noise")
    assert len(rows) == len(means)
    for cell, foreign, area, precision, first in rows:
        found = means.loc[tuple(cell.split(", "))]
        assert [float(foreign), float(area), float(precision)] == [
            pytest.approx(found[column], abs=0.0051) for column in ("foreign", "area", "average_precision")
        ]
        assert int(first) == round(found["first"]), cell
