"""The tables of the findings are what their archives give."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
MEASURED = ROOT / "results" / "measured"
FINDINGS = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
SECTIONS = re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", FINDINGS, re.M | re.S)
EXPECTED = json.loads((ROOT / "benchmark" / "analysis" / "expectations.json").read_text(encoding="utf-8"))
LAST, VALID = "last", "noisy_valid"
SEMEVAL, TREC = ("semeval", "observed(weak)"), ("trec", "observed(weak)")
ACCURACIES = {
    "Every method on TREC": [(("trec", "symmetric(0.4)"), LAST), (("trec", "symmetric(0.4)"), VALID)],
    "Fine-tuned MiniLM on real noise": [(SEMEVAL, LAST), (TREC, LAST)],
    "Why DyGen stays behind on SemEval": [(SEMEVAL, LAST)],
}
EVERYWHERE, INJECTED, OBSERVED = "", r"^(?!observed)", r"^observed"
GAINS = {
    "The full grid": [(EVERYWHERE, LAST), (EVERYWHERE, VALID)],
    "Injected and observed noise": [(INJECTED, LAST), (OBSERVED, LAST)],
    "The related systems": [(EVERYWHERE, LAST), (EVERYWHERE, VALID)],
}
NEW_CELLS = [("semeval|trec|chemprot|hausa|yoruba|noisyag", True, LAST)]
NEW_CELLS += [("semeval|trec|chemprot|hausa|yoruba|noisyag", False, rule) for rule in (LAST, VALID)]
CALLED = {"clean labels (oracle)": "clean_upper_bound"}


def rows_of(section):
    """Name and numbers of each row of a section's table."""
    table = re.findall(r"^\| (?!-)(.+?) \| (.+) \|$", dict(SECTIONS)[section], re.M)[1:]
    return [(CALLED.get(name.strip("`"), name.strip("`")), cells.split(" | ")) for name, cells in table]


def accuracies(section):
    archive = re.search(r"Archive `([\w-]+)`", dict(SECTIONS)[section])[1]
    columns = ["method", "corpus", "noise", "last_test_accuracy", "noisy_valid_test_accuracy"]
    records = pd.read_parquet(MEASURED / archive / "records.parquet", columns=columns)
    return 100 * records.groupby(columns[:3])[columns[3:]].mean()


@pytest.mark.parametrize("section", ACCURACIES)
def test_accuracies_are_those_of_the_archive(section):
    measured, rows = accuracies(section), rows_of(section)
    assert len(rows) >= 4
    for name, cells in rows:
        found = [measured.loc[(name, *cell), f"{rule}_test_accuracy"] for cell, rule in ACCURACIES[section]]
        assert [float(cell) for cell in cells] == [pytest.approx(number, abs=0.051) for number in found], name


@pytest.mark.parametrize("section", GAINS)
def test_gains_are_those_of_the_archive(section):
    cells = accuracies(section).reset_index()
    cells = cells[cells["noise"] != "clean()"].assign(
        kind=lambda frame: frame["noise"].str.replace(RATE, "", regex=True)
    )
    rows = rows_of(section)
    assert len(rows) >= 5
    for name, shown in rows:
        for (kind, rule), cell in zip(GAINS[section], shown, strict=False):
            some = cells[cells["kind"].str.contains(kind)]
            blocks = some.groupby(["method", "corpus", "kind"])[f"{rule}_test_accuracy"].mean().unstack("method")
            gain = (blocks[name] - blocks["cross_entropy"]).mean()
            assert float(cell) == pytest.approx(gain, abs=0.051), name


@pytest.mark.parametrize("section", ["The full grid", "The related systems"])
def test_seconds_are_those_that_explain_says(section):
    archive = re.search(r"Archive `([\w-]+)`", dict(SECTIONS)[section])[1]
    rows = rows_of(section)
    assert len(rows) >= 5
    for name, cells in rows:
        (said,) = (one["seconds"] for one in EXPECTED[name] if one["archive"] == archive)
        assert float(cells[-1]) == pytest.approx(said, abs=0.051 if said < 20 else 0.51), name


def test_gains_on_old_and_new_cells_of_observed_noise_are_those_of_the_archive():
    cells = accuracies("Twenty-one cells of observed noise")
    rows = rows_of("Twenty-one cells of observed noise")
    assert len(rows) >= 5
    for name, shown in rows:
        for (corpora, older, rule), cell in zip(NEW_CELLS, shown, strict=True):
            means = cells[f"{rule}_test_accuracy"].unstack("method")
            some = means[means.index.get_level_values("corpus").str.fullmatch(corpora) == older]
            gain = (some[name] - some["cross_entropy"]).mean()
            assert float(cell) == pytest.approx(gain, abs=0.051), name


RATE = r"\([\d.]+\)$"


@pytest.mark.parametrize("section", [title for title, _ in SECTIONS if title != "Limits"])
def test_every_finding_names_an_archive_that_is_there(section):
    named = re.findall(r"Archive `([\w-]+)`", dict(SECTIONS)[section])
    assert named
    assert [name for name in named if not (MEASURED / name).is_dir()] == []


def test_limits_stand_last():
    assert SECTIONS[-1][0] == "Limits"


@pytest.mark.parametrize(("corpus", "column"), [("semeval", 1), ("trec", 2)])
def test_what_can_be_told_from_the_best_is_what_the_table_does_not_underline(corpus, column):
    table = (MEASURED / "fine-tuned-minilm-paper" / "table.md").read_text(encoding="utf-8")
    last = table.partition("### Accuracy, last point")[2].partition("\n###")[0]
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in last.splitlines() if "±" in line]
    told = {row[0].removesuffix(" ×2") for row in rows if not row[column].startswith(("<u>", "**"))}
    text = " ".join(dict(SECTIONS)["Fine-tuned MiniLM on real noise"].split())
    named = re.search(r"last point of SemEval ([\w, ]+) can be told from it", text)[1]
    assert told == (set(re.split(r", | and ", named)) if corpus == "semeval" else set())
