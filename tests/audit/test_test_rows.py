"""Test rows of an audit: from a file or a column, marked, and never corrected."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from benchmark.audit.audit import Audit
from benchmark.audit.checked import read_checked
from benchmark.audit.count import Count
from benchmark.audit.output.page import page, summary
from benchmark.audit.output.writing import write_audit
from benchmark.audit.reading import make_table, read_labelled
from benchmark.contracts import BenchmarkError, UnknownNameError
from benchmark.corpora.own_tables.own_data import OwnData


def an_audit():
    answers = [["a"], ["b"], ["a"], [""]]
    table = make_table("t.csv", ["one", "two", "three", "four"], answers, [1, 2, 1, 2], test=[False, False, True, True])
    return Audit(
        table=table,
        proposed=np.array([1, 0, 1, 0]),
        p_wrong=np.array([0.9, 0.2, 0.8, np.nan]),
        order=np.array([0, 2, 1]),
        count=Count(0.4, 0.2, 0.5, True),
        near=np.array([[1, -1, -1], [1, -1, -1], [2, 0, -1]]),
        confused=np.array([[1.0, 1.0], [0.2, 0.8]]),
        duplicates=(),
        to_check=np.array([0, 2]),
        checked={},
    )


def rows_of(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


@pytest.fixture
def tables(tmp_path):
    (tmp_path / "t.csv").write_text("text,label,part\none,a,dev\ntwo,b,eval\nthree,a,dev\n", encoding="utf-8")
    (tmp_path / "test.csv").write_text("text,label\nfour,b\nfive,\n", encoding="utf-8")
    return OwnData(tmp_path / "t.csv", ("text",), ("label",))


def test_a_file_of_test_rows_stands_behind_the_others(tables):
    table = read_labelled(replace(tables, test=tables.data.with_name("test.csv")))
    assert table.texts == ("one", "two", "three", "four", "five")
    assert table.test.tolist() == [False, False, False, True, True]
    assert table.rows.tolist() == [1, 2, 3, 1, 2]
    assert table.labels.tolist() == [0, 1, 0, 1, -1]


def test_test_rows_are_found_by_the_value_of_a_column(tables):
    table = read_labelled(tables, "part=eval")
    assert table.test.tolist() == [False, True, False]


def test_a_value_that_no_row_has_is_refused_with_those_there(tables):
    with pytest.raises(BenchmarkError, match=r"'test'.*'part'.*'dev', 'eval'"):
        read_labelled(tables, "part=test")


def test_a_column_of_splits_that_is_not_there_is_refused_with_the_nearest(tables):
    with pytest.raises(UnknownNameError, match="Did you mean 'part'"):
        read_labelled(tables, "parts=test")


@pytest.mark.parametrize("given", ["part", "=test", "part="])
def test_half_a_condition_is_refused(tables, given):
    with pytest.raises(BenchmarkError, match="COLUMN=VALUE"):
        read_labelled(tables, given)


def test_a_file_and_a_column_of_test_rows_are_refused_together(tables):
    with pytest.raises(BenchmarkError, match=r"--test-data.*--test-rows"):
        read_labelled(replace(tables, test=tables.data), "part=eval")


def test_annotators_of_two_files_are_told_apart_by_name(tmp_path):
    (tmp_path / "t.csv").write_text("text,who,label\none,ann,a\none,bob,b\ntwo,bob,b\n", encoding="utf-8")
    (tmp_path / "test.csv").write_text("text,who,label\nthree,cy,a\nthree,bob,b\n", encoding="utf-8")
    own = OwnData(tmp_path / "t.csv", ("text",), ("label",), annotator_column="who", test=tmp_path / "test.csv")
    table = read_labelled(own)
    assert table.annotators == ("ann", "bob", "cy")
    assert table.votes.tolist() == [[0, 1, -1], [-1, 1, -1], [-1, 1, 0]]


def test_labels_of_test_rows_are_never_corrected():
    assert an_audit().corrected().tolist() == [1, 1, 0, -1]


def test_a_column_tells_the_split_of_each_row(tmp_path):
    write_audit(an_audit(), tmp_path)
    labels, suspects = rows_of(tmp_path / "labels.csv"), rows_of(tmp_path / "suspects.csv")
    assert [(row["row"], row["split"]) for row in labels] == [
        ("1", "train"),
        ("2", "train"),
        ("1", "test"),
        ("2", "test"),
    ]
    assert [row["corrected_label"] for row in labels] == ["b", "b", "a", ""]
    assert [row["split"] for row in suspects] == ["train", "test", "train"]
    assert suspects[2]["near_1_row"] == "1 (test)"


def test_reviewed_rows_are_found_by_number_and_split(tmp_path):
    audit = an_audit()
    write_audit(audit, tmp_path)
    content = (tmp_path / "to_check.csv").read_text(encoding="utf-8").replace("three,a,", "three,a,b")
    (tmp_path / "to_check.csv").write_text(content, encoding="utf-8")
    assert read_checked(tmp_path / "to_check.csv", audit.table) == {2: 1}


def test_a_number_that_two_rows_have_is_refused_without_its_split(tmp_path):
    (tmp_path / "c.csv").write_text("row,right_label\n1,a\n", encoding="utf-8")
    with pytest.raises(BenchmarkError, match="1"):
        read_checked(tmp_path / "c.csv", an_audit().table)


def test_the_page_says_what_is_fair_use_of_test_rows():
    assert "Fair use" in page(an_audit())
    assert "1 (test)" in page(an_audit())


def test_the_summary_counts_test_rows_and_what_is_expected_there():
    assert any("1 of these labels" in sentence and "; 1 of the wrong" in sentence for sentence in summary(an_audit()))


def test_the_wrong_labels_expected_in_test_rows_are_counted_over_all_of_them():
    audit = an_audit()
    every = replace(audit, table=replace(audit.table, test=np.ones(len(audit.table), dtype=np.bool_)))
    expected = f"{np.nansum(audit.p_wrong):.0f}"
    assert expected != f"{np.nanmean(audit.p_wrong):.0f}"
    assert any(f"; {expected} of the wrong labels are expected there" in sentence for sentence in summary(every))
