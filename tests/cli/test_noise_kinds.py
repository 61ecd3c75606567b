"""The verb `noise kinds`."""

import json

import pytest

from benchmark.corpora import availability

PAGE = "# Kinds\n\n<!-- kinds of noise -->\n<!-- end of kinds of noise -->\n"


@pytest.fixture
def nothing_at_hand(monkeypatch, tmp_path):
    monkeypatch.setenv("BENCHMARK_DATA", "")
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path / "cache"))


def test_an_unknown_corpus_is_named_with_the_nearest(command):
    said = command("noise", "kinds", "trek")
    assert said.code == 2
    assert "trec" in said.err


def test_a_corpus_without_observed_labels_is_refused(command):
    said = command("noise", "kinds", "apidocs")
    assert said.code == 2
    assert "observed" in said.err


def test_a_corpus_that_is_not_at_hand_is_named(command, nothing_at_hand):
    said = command("noise", "kinds", "amazon_book")
    assert said.code == 2
    assert "amazon_book" in said.err


def test_a_page_is_not_written_from_a_part_of_the_corpora(command, nothing_at_hand, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    assert command("noise", "kinds", "--page", page).code == 2
    assert page.read_text() == PAGE


@pytest.mark.usefixtures("every_format")
def test_the_page_gets_the_table_and_the_figure(command, tmp_path):
    if not availability("amazon_book").at_hand:
        pytest.skip("files of amazon_book not at hand")
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    (row,) = json.loads(command("noise", "kinds", "amazon_book", "--page", page, "--json").out)
    assert row["rows"] == 890
    assert "| amazon_book | `crowd`: people | train | 890 |" in page.read_text()
    assert (tmp_path / "noise-kinds.png").read_bytes().startswith(b"\x89PNG")
