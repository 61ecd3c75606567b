"""Sentences are broken between words at the width of the output, and nothing of them is
lost.
"""

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from benchmark.cli.output import USUAL_COLUMNS, tell, width_of, wrapped
from benchmark.cli.terminal import make_console, show_text

SENTENCE = "What is absent is fetched when a run asks for it, a table or an encoder, whichever comes first."


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text("ab日 .,=", max_size=200), st.integers(20, 60))
def test_no_word_is_cut_and_none_is_lost(text, width):
    lines = wrapped(text, width, "• ", "  ").split("\n")
    assert " ".join(lines).split() == f"• {text}".split()
    assert [line for line in lines if cell_len(line) > width and len(line.split()) > 2] == []


def test_a_line_that_fits_stays_as_it_is():
    assert wrapped("ok       two   gaps", 80) == "ok       two   gaps"


def test_what_follows_an_indented_line_or_a_mark_stands_below_it():
    assert wrapped("  one two three", 11) == "  one two\n    three"
    assert wrapped("one two three", 11, "mark  ", "      ") == "mark  one\n      two\n      three"


@pytest.mark.parametrize(("said", "width"), [("40", 40), ("", USUAL_COLUMNS), ("many", USUAL_COLUMNS)])
def test_what_is_no_terminal_has_the_width_that_columns_says_or_the_usual_one(monkeypatch, capsys, said, width):
    monkeypatch.setenv("COLUMNS", said)
    assert width_of(io.StringIO()) == width
    tell(SENTENCE)
    assert max(map(len, capsys.readouterr().out.splitlines())) <= width


def test_a_console_that_is_wide_for_tables_breaks_sentences_all_the_same(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "50")
    show_text(make_console(wide=True), SENTENCE, mark="• ")
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 50
    assert " ".join(lines).split() == f"• {SENTENCE}".split()


def test_a_terminal_breaks_at_its_own_width():
    written = io.StringIO()
    show_text(Console(file=written, width=30, force_terminal=True, color_system=None), SENTENCE, "bold")
    assert max(map(len, written.getvalue().splitlines())) <= 30


@pytest.mark.parametrize(
    "words",
    ["explain dygen", "explain contract", "explain apidocs", "data list", "list methods -v", "run --methods gec"],
)
def test_verbs_fit_an_output_of_eighty_columns(command, words):
    ended = command(*words.split())
    shown = (ended.out + ended.err).splitlines()
    assert shown
    assert [line for line in shown if cell_len(line) > 80 and len(line.split()) > 2] == []
