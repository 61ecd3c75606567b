"""An audit of several files tells the rows of each apart."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from benchmark.audit.audit import Audit, Pair
from benchmark.audit.checked import read_checked
from benchmark.audit.count import Count
from benchmark.audit.output.page import page
from benchmark.audit.output.writing import write_audit
from benchmark.audit.reading import read_labelled
from benchmark.contracts import BenchmarkError
from benchmark.corpora.own_tables.own_data import OwnData


@pytest.fixture
def own(tmp_path):
    """Two files of two rows, the first row of each with one text and two labels."""
    (tmp_path / "may.csv").write_text("text,label\none,a\ntwo,b\n", encoding="utf-8")
    (tmp_path / "june.csv").write_text("text,label\none,b\nfour,a\n", encoding="utf-8")
    (tmp_path / "test.csv").write_text("text,label\nfive,a\n", encoding="utf-8")
    return OwnData(tmp_path / "may.csv", ("text",), ("label",), more_data=(tmp_path / "june.csv",))


def audit_of(table):
    rows, classes = len(table), len(table.label_names)
    return Audit(
        table=table,
        proposed=1 - table.labels,
        p_wrong=np.linspace(0.9, 0.1, rows),
        order=np.arange(rows),
        count=Count(0.4, 0.2, 0.5, True),
        near=np.array([[2, -1, -1]] * rows),
        confused=np.ones((classes, classes)),
        duplicates=(Pair(0, 2),),
        to_check=np.array([0, 2]),
        checked={},
    )


def rows_of(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def test_rows_are_numbered_by_file(own):
    table = read_labelled(own)
    assert table.files == ("may.csv", "may.csv", "june.csv", "june.csv")
    assert table.rows.tolist() == [1, 2, 1, 2]
    assert table.name == "may.csv and june.csv"


def test_a_table_in_one_file_has_no_names_of_files(own):
    assert read_labelled(replace(own, more_data=())).files == ()


def test_files_of_one_name_are_told_apart_by_their_folders(own, tmp_path):
    (tmp_path / "old").mkdir()
    other = (tmp_path / "june.csv").rename(tmp_path / "old" / "may.csv")
    files = read_labelled(replace(own, more_data=(other,))).files
    assert files == (f"{tmp_path.name}/may.csv",) * 2 + ("old/may.csv",) * 2


def test_a_file_that_is_named_twice_is_refused(own):
    with pytest.raises(BenchmarkError, match=r"may\.csv is named twice"):
        read_labelled(replace(own, more_data=(own.data.parent / "." / "may.csv",)))


def test_test_rows_of_a_column_are_found_in_every_file(own, tmp_path):
    for name in ("may", "june"):
        (tmp_path / f"{name}.csv").write_text(f"text,label,part\n{name} a,a,dev\n{name} b,b,eval\n", encoding="utf-8")
    assert read_labelled(own, "part=eval").test.tolist() == [False, True, False, True]


def test_every_file_of_an_audit_names_the_file_of_a_row(own, tmp_path):
    write_audit(audit_of(read_labelled(own)), tmp_path / "out")
    labels = rows_of(tmp_path / "out" / "labels.csv")
    assert [(row["file"], row["row"]) for row in labels] == [
        ("may.csv", "1"),
        ("may.csv", "2"),
        ("june.csv", "1"),
        ("june.csv", "2"),
    ]
    suspects = rows_of(tmp_path / "out" / "suspects.csv")
    assert (suspects[0]["file"], suspects[0]["near_1_row"]) == ("may.csv", "1 of june.csv")
    assert [row["file"] for row in rows_of(tmp_path / "out" / "to_check.csv")] == ["may.csv", "june.csv"]


def test_a_contradiction_between_files_is_shown_with_both(own):
    made = page(audit_of(read_labelled(own)))
    assert "(row 1 of may.csv)" in made
    assert "(row 1 of june.csv)" in made


def test_reviewed_rows_are_found_by_number_and_file(own, tmp_path):
    table = read_labelled(replace(own, test=own.data.with_name("test.csv")))
    assert table.where(4) == "1 of test.csv (test)"
    (tmp_path / "c.csv").write_text("file,row,split,right_label\njune.csv,1,train,a\ntest.csv,1,,b\n", encoding="utf-8")
    assert read_checked(tmp_path / "c.csv", table) == {2: 0, 4: 1}


def test_a_number_that_rows_of_two_files_have_is_refused_without_its_file(own, tmp_path):
    (tmp_path / "c.csv").write_text("row,right_label\n1,a\n", encoding="utf-8")
    with pytest.raises(BenchmarkError, match=r"'1'.*column 'file'"):
        read_checked(tmp_path / "c.csv", read_labelled(own))
