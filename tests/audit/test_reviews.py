"""Reviewed rows that are those of another table, or no sample of this one."""

import numpy as np
import pytest

from benchmark.audit.audit import audit_table
from benchmark.audit.checked import read_checked
from benchmark.audit.output.page import summary
from benchmark.audit.reading import make_table
from benchmark.contracts import BenchmarkError


def test_a_review_of_another_text_is_refused_with_both(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("row,text,right_label\n2,third,a\n", encoding="utf-8")
    with pytest.raises(BenchmarkError, match=r"row 1.*'third'.*'2'.*'second'"):
        read_checked(path, make_table("t.csv", ["first", "second"], [["a"], ["b"]]))


@pytest.mark.parametrize("text", ["a caf? in Pozna?", "A  CAFÉ in Poznan", "a café in", "", "???"])
def test_a_text_that_a_program_saved_otherwise_is_still_that_of_its_row(tmp_path, text):
    path = tmp_path / "c.csv"
    path.write_text(f"row,text,right_label\n1,{text},a\n", encoding="utf-8")
    table = make_table("t.csv", ["a café in Poznań", "another"], [["a"], ["b"]])
    assert read_checked(path, table) == {0: 0}


@pytest.mark.parametrize(("right", "told"), [((1, 0, -1, 1), True), ((1, 0, -1, 0), False), ((1, 0, 0, 1), False)])
def test_rows_reviewed_only_where_they_are_wrong_are_told_to_be_no_sample(right, told):
    """The labels are a, b, none and a; -1 is a row that was not reviewed."""
    table = make_table("t.csv", ["one", "two", "three", "four"], [["a"], ["b"], ["a"], ["a"]])
    reviewed = {place: label for place, label in enumerate(right) if label >= 0}
    draws = np.random.default_rng(0)
    audit = audit_table(table, draws.normal(size=(4, 3)).astype(np.float32), reviewed)
    assert any("1 are left empty" in sentence for sentence in summary(audit)) == told
