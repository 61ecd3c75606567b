import json

import numpy as np
import pytest

from benchmark.contracts import BenchmarkError, UnknownNameError
from benchmark.corpora.readers.annotated_table import AnnotatedTable
from benchmark.corpora.readers.base import RawSplit
from benchmark.corpora.readers.splitting import split_by_hash

NAMES = ("no", "yes")


def whole(tmp_path, content: str, files: dict[str, str] | None = None, **options: object):
    paths = {"rows": tmp_path / "rows"}
    paths["rows"].write_text(content, encoding="utf-8")
    for name, text in (files or {}).items():
        paths[name] = tmp_path / name
        paths[name].write_text(text, encoding="utf-8")
    reader = AnnotatedTable.model_validate({"file": "rows", "text": ["text"], "label": "gold"} | options)
    return reader.read_whole(paths, NAMES)


def test_votes_of_a_file_have_one_column_an_annotator(tmp_path):
    votes = "item,who,vote\n7,w2,1\n7,w1,0\n8,w2,0\n"
    raw, _ = whole(
        tmp_path,
        "key,text,gold\n7,a,1\n8,b,0\n",
        {"votes": votes},
        id="key",
        votes={"file": "votes", "item": "item", "annotator": "who", "vote": "vote"},
    )
    assert raw.votes.tolist() == [[0, 1], [-1, 0]]


def test_a_vote_for_an_item_that_is_not_there_is_an_error(tmp_path):
    named = {"file": "votes", "item": "item", "annotator": "who", "vote": "vote"}
    with pytest.raises(UnknownNameError, match="'9'"):
        whole(tmp_path, "key,text,gold\n7,a,1\n", {"votes": "item,who,vote\n9,w,1\n"}, id="key", votes=named)


def test_two_votes_of_one_annotator_for_one_item_are_an_error(tmp_path):
    named = {"file": "votes", "item": "item", "annotator": "who", "vote": "vote"}
    with pytest.raises(BenchmarkError, match=r"annotator w.*item 7"):
        whole(tmp_path, "key,text,gold\n7,a,1\n", {"votes": "item,who,vote\n7,w,1\n7,w,0\n"}, id="key", votes=named)


def test_counted_votes_become_votes(tmp_path):
    raw, _ = whole(tmp_path, "text,gold,n,y\na,1,1,2\nb,0,0,0\n", counted={"n": "no", "y": "yes"})
    assert raw.votes.tolist() == [[0, 1, 1], [-1, -1, -1]]


def test_an_answer_without_a_label_is_absent_among_labels_and_votes(tmp_path):
    raw, _ = whole(tmp_path, "text,gold,m,k\na,1,-1,0\nb,0,,1\n", observed={"m": "m"}, vote_columns=["m", "k"])
    assert raw.given["m"].tolist() == [-1, -1]
    assert raw.votes.tolist() == [[-1, 0], [-1, 1]]


def test_a_pair_is_joined_and_split_by_its_premise(tmp_path):
    row = {"e": {"p": "It rains", "h": "Wet"}, "gold": "y", "old": ["yes", "no"]}
    raw, keys = whole(
        tmp_path,
        json.dumps(row) + "\n",
        format="jsonl",
        text=["e.p", "e.h"],
        split_by=["e.p"],
        classes={"y": "yes"},
        vote_list="old",
        observed={"first": "old.0"},
    )
    assert raw.texts == ("It rains || Wet",)
    assert keys == ["It rains"]
    assert raw.votes.tolist() == [[1, 0]]
    assert raw.given["first"].tolist() == [1]


def raw_of(number: int) -> RawSplit:
    names = tuple(str(row) for row in range(number))
    return RawSplit(names, names, np.arange(number), np.arange(number)[:, None], {"x": np.arange(number)})


def test_rows_of_one_key_stay_in_one_split_with_their_labels_and_votes():
    keys = [str(row // 4) for row in range(400)]
    splits = split_by_hash(raw_of(400), keys, {"test": 0.2, "valid": 0.1})
    parts = [{keys[row] for row in raw.clean_labels} for raw in splits.values()]
    assert sum(map(len, parts)) == 100
    for raw in splits.values():
        assert raw.votes[:, 0].tolist() == raw.clean_labels.tolist()
        assert raw.given["x"].tolist() == raw.clean_labels.tolist()


def test_the_split_of_a_row_does_not_depend_on_the_other_rows():
    many, few = raw_of(300), raw_of(200)
    shares = {"test": 0.2, "valid": 0.1}
    of_many, of_few = split_by_hash(many, many.texts, shares), split_by_hash(few, few.texts, shares)
    assert {split: [row for row in raw.ids if int(row) < 200] for split, raw in of_many.items()} == {
        split: list(raw.ids) for split, raw in of_few.items()
    }


def test_too_few_rows_for_the_splits_are_an_error():
    with pytest.raises(BenchmarkError, match="1 rows"):
        split_by_hash(raw_of(1), ["a"], {"test": 0.2})
