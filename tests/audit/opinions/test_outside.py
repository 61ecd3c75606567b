"""Texts that belong to no class."""

import csv
import io
import re

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from benchmark.audit.audit import audit_table
from benchmark.audit.output.page import page
from benchmark.audit.output.writing import write_audit
from benchmark.audit.reading import make_table

ROWS, FOREIGN = 400, 30


@pytest.fixture(scope="module")
def case():
    """Three clusters, and behind them texts of a fourth under the others' labels; the
    last row has no label.
    """
    draws = np.random.default_rng(0)
    true = np.concatenate([draws.integers(3, size=ROWS - FOREIGN), np.full(FOREIGN, 3)])
    features = (3 * np.eye(4, 12)[true] + draws.normal(size=(ROWS, 12))).astype(np.float32)
    labels = np.where(true == 3, draws.integers(3, size=ROWS), true)
    names = ["abc"[label] for label in labels[:-1]] + [""]
    table = make_table("made", [f"text {row}" for row in range(ROWS)], [[name] for name in names])
    return audit_table(table, features), true


def test_foreign_texts_are_the_least_like_any_class(case):
    audit, true = case
    assert roc_auc_score(true[:-1] == 3, audit.outside[:-1]) > 0.75


def test_the_score_lies_between_0_and_1_and_a_row_without_a_label_has_none(case):
    audit, _ = case
    assert np.isnan(audit.outside[-1])
    assert audit.outside[:-1].min() > 0
    assert audit.outside[:-1].max() <= 1


def test_the_page_folds_the_twenty_texts_that_are_least_like_any_class(case):
    audit, _ = case
    section = page(audit).partition('<h2 id="outside">')[2].partition("<h2")[0]
    shown = [int(row) for row in re.findall(r"\(row (\d+)\)", section)]
    assert len(shown) == 20
    assert shown[0] == 1 + int(np.nanargmax(audit.outside))
    assert section.index("<details>") < section.index("(row")


def test_a_column_has_the_score_of_each_row(case, tmp_path):
    audit, _ = case
    write_audit(audit, tmp_path)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "labels.csv").read_text(encoding="utf-8"))))
    assert float(rows[0]["outside"]) == pytest.approx(audit.outside[0], abs=1e-4)
    assert rows[-1]["outside"] == ""
