from dataclasses import replace

import pytest

from benchmark.analysis.formats import markdown
from benchmark.analysis.overview import MOST_LINES, overview, section_files, terminal_tables
from benchmark.analysis.part import SECTIONS, Part
from benchmark.analysis.report import table_text
from benchmark.analysis.tables import Cell, Column, Row, Table

WIDEST = 160


def table(key, labels, columns=2, section="across", text="1.0"):
    rows = tuple(Row(label, (Cell(text),) * columns) for label in labels)
    return Table(key, section, key, "A caption.", "method", tuple(Column(f"c{i}") for i in range(columns)), rows)


def part(*tables, order=()):
    return Part("one", ("A sentence.",), tables, legend=("A legend.",), order=order)


NAMES = tuple(f"method_{place}" for place in range(60))


def test_a_report_that_fits_shows_every_row():
    shown = overview([part(table("main-last-1", NAMES, section="headline"))], [])
    assert all(name in shown for name in NAMES)


def test_a_long_report_keeps_the_first_methods_of_the_order_and_names_the_file_of_the_rest():
    order = tuple(reversed(NAMES))
    tables = [table(key, NAMES) for key in ("average-corpus-last-1", "across-last", "across-noisy_valid", "cost")]
    shown = overview([part(*tables, order=order)], [])
    assert len(shown.splitlines()) <= MOST_LINES
    assert NAMES[-1] in shown
    assert NAMES[0] not in shown
    assert "tables/across-cells.md" in shown


def test_who_is_best_where_is_shortened_after_the_tables_of_methods():
    cells = [f"cell_{place}" for place in range(30)]
    tables = [table("winners", cells, section="headline"), *(table(f"across-{i}", NAMES) for i in range(4))]
    shown = overview([part(*tables, order=NAMES)], [])
    assert all(cell in shown for cell in cells)
    assert len(shown.splitlines()) <= MOST_LINES


def test_a_report_of_many_settings_is_short_all_the_same():
    tables = [table("winners", NAMES, section="headline"), table("across-last", NAMES)]
    parts = [replace(part(*tables), name=f"encoder {place}") for place in range(40)]
    assert len(overview(parts, []).splitlines()) <= MOST_LINES


def test_the_legend_of_several_settings_stands_once():
    assert overview([part(), part()], []).count("A legend.") == 1


def test_every_table_is_in_the_file_of_its_section():
    tables = [table(f"t-{section}", NAMES[:1], section=section) for section in SECTIONS]
    files = section_files([part(*tables)])
    assert len(files) == len(SECTIONS)
    assert all(sum(f"### t-{section}\n" in text for text in files.values()) == 1 for section in SECTIONS)


def test_a_terminal_shows_cells_where_they_are_few_and_else_corpora():
    cells = [table(f"main-last-{place}", NAMES, section="headline") for place in range(3)]
    corpora = table("average-corpus-last-1", NAMES)
    assert [t.key for t in terminal_tables(part(*cells[:2], corpora), 5)] == ["main-last-0", "main-last-1"]
    shown = terminal_tables(part(*cells, corpora), 5)
    assert [t.key for t in shown] == ["average-corpus-last-1"]
    assert len(shown[0].rows) == 5
    assert "5 of 60" in shown[0].title


@pytest.mark.parametrize("text", ["7.5 ± 0.1 and more", "one, two, three, four, five, six, seven, eight, nine, ten"])
def test_no_row_is_wider_than_a_screen_and_nothing_is_lost(text):
    written = markdown(table("wide", ["a"], columns=30, text=text))
    assert max(map(len, written.splitlines())) <= WIDEST
    assert sum(written.count(word) for word in text.split()) == 30 * sum(text.split().count(w) for w in text.split())


def test_captions_take_one_line_and_the_file_of_a_real_report_is_narrow(factory, result_set_of):
    from benchmark.analysis.tables import all_tables

    factory.networks = {"co_teaching": 2}
    names = ["cross_entropy", "co_teaching", "rated", "rated[rate=oracle]"]
    records = factory.grid(names, ["clean()", "symmetric(0.4)"], [1, 2], ["trec", "agnews"])
    assert {t.key: t.caption for t in all_tables(result_set_of(records)) if len(t.caption) > WIDEST} == {}
    assert max(map(len, table_text(records).splitlines())) <= WIDEST
