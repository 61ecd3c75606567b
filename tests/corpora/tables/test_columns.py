import pytest

from benchmark.contracts import BenchmarkError
from benchmark.corpora.tables.columns import find_columns
from benchmark.corpora.tables.reading import read_table
from benchmark.corpora.tables.sniffing import sniff

HEADLESS = "3,A title,a first text\n1,Another,a second text\n3,A third,one more\n"


def found(tmp_path, content, *wanted, labels=(), name="mine.csv"):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    where = find_columns(path, sniff(path, wanted).layout, wanted, labels)
    return where, [row.cells for row in read_table(path, where.layout) if not row.problem]


def test_columns_of_a_file_without_a_header_have_numbers(tmp_path):
    where, rows = found(tmp_path, HEADLESS, "2", "0", labels=("0",))
    assert where.columns == {"2": 2, "0": 0}
    assert rows[0] == ["3", "A title", "a first text"]
    assert "no header" in where.remark


@pytest.mark.parametrize("first", ["label,title,text", "class,a,b"])
def test_numbers_pass_over_a_header_that_is_there(tmp_path, first):
    where, rows = found(tmp_path, f"{first}\n{HEADLESS}", "2", "0", labels=("0",))
    assert len(rows) == 3
    assert first.split(",")[0] in where.remark


def test_class_names_that_come_again_show_that_the_first_row_is_no_header(tmp_path):
    _, rows = found(tmp_path, "good,a\nbad,b\ngood,c\n", "1", "0", labels=("0",))
    assert len(rows) == 3


def test_a_column_named_by_a_number_is_found_by_its_name(tmp_path):
    where, rows = found(tmp_path, "1,0\na,good\n", "1", "0", labels=("0",))
    assert where.columns == {"1": "1", "0": "0"}
    assert rows == [{"1": "a", "0": "good"}]


def test_blanks_around_a_name_do_not_hide_it(tmp_path):
    where, rows = found(tmp_path, "text , label\na,good\n", "text", "label")
    assert where.columns == {"text": 0, "label": 1}
    assert rows == [["a", "good"]]


def test_columns_of_one_name_are_told_apart_by_number_alone(tmp_path):
    content = "text,text,label\na,b,good\n"
    with pytest.raises(BenchmarkError, match=r"columns.*\btext\b"):
        found(tmp_path, content, "text", "label")
    where, rows = found(tmp_path, content, "1", "label")
    assert where.columns == {"1": 1, "label": 2}
    assert rows == [["a", "b", "good"]]


def test_two_other_columns_may_have_one_name(tmp_path):
    where, _ = found(tmp_path, "note,note,text,label\n,,a,good\n", "text", "label")
    assert where.columns == {"text": 2, "label": 3}


def test_a_column_of_json_is_there_if_one_row_has_it(tmp_path):
    content = '{"data": {"text": "a"}}\n{"data": {"text": "b"}, "label": "good"}\n'
    where, _ = found(tmp_path, content, "data.text", "label", "none", name="mine.jsonl")
    assert set(where.columns) == {"data.text", "label"}
    assert set(where.known) == {"data.text", "label"}


def test_line_breaks_in_a_name_are_blanks(tmp_path):
    path = tmp_path / "forms.csv"
    path.write_text('When,"Your problem, in a\nfew words",Kind\n1,a,good\n', encoding="utf-8")
    wanted = ("Your problem, in a few words", "Kind")
    found = find_columns(path, sniff(path, wanted).layout, wanted, ("Kind",))
    assert dict(found.columns) == {wanted[0]: 1, "Kind": 2}
    assert [row.cells for row in read_table(path, found.layout)] == [["1", "a", "good"]]
