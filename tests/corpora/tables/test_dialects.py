import gzip
from pathlib import Path

import pytest

from benchmark.contracts import BenchmarkError
from benchmark.corpora.tables.reading import read_table
from benchmark.corpora.tables.sniffing import sniff, stem_of

ROWS = [("a text, with a comma", "good"), ("another; with a semicolon", "bad"), ("a third one", "good")]


def rows_of(path: Path, *wanted: str, **options: str) -> tuple[list[object], str]:
    """The rows as they are found to be written, and what is said of that."""
    found = sniff(path, wanted, **options)
    rows = list(read_table(path, found.layout))
    assert not [row.problem for row in rows if row.problem]
    return [row.cells for row in rows], " ".join(found.remarks)


def file(tmp_path: Path, name: str, content: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def written(separator: str) -> str:
    return "\n".join(separator.join(f'"{cell}"' for cell in row) for row in [("text", "label"), *ROWS]) + "\n"


@pytest.mark.parametrize(("separator", "name"), [(";", "semicolon"), ("\t", "tab"), ("|", "bar")])
def test_another_separator_is_found_and_said(tmp_path, separator, name):
    rows, said = rows_of(file(tmp_path, "mine.csv", written(separator)), "text", "label")
    assert rows == [{"text": text, "label": label} for text, label in ROWS]
    assert name in said


def test_the_separator_of_the_name_is_not_said(tmp_path):
    rows, said = rows_of(file(tmp_path, "mine.csv", written(",")), "text", "label")
    assert len(rows) == 3
    assert said == ""


def test_a_text_full_of_commas_does_not_hide_the_separator(tmp_path):
    lines = "".join(f"one, two, three {n};good\n" for n in range(9))
    rows, _ = rows_of(file(tmp_path, "mine.csv", f"text;label\n{lines}"), "text", "label")
    assert rows[0] == {"text": "one, two, three 0", "label": "good"}


def test_a_separator_is_found_without_knowing_the_columns(tmp_path):
    rows, _ = rows_of(file(tmp_path, "mine.txt", "text;label\na, b;good\nc;bad\n"))
    assert rows == [{"text": "a, b", "label": "good"}, {"text": "c", "label": "bad"}]


@pytest.mark.parametrize("given", ["tab", "\t", "\\t"])
def test_a_separator_that_is_named_is_taken(tmp_path, given):
    path = file(tmp_path, "mine.csv", "text,label\tother\na\tb\n")
    assert rows_of(path, separator=given)[0] == [{"text,label": "a", "other": "b"}]


def test_a_wrong_separator_is_refused(tmp_path):
    with pytest.raises(BenchmarkError, match="--separator is 'tabs'"):
        sniff(file(tmp_path, "mine.csv", "a\n"), separator="tabs")


def test_the_line_in_which_excel_names_the_separator_is_no_row(tmp_path):
    rows, _ = rows_of(file(tmp_path, "mine.csv", "sep=;\r\ntext;label\r\na;good\r\n"))
    assert rows == [{"text": "a", "label": "good"}]


def test_a_quote_in_a_tsv_is_a_letter(tmp_path):
    rows, said = rows_of(file(tmp_path, "mine.tsv", 'text\tlabel\n"Great" film\tgood\n5" pipe\tbad\n"\tbad\n'))
    assert [row["text"] for row in rows] == ['"Great" film', '5" pipe', '"']
    assert "quotes" in said


@pytest.mark.parametrize(
    "content",
    [
        'text\tlabel\n"two\nlines"\tgood\nplain\tbad\n',
        'text\tlabel\n"two\nlines"\tgood\n"say ""hi"""\tbad\n',
        '"text"\t"label"\n"two\nlines"\t"good"\n',
    ],
)
def test_quotes_around_the_cells_of_a_tsv_are_none_of_the_text(tmp_path, content):
    rows, _ = rows_of(file(tmp_path, "mine.tsv", content))
    assert rows[0] == {"text": "two\nlines", "label": "good"}


def test_doubled_quotes_in_a_tsv_show_that_cells_were_quoted(tmp_path):
    rows, _ = rows_of(file(tmp_path, "mine.tsv", 'text\tlabel\n"say ""hi"""\tgood\nb\tbad\n'))
    assert rows[0]["text"] == 'say "hi"'


def test_quotes_behind_backslashes_belong_to_the_text(tmp_path):
    path = file(tmp_path, "mine.csv", 'label,text\n"good","He said \\"yes, please\\" twice"\n"bad","C:\\new"\n')
    rows, said = rows_of(path)
    assert rows == [
        {"label": "good", "text": 'He said "yes, please" twice'},
        {"label": "bad", "text": "C:\\new"},
    ]
    assert "backslash" in said


def test_a_quote_that_is_not_closed_is_named_by_the_line_it_begins_in(tmp_path):
    path = file(tmp_path, "mine.csv", 'text,label\na,good\n"b,bad\nc,good\n')
    with pytest.raises(BenchmarkError, match=r"line 3\b"):
        rows_of(path)


def test_a_compressed_file_is_read_as_its_inner_name_says(tmp_path):
    path = file(tmp_path, "mine.tsv.gz", gzip.compress(written("\t").encode()))
    assert rows_of(path, "text", "label")[0][0] == {"text": ROWS[0][0], "label": "good"}
    assert stem_of(path) == "mine"


def test_a_damaged_compressed_file_is_named(tmp_path):
    path = file(tmp_path, "mine.csv.gz", gzip.compress(b"text,label\n" * 99)[:-20])
    with pytest.raises(BenchmarkError, match=r"mine\.csv\.gz"):
        sniff(path)


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("text,label,,,\na,good,,,\n", [{"text": "a", "label": "good"}]),
        ("text,label,,,\na,good\n", [{"text": "a", "label": "good"}]),
        ("text,label\na,good,,\n", [{"text": "a", "label": "good"}]),
        (",text,label\n0,a,good\n", [{"text": "a", "label": "good"}]),
    ],
)
def test_columns_without_a_name_are_passed_over(tmp_path, content, rows):
    assert rows_of(file(tmp_path, "mine.csv", content), "text", "label")[0] == rows


@pytest.mark.parametrize(("content", "number"), [("text,label\na\nb,bad\n", 1), ("text,label\na,good\nb,x,bad\n", 2)])
def test_rows_with_other_cells_than_the_header_are_problems_with_their_number(tmp_path, content, number):
    path = file(tmp_path, "mine.csv", content)
    rows = list(read_table(path, sniff(path, ("text", "label")).layout))
    assert [row.number for row in rows if row.problem] == [number]


def test_a_header_that_comes_again_is_no_row(tmp_path):
    path = file(tmp_path, "mine.csv", "text,label\na,good\ntext,label\nb,bad\n")
    rows = list(read_table(path, sniff(path).layout))
    assert [bool(row.problem) for row in rows] == [False, True, False]
