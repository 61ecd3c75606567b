"""The files of an audit, and reviewed rows read back."""

import csv
import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from python_calamine import CalamineWorkbook

from benchmark.audit.audit import Audit, Pair
from benchmark.audit.checked import read_checked
from benchmark.audit.count import Count
from benchmark.audit.output import page as paging
from benchmark.audit.output import writing
from benchmark.audit.output.page import page, summary
from benchmark.audit.output.spreadsheet import workbook
from benchmark.audit.output.writing import LABEL_COLUMNS, SUSPECT_COLUMNS, write_audit
from benchmark.audit.reading import make_table, read_labelled
from benchmark.contracts import BenchmarkError, UnknownNameError
from benchmark.corpora.own_tables.own_data import OwnData
from benchmark.files.durable import write_whole

NASTY = '=1+1 <script>alert("x")</script>\x07'


def an_audit(reliable=True, checked=0, reviewed=None):
    table = make_table("tickets.csv", [NASTY, "second", "third", "fourth"], [["a"], ["b"], [""], ["a"]])
    return Audit(
        table=table,
        proposed=np.array([1, 0, 0, 1]),
        p_wrong=np.array([0.9, 0.2, np.nan, 0.1]),
        order=np.array([0, 1, 3]),
        count=Count(0.4, 0.2, 0.5, reliable, checked),
        near=np.array([[1, -1, -1], [0, 3, -1], [1, -1, -1]]),
        confused=np.array([[1.0, 1.0], [0.2, 0.8]]),
        duplicates=(Pair(0, 1),),
        to_check=np.array([0, 3]),
        checked=reviewed or {},
    )


def rows_of(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


@pytest.fixture
def folder(tmp_path):
    write_audit(an_audit(), tmp_path)
    return tmp_path


def test_labels_are_in_the_order_of_the_table_with_all_columns(folder):
    rows = rows_of(folder / "labels.csv")
    assert tuple(rows[0]) == LABEL_COLUMNS
    assert [row["row"] for row in rows] == ["1", "2", "3", "4"]
    assert [row["corrected_label"] for row in rows] == ["b", "b", "a", "a"]
    assert [row["given_label"] for row in rows] == ["a", "b", "", "a"]
    assert [row["p_wrong"] for row in rows] == ["0.9", "0.2", "", "0.1"]


def test_labels_have_what_a_person_reviewed_in_a_column_that_a_run_can_take(tmp_path):
    write_audit(an_audit(reviewed={0: 1, 3: 0}), tmp_path)
    assert [row["right_label"] for row in rows_of(tmp_path / "labels.csv")] == ["b", "", "", "a"]


def test_suspects_are_sorted_and_show_what_disagrees(folder):
    rows = rows_of(folder / "suspects.csv")
    assert tuple(rows[0]) == SUSPECT_COLUMNS
    assert [row["row"] for row in rows] == ["1", "2", "4"]
    assert (rows[0]["near_1_row"], rows[0]["near_1_label"], rows[0]["near_1_text"]) == ("2", "b", "second")
    assert rows[0]["near_2_row"] == ""


def test_no_cell_of_a_csv_is_a_formula(folder):
    for name in ("suspects.csv", "labels.csv", "to_check.csv"):
        assert rows_of(folder / name)[0]["text"].startswith("'=1+1")


def test_the_workbook_holds_the_suspects_as_texts_and_numbers(folder):
    with zipfile.ZipFile(folder / "suspects.xlsx") as archive:
        assert archive.testzip() is None
        roots = {name: ElementTree.fromstring(archive.read(name)) for name in archive.namelist()}
    space = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    rows = roots["xl/worksheets/sheet1.xml"].findall(".//s:row", space)
    texts = [[cell.findtext(".//s:t", namespaces=space) for cell in row] for row in rows]
    assert len(rows) == 4
    assert texts[1][2] == NASTY.replace("\x07", "�")
    assert rows[1].find("s:c", space).findtext("s:v", namespaces=space) == "1"
    assert not list(roots["xl/worksheets/sheet1.xml"].iter(f"{{{space['s']}}}f"))


def test_a_reader_of_spreadsheets_finds_the_cells_of_the_csv(folder):
    cells = CalamineWorkbook.from_path(folder / "suspects.xlsx").get_sheet_by_name("suspects").to_python()
    rows = rows_of(folder / "suspects.csv")
    assert tuple(cells[0]) == SUSPECT_COLUMNS
    assert [row[1] for row in cells[1:]] == [1, 2, 4]
    assert [[str(cell) for cell in row[3:5]] for row in cells[1:]] == [
        [row["given_label"], row["proposed_label"]] for row in rows
    ]


@pytest.mark.skipif(not shutil.which("soffice"), reason="no soffice on PATH")
def test_libreoffice_opens_the_workbook_and_computes_nothing(folder, tmp_path):
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    wanted = ["--headless", "--convert-to", "csv", "--outdir", str(tmp_path), str(folder / "suspects.xlsx")]
    subprocess.run(["soffice", home, *wanted], check=True, capture_output=True, timeout=120)
    with (tmp_path / "suspects.csv").open(encoding="utf-8", errors="replace", newline="") as stream:
        rows = list(csv.reader(stream))
    assert tuple(rows[0]) == SUSPECT_COLUMNS
    assert rows[1][2][:-1] == NASTY[:-1]
    assert [row[5] for row in rows[1:]] == ["0.9", "0.2", "0.1"]


def test_the_same_rows_make_the_same_workbook():
    assert workbook(("a",), [("x",)], (5,)) == workbook(("a",), [("x",)], (5,))


def test_a_long_text_is_cut_at_what_a_cell_holds():
    content = workbook(("a",), [("x" * 40_000,)], (5,))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("xl/worksheets/sheet1.xml").count(b"x" * 32_767) == 1


def test_the_page_runs_no_script_of_a_text_and_fetches_nothing(folder):
    content = (folder / "audit.html").read_text(encoding="utf-8")
    assert "<script>alert" not in content
    assert "&lt;script&gt;alert" in content
    assert "default-src 'none'" in content
    assert "http://" not in content
    assert "https://" not in content


def test_the_page_says_how_the_table_was_read():
    made = an_audit()
    remark = "3 of 400 rows cannot be used and are left out."
    assert remark in page(replace(made, table=replace(made.table, remarks=(remark,)))).partition('id="how"')[2]


def test_the_page_shows_suspects_classes_and_nearly_equal_texts():
    content = page(an_audit())
    for part in ("suspects", "classes", "confused", "duplicates", "how"):
        assert f'id="{part}"' in content


def test_the_page_counts_what_is_wrong_by_the_label_that_rows_carry(monkeypatch):
    """Of two rows labelled a one is expected to be b, of one labelled b a fifth to be
    a.
    """
    monkeypatch.setattr(paging, "html_page", lambda template, values, **files: values)
    values = page(an_audit())
    assert [(it.name, it.rows, it.wrong, it.share) for it in values["classes"]] == [
        ("a", 2, "1", "50%"),
        ("b", 1, "0", "20%"),
    ]
    assert [(it.given, it.true, it.texts) for it in values["confused"]] == [("a", "b", "1")]


def test_the_summary_says_when_the_count_is_unreliable():
    assert "Ranking only, count unreliable" in next(iter(summary(an_audit(reliable=False))))
    assert "unreliable" not in next(iter(summary(an_audit())))


def test_the_summary_gives_numbers_of_rows():
    first = next(iter(summary(an_audit(checked=50))))
    assert "About 1 of 3 labels are wrong: between 1 and 2, by 50 checked rows" in first


def test_a_disk_that_is_full_leaves_no_part_of_an_audit(tmp_path, monkeypatch):
    def full(path, content):
        if path.name == "labels.csv":
            raise BenchmarkError("full")
        return write_whole(path, content)

    monkeypatch.setattr(writing, "write_whole", full)
    with pytest.raises(BenchmarkError, match="full"):
        write_audit(an_audit(), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def review(folder):
    def write(**right):
        rows = rows_of(folder / "to_check.csv")
        for row in rows:
            row["right_label"] = right.get(f"row{row['row']}", "")
        path = folder / "reviewed.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


def test_reviewed_rows_are_read_and_empty_ones_passed_over(review):
    table = an_audit().table
    assert read_checked(review(row1="b"), table) == {0: 1}
    assert read_checked(review(row1="a", row4="b"), table) == {0: 0, 3: 1}


def test_a_right_label_that_is_no_class_is_refused_with_its_row(review):
    with pytest.raises(UnknownNameError, match=r"'aa'.*row 1"):
        read_checked(review(row1="aa"), an_audit().table)


def test_a_file_without_a_reviewed_row_is_refused(review):
    with pytest.raises(BenchmarkError, match="right_label"):
        read_checked(review(), an_audit().table)


def test_a_row_of_another_table_is_refused(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("row,right_label\n99,a\n", encoding="utf-8")
    with pytest.raises(BenchmarkError, match="99"):
        read_checked(path, an_audit().table)


SPREADSHEETS = {
    "semicolons": ("utf-8", "row;right_label\n1;b\n"),
    "utf-16": ("utf-16", "row\tright_label\n1\tb\n"),
    "a cp1252 note": ("cp1252", "row,right_label,note\n1,b,caf\xe9\n"),
    "blanks and fractions": ("utf-8", "row , right_label\n1.0 , b\n"),
}


@pytest.mark.parametrize("program", SPREADSHEETS)
def test_reviewed_rows_are_read_as_spreadsheets_save_them(tmp_path, program):
    encoding, content = SPREADSHEETS[program]
    (tmp_path / "c.csv").write_text(content, encoding=encoding)
    assert read_checked(tmp_path / "c.csv", an_audit().table) == {0: 1}


def test_reviewed_rows_are_read_from_a_workbook(tmp_path):
    (tmp_path / "c.xlsx").write_bytes(workbook(["row", "right_label"], [[1, "b"]], [8, 8]))
    assert read_checked(tmp_path / "c.xlsx", an_audit().table) == {0: 1}


def test_two_right_labels_of_one_row_are_refused(tmp_path):
    (tmp_path / "c.csv").write_text("row,right_label\n1,a\n1,a\n1,b\n", encoding="utf-8")
    with pytest.raises(BenchmarkError, match=r"'1'.*'a' in its row 1 and 'b' in its row 3"):
        read_checked(tmp_path / "c.csv", an_audit().table)


def test_a_table_is_read_with_its_row_numbers_and_empty_labels(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("text,label\none,10\ntwo,2\nthree,\n", encoding="utf-8")
    table = read_labelled(OwnData(path, ("text",), "label"))
    assert table.label_names == ("2", "10")
    assert table.labels.tolist() == [1, 0, -1]
    assert table.rows.tolist() == [1, 2, 3]


def test_a_missing_column_is_refused_with_the_nearest(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("text,label\none,a\n", encoding="utf-8")
    with pytest.raises(UnknownNameError, match="Did you mean 'label'"):
        read_labelled(OwnData(path, ("text",), "labels"))


def test_an_empty_text_is_refused_with_its_row(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("text,label\none,a\n ,b\n", encoding="utf-8")
    with pytest.raises(BenchmarkError, match="row 2"):
        read_labelled(OwnData(path, ("text",), "label"))


def test_several_annotators_are_read_as_votes(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("text,ann,bob,cy\none,a,a,b\ntwo,b,,b\nthree,a,a,\n", encoding="utf-8")
    table = read_labelled(OwnData(path, ("text",), ("ann", "bob", "cy")))
    assert table.annotators == ("ann", "bob", "cy")
    assert table.labels.tolist() == [0, 1, 0]
    assert table.votes.tolist() == [[0, 0, 1], [1, -1, 1], [0, 0, -1]]


def test_bad_rows_are_skipped_where_that_is_asked_for_and_numbers_stay_those_of_the_file(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("text,label\none,a\n ,b\nthree,b\n", encoding="utf-8")
    table = read_labelled(OwnData(path, ("text",), "label", skip_bad_rows=True))
    assert table.rows.tolist() == [1, 3]


def test_of_many_pairs_of_nearly_equal_texts_it_is_said_how_many_are_shown():
    many = replace(an_audit(), duplicates=(Pair(0, 1),) * 45)
    assert "first 30 of 45 pairs" in page(many)
    assert "of 1 pairs" not in page(an_audit())
