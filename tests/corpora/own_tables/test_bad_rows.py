import json

import pytest

from benchmark.contracts import BenchmarkError
from benchmark.corpora import catalogue, load_corpus
from benchmark.corpora.own import OwnData, add_own_data, own_remarks

LABELS = ["good", "bad"] * 20
ROWS = [{"text": f"text number {n}", "label": LABELS[n]} for n in range(40)]


@pytest.fixture(autouse=True)
def own_cards(monkeypatch):
    monkeypatch.setattr(catalogue, "_own", {})


def lines(tmp_path, changes, name="mine.jsonl"):
    """Forty rows, some of them changed: by number from 1."""
    rows = [{**row, **changes.get(number, {})} for number, row in enumerate(ROWS, start=1)]
    path = tmp_path / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def refused(path, **options) -> str:
    with pytest.raises(BenchmarkError) as caught:
        add_own_data(OwnData(path, ("text",), "label", **options))
    return str(caught.value)


BAD = {
    "a list as text": {"text": ["a", "b"]},
    "an object as text": {"text": {"title": "a"}},
    "no text": {"text": None},
    "half a letter": {"text": "cut \ud83d"},
    "half a letter in a label": {"label": "good\ud83d"},
    "several labels": {"label": ["good", "bad"]},
    "labels as an object": {"label": {"good": 1}},
    "several labels in a text": {"label": "good;bad"},
    "a class seen once": {"label": "goood"},
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD.keys())
def test_a_row_that_cannot_be_used_is_refused_by_its_number(tmp_path, change):
    said = refused(lines(tmp_path, {7: change}))
    assert "row 7" in said
    assert "--skip-bad-rows" in said


@pytest.mark.parametrize("change", BAD.values(), ids=BAD.keys())
def test_a_row_that_cannot_be_used_is_left_out_and_counted(tmp_path, change):
    name = add_own_data(OwnData(lines(tmp_path, {7: change}), ("text",), "label", skip_bad_rows=True))
    corpus = load_corpus(name)
    texts = [text for split in corpus.splits.values() for text in split.texts]
    assert sorted(texts) == sorted(row["text"] for number, row in enumerate(ROWS, start=1) if number != 7)
    assert corpus.label_names == ("bad", "good")
    assert any("1 of 40 rows" in remark and "row 7" in remark for remark in own_remarks(name))


def test_every_kind_of_bad_row_is_named_at_once(tmp_path):
    said = refused(lines(tmp_path, {3: BAD["no text"], 5: BAD["half a letter"], 8: BAD["several labels"]}))
    assert all(f"row {number}" in said for number in (3, 5, 8))


def test_a_cut_row_of_a_csv_is_left_out(tmp_path):
    path = tmp_path / "mine.csv"
    rows = [f"{row['text']},{row['label']}" for row in ROWS]
    rows[4] = "a row that was cut"
    path.write_text("text,label\n" + "\n".join(rows))
    assert "row 5" in refused(path)
    corpus = load_corpus(add_own_data(OwnData(path, ("text",), "label", skip_bad_rows=True)))
    assert sum(map(len, corpus.splits.values())) == 39


def test_a_header_that_comes_again_is_left_out_and_said(tmp_path):
    path = tmp_path / "mine.csv"
    rows = [f"{row['text']},{row['label']}" for row in ROWS]
    path.write_text("\n".join(["text,label", *rows[:20], "text,label", *rows[20:]]))
    corpus = load_corpus(add_own_data(OwnData(path, ("text",), "label")))
    assert corpus.label_names == ("bad", "good")
    assert any("row 21" in remark for remark in own_remarks("mine"))


def test_nothing_is_left(tmp_path):
    every = {number: BAD["no text"] for number in range(1, 41)}
    assert "no rows left" in refused(lines(tmp_path, every), skip_bad_rows=True)


def test_minus_one_of_a_rule_is_no_class_where_the_trusted_labels_lack_it(tmp_path):
    path = tmp_path / "weak.csv"
    rows = [f"text number {n},{-1 if n < 6 else n % 2},{n % 2}" for n in range(40)]
    path.write_text("\n".join(["text,weak,gold", *rows]))
    corpus = load_corpus(add_own_data(OwnData(path, ("text",), "weak", "gold")))
    assert corpus.label_names == ("0", "1")
    silent = sum((split.observed["given"] == -1).sum() for split in corpus.splits.values())
    assert silent == 6
    assert any("'-1'" in remark and "6 rows" in remark for remark in own_remarks("weak"))


def test_a_code_for_no_label_is_refused_where_it_would_be_scored(tmp_path):
    train, test = lines(tmp_path, {}), lines(tmp_path, {2: {"label": "NaN"}}, "test.jsonl")
    rows = test.read_text().replace("text number", "another text")
    test.write_text(rows)
    assert "row 2" in refused(train, test=test)


def test_a_stray_zero_byte_is_refused_by_its_row_and_makes_no_other_encoding(tmp_path):
    lines = [f"text {number},{'ab'[number % 2]}" for number in range(20)]
    lines[6] = "te\0xt 6,a"
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(["text,label", *lines]) + "\n")
    with pytest.raises(BenchmarkError, match=r"row 7\b"):
        add_own_data(OwnData(path, ("text",), "label"))
