import io

import pytest
from rich.console import Console

from benchmark.analysis.layout.table import Cell, Column, Row, Table
from benchmark.cli.terminal import show_table

ROWS = tuple(
    Row(name, tuple(Cell(f"{name}{k}.{k} ± 0.{k}", mark) for k, mark in enumerate(["", "best", "close", ""] * 2)))
    for name in ("gce[q=0.4]", "dygen ×2")
)
TABLE = Table(
    "t", "headline", "Accuracy: [20news]", "", "method", tuple(Column(f"c{k}()", "0.4") for k in range(8)), ROWS
)


@pytest.mark.parametrize("width", [40, 80, 400])
def test_no_number_is_cut_however_narrow_the_terminal(width):
    written = io.StringIO()
    show_table(Console(file=written, width=width, force_terminal=True, color_system=None), TABLE)

    lines = written.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert all(cell.text in written.getvalue() for row in TABLE.rows for cell in row.cells)
    assert len([line for line in lines if line.startswith("dygen")]) == {40: 8, 80: 3, 400: 1}[width]


def test_what_is_piped_has_each_row_on_one_line(command, finished_run):
    shown = command("compare", "gce", "cross_entropy", "--out", finished_run).out
    assert "…" not in shown.split("Cell by cell")[1].splitlines()[1]
    assert "(continued)" not in shown


def test_a_title_longer_than_its_table_is_broken_between_words_alone():
    written = io.StringIO()
    title = "Accuracy, best on noisy validation labels: a corpus"
    table = Table("t", "headline", title, "", "method", (Column("a"),), (Row("gce", (Cell("1"),)),))
    show_table(Console(file=written, width=40, force_terminal=True, color_system=None), table)
    assert title in " ".join(written.getvalue().split())


def header_of(*columns):
    table = Table("t", "headline", "T", "", "method", columns, (Row("gce", (Cell("1"),) * len(columns)),))
    written = io.StringIO()
    show_table(Console(file=written, width=80, force_terminal=True, color_system=None), table)
    return [line.split() for line in written.getvalue().splitlines()[1:-1]]


def test_columns_of_several_corpora_say_which():
    assert header_of(Column("clean()", "trec"), Column("clean()", "semeval")) == [
        ["trec", "semeval"],
        ["method", "clean()", "clean()"],
    ]


def test_columns_of_one_corpus_leave_it_to_the_title():
    assert header_of(Column("clean()", "trec"), Column("hub(0.2)", "trec")) == [["method", "clean()", "hub(0.2)"]]
