import json

import pytest

from benchmark.contracts import BenchmarkError
from benchmark.corpora.readers.chemprot import Chemprot, keyword_votes

NAMES = ("Part of", "Regulator")
RULES = (("Part of", "mutat", "mutant"), ("Regulator", "bind"))


def cosine(text, label, major):
    return {"text": text, "label": label, "major": major, "len": 1}


@pytest.fixture
def files(tmp_path):
    rows = [
        cosine("[CHEMICAL]A[\\CHEMICAL] binds [GENE]B[\\GENE]", 2, 2),
        cosine("A binds [GENE]B[\\GENE] and [CHEMICAL]C[\\CHEMICAL]", 1, 2),
        cosine("[CHEMICAL]A[\\CHEMICAL] is a Mutant of [GENE]B[\\GENE]", 0, 1),
        cosine("[GENE]B[\\GENE] has [CHEMICAL]A[\\CHEMICAL]", 1, -1),
        cosine("[CHEMICAL]A[\\CHEMICAL] binds [GENE]B[\\GENE]", 2, 2),
    ]

    def wrench(text, spans, label):
        return {"label": label, "data": {"text": text, "span1": spans[0], "span2": spans[1]}, "weak_labels": []}

    contents = {
        "rows": rows,
        "valid": {"77": wrench("A binds B", ([8, 9], [0, 1]), 1)},
        "test": {"5": wrench("A binds B and C", ([8, 9], [14, 15]), 0)},
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    return {name: tmp_path / name for name in contents}


def read(files):
    return Chemprot(rows=("rows",), valid="valid", test="test", rules=RULES).read(files, NAMES)


def test_what_is_not_in_valid_or_test_is_train_with_markers_votes_and_labels_from_zero(files):
    splits = read(files)
    assert splits["valid"].ids == ("77",)
    assert splits["test"].ids == ("5",)
    train = splits["train"]
    assert train.ids == ("c3", "c4")
    assert train.clean_labels.tolist() == [0, 1]
    assert train.texts == (
        "[GENE]B[\\GENE] has [CHEMICAL]A[\\CHEMICAL]",
        "[CHEMICAL]A[\\CHEMICAL] binds [GENE]B[\\GENE]",
    )
    assert train.votes.tolist() == [[-1, -1], [-1, 1]]
    assert train.given["major"].tolist() == [-1, 1]
    assert splits["test"].votes.tolist() == [[-1, 1]]
    assert splits["test"].clean_labels.tolist() == [0]


def test_a_row_that_no_file_has_with_markers_is_an_error(files):
    content = json.loads(files["valid"].read_text())
    content["78"] = content["77"] | {"label": 0}
    files["valid"].write_text(json.dumps(content))
    with pytest.raises(BenchmarkError, match=r"\b1 rows.*'78'"):
        read(files)


@pytest.mark.parametrize("name", ["rows", "valid"])
def test_a_file_of_another_form_is_named(files, name):
    files[name].write_text('[{"txt": 1}]')
    with pytest.raises(BenchmarkError, match=name):
        read(files)


def test_rules_read_lower_case_and_an_unknown_class_is_an_error():
    assert keyword_votes(["A MUTANT binds"], RULES, NAMES).tolist() == [[0, 1]]
    with pytest.raises(BenchmarkError, match=r"Rule 0 "):
        keyword_votes(["a"], (("Parts", "x"),), NAMES)
