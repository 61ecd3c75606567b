"""The card of the manual's page on adding a corpus is one that can be used."""

import csv
import hashlib
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmark.cli.data import app
from benchmark.contracts import BenchmarkError
from benchmark.corpora import catalogue, load_corpus

PAGE = Path(__file__).resolve().parents[2] / "docs" / "adding-a-corpus.md"
CARD = re.search(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)[1]
WORDS = {"refund": "money back", "delivery": "parcel late", "login": "password lost"}


@pytest.fixture
def card(monkeypatch, tmp_path):
    """The card of the page with a table of thirty rows, and a way to write it again."""
    table, cards = tmp_path / "files" / "tickets.csv", tmp_path / "cards"
    table.parent.mkdir()
    cards.mkdir()
    kinds = list(WORDS)
    with table.open("w", newline="", encoding="utf-8") as stream:
        rows = [(f"{WORDS[kinds[i % 3]]} {i}", kinds[i % 3], kinds[(i + (i % 5 == 0)) % 3]) for i in range(30)]
        csv.writer(stream).writerows([("text", "label", "rules"), *rows])
    digest = hashlib.sha256(table.read_bytes()).hexdigest()
    monkeypatch.setattr(catalogue, "cards_folder", lambda: cards)
    monkeypatch.setenv("BENCHMARK_DATA", str(tmp_path))
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path / "cache"))

    def write(text):
        (cards / "tickets.toml").write_text(re.sub(r'sha256 = ".*"', f'sha256 = "{digest}"', text), encoding="utf-8")
        catalogue._read_card.cache_clear()
        catalogue._card_digest.cache_clear()

    write(CARD)
    yield write
    catalogue._read_card.cache_clear()
    catalogue._card_digest.cache_clear()


def verify():
    return CliRunner().invoke(app, ["verify", "tickets"], env={"COLUMNS": "80"})


def test_a_card_without_counts_is_told_its_lines_and_holds_with_them(card):
    told = verify()
    assert told.exit_code == 1
    groups = re.split(r"^# .*\n", told.stdout.partition("\n\n1 of")[0].partition("\n\n0 of")[0], flags=re.M)
    _, top, source, end = groups
    whole = top + CARD.replace('name = "csv"\n', f'name = "csv"\n{source}') + end
    card(whole)
    again = verify()
    assert again.exit_code == 0, again.stdout
    assert "differs" not in again.stdout
    assert "1 of 1" in again.stdout


def test_the_card_gives_both_splits_and_the_labels_of_its_rules(card):
    corpus = load_corpus("tickets")
    assert sorted(corpus.splits) == ["test", "train"]
    assert (corpus.splits["train"].observed["rules"] != corpus.splits["train"].clean_labels).any()


def test_noisy_labels_that_a_card_does_not_tell_of_are_refused_by_name(card):
    card(re.sub(r"\[observed\.rules\]\n(.+\n)+", "", CARD))
    with pytest.raises(BenchmarkError, match=r"rules.*\[observed\.rules\]"):
        load_corpus("tickets")


def test_a_file_without_an_address_that_is_missing_is_said_with_where_to_put_it(card, tmp_path):
    (tmp_path / "files" / "tickets.csv").unlink()
    told = verify()
    assert told.exit_code == 1
    assert "BENCHMARK_DATA" in told.stdout
