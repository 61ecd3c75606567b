import csv
import io
from pathlib import Path

import numpy as np
import pytest

from benchmark.api import embed_texts, find_label_errors, label_quality
from benchmark.contracts import BenchmarkError

KINDS = ("the parcel arrived late and the box was broken", "please give me my money back on my card")


@pytest.fixture
def table(tmp_path):
    """Eighty tickets of two kinds, every tenth with the other label."""
    path = tmp_path / "tickets.csv"
    rows = [(f"{KINDS[i % 2]}, order {i}", "ab"[(i + (i % 10 == 0)) % 2]) for i in range(80)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("text", "label"), *rows])
    return path


def read(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def audit(command, table, out, *more):
    return command("audit", table, "--text-column", "text", "--label-column", "label", "--out", out, *more)


def test_an_audit_writes_its_files_and_finds_the_wrong_labels(command, table, tmp_path):
    ended = audit(command, table, tmp_path / "out")
    assert ended.code == 0, ended.err
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"suspects.csv", "suspects.xlsx", "labels.csv", "to_check.csv", "audit.html"}
    first = {int(row["row"]) for row in read(tmp_path / "out" / "suspects.csv")[:8]}
    assert len(first & set(range(1, 80, 10))) >= 7
    assert "80 rows, 2 classes" in ended.out
    told = [line.split("  ") for line in ended.out.splitlines() if line.startswith("Written: ")]
    assert {Path(path).name for path, _ in told} == written
    assert len({words for _, words in told}) == len(told)


def test_labels_in_a_file_of_their_own_are_audited_by_the_rows_of_the_texts(command, table, tmp_path):
    rows = read(table)
    for name, column, order in (("texts.csv", "text", 1), ("labels.csv", "label", -1)):
        lines = [f'd{number},"{row[column]}"' for number, row in enumerate(rows)][::order]
        (tmp_path / name).write_text("\n".join([f"{column}_id,{column}", *lines]), encoding="utf-8")
    found = [tmp_path / "texts.csv", "--label-data", tmp_path / "labels.csv", "--id-column", "text_id"]
    ended = audit(command, found[0], tmp_path / "out", *found[1:], "--id-column", "label_id")
    assert ended.code == 0, ended.err
    assert [row["given_label"] for row in read(tmp_path / "out" / "labels.csv")] == [row["label"] for row in rows]


def test_a_table_in_two_files_is_audited_as_one_with_the_file_of_each_row(command, table, tmp_path):
    whole = audit(command, table, tmp_path / "whole")
    header, *lines = table.read_text(encoding="utf-8").splitlines()
    parts = [tmp_path / "may.csv", tmp_path / "june.csv"]
    for path, some in zip(parts, (lines[:30], lines[30:]), strict=True):
        path.write_text("\n".join([header, *some]) + "\n", encoding="utf-8")
    ended = audit(command, parts[0], tmp_path / "out", parts[1])
    assert (whole.code, ended.code) == (0, 0), ended.err
    one, two = (read(tmp_path / name / "suspects.csv") for name in ("whole", "out"))
    before = {"may.csv": 0, "june.csv": 30}
    assert [int(row["row"]) + before[row["file"]] for row in two] == [int(row["row"]) for row in one]
    assert [row["p_wrong"] for row in two] == [row["p_wrong"] for row in one]


def test_reviewed_rows_give_an_interval(command, table, tmp_path):
    audit(command, table, tmp_path / "out")
    rows = read(tmp_path / "out" / "to_check.csv")
    for row in rows:
        row["right_label"] = "ab"[(int(row["row"]) - 1) % 2]
    reviewed = tmp_path / "reviewed.csv"
    with reviewed.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    ended = audit(command, table, tmp_path / "again", "--checked", reviewed)
    assert ended.code == 0, ended.err
    assert "50 checked rows" in " ".join(ended.out.split())


def test_files_of_an_earlier_audit_are_never_written_over(command, table, tmp_path):
    """A person may have reviewed rows in them."""
    reviewed = tmp_path / "out" / "to_check.csv"
    reviewed.parent.mkdir()
    reviewed.write_text("row,right_label\n1,a\n", encoding="utf-8")
    ended = audit(command, table, tmp_path / "out", "--checked", reviewed)
    assert ended.code == 2
    assert "to_check.csv" in ended.err
    assert reviewed.read_text(encoding="utf-8") == "row,right_label\n1,a\n"


def test_a_folder_that_cannot_be_made_is_refused_before_anything_is_computed(command, table):
    ended = audit(command, table, table / "out")
    assert ended.code == 2
    assert str(table) in "".join(ended.err.split())
    assert "wrong" not in ended.out


def test_a_column_that_is_not_there_is_refused(command, table, tmp_path):
    ended = command("audit", table, "--text-column", "txt", "--label-column", "label", "--out", tmp_path / "out")
    assert ended.code == 2
    assert "Did you mean 'text'" in ended.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("given", [(), ("--text-column", "text"), ("--label-column", "label")])
def test_columns_that_are_not_named_are_listed(command, table, tmp_path, given):
    ended = command("audit", table, *given, "--out", tmp_path / "out")
    assert ended.code == 2
    said = " ".join(ended.err.split())
    assert "text, label" in said
    assert "--text-column" in said
    assert not (tmp_path / "out").exists()


def test_an_encoder_without_pretrained_weights_is_refused(command, table, tmp_path):
    ended = audit(command, table, tmp_path / "out", "--encoder", "scratch:tiny")
    assert ended.code == 2
    assert "frozen:minilm" in ended.err


def test_texts_and_their_embeddings_have_the_same_quality(table):
    rows = read(table)
    texts, labels = [row["text"] for row in rows], [row["label"] for row in rows]
    quality = label_quality(texts, labels)
    assert quality.shape == (80,)
    assert np.corrcoef(quality, label_quality(embed_texts(texts), labels))[0, 1] > 0.95


def test_label_errors_are_the_wrong_labels_most_suspicious_first(table):
    rows = read(table)
    found = find_label_errors(embed_texts([row["text"] for row in rows]), [row["label"] for row in rows])
    assert len(found) > 0
    assert set(found.tolist()) <= set(range(0, 80, 10))


def test_labels_and_texts_of_unlike_number_are_refused():
    with pytest.raises(BenchmarkError, match=r"3 labels.*2"):
        label_quality(["a", "b"], ["x", "y", "x"])


def test_test_rows_are_audited_where_that_is_asked_for(command, table, tmp_path):
    rows = [
        (row["text"], row["label"], "test" if number % 4 == 0 else "train") for number, row in enumerate(read(table))
    ]
    with table.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("text", "label", "split"), *rows])
    ended = audit(command, table, tmp_path / "out", "--test-rows", "split=test")
    assert ended.code == 0, ended.err
    assert "20 of these labels are those of test rows" in " ".join(ended.out.split())
    assert [row["split"] for row in read(tmp_path / "out" / "labels.csv")] == [split for _, _, split in rows]
