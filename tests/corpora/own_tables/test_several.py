"""Several annotators, columns of probabilities, and several files."""

import json
import re

import numpy as np
import pytest

from benchmark.contracts import BenchmarkError, noise_from
from benchmark.corpora import catalogue, load_card, load_corpus
from benchmark.corpora.own import OwnData, add_own_data, own_remarks
from benchmark.noisy_labels.inject import inject_noise

NAMES = ("bad", "good")


@pytest.fixture(autouse=True)
def own_cards(monkeypatch):
    monkeypatch.setattr(catalogue, "_own", {})


def write(path, header, rows):
    path.write_text("\n".join(",".join(map(str, row)) for row in [header, *rows]) + "\n")
    return path


def by_text(corpus):
    """The given label of each text, by name."""
    return {
        text: corpus.label_names[label] if label >= 0 else None
        for split in corpus.splits.values()
        for text, label in zip(split.texts, split.observed["given"].tolist(), strict=True)
    }


def test_annotators_in_columns_vote(tmp_path):
    rows = [(f"text {n}", NAMES[n % 2], NAMES[n % 2], NAMES[0] if n % 3 else "") for n in range(40)]
    path = write(tmp_path / "mine.csv", ("text", "a1", "a2", "a3"), rows)
    corpus = load_corpus(add_own_data(OwnData(path, ("text",), ("a1", "a2", "a3"))))
    assert by_text(corpus) == {text: first for text, first, _, _ in rows}
    assert corpus.splits["train"].votes["given"].shape[1] == 3
    assert load_card("mine").observed["given"].reads == "votes"
    agreed = inject_noise(corpus, noise_from("observed(given,votes=agreeing)"), seed=0)
    assert agreed.manifest.unlabelled_rows > 0
    assert any("3 annotators" in remark for remark in own_remarks("mine"))


def test_it_is_said_how_often_annotators_differ_and_how_many_draws_there_are(tmp_path):
    one, other = NAMES[:2]
    votes = [(one, one, one)] * 20 + [(other, other, one)] * 12 + [(one, other, "")] * 5 + [(other, "", "")] * 3
    rows = [(f"text {n}", *given) for n, given in enumerate(votes)]
    path = write(tmp_path / "mine.csv", ("text", "a1", "a2", "a3"), rows)
    add_own_data(OwnData(path, ("text",), ("a1", "a2", "a3")))
    (said,) = (remark for remark in own_remarks("mine") if "3 annotators" in remark)
    assert re.findall(r"\d+", said.partition("text.")[2]) == ["17", "37", "5"]


def test_of_rows_with_one_vote_each_no_agreement_is_told(tmp_path):
    votes = [("", name) if n % 3 else (name, "") for n, name in enumerate(NAMES[:2] * 20)]
    path = write(tmp_path / "mine.csv", ("text", "a1", "a2"), [(f"text {n}", *given) for n, given in enumerate(votes)])
    add_own_data(OwnData(path, ("text",), ("a1", "a2")))
    (said,) = (remark for remark in own_remarks("mine") if "2 annotators" in remark)
    assert "no row has votes of two" in said


def test_annotators_in_rows_vote(tmp_path):
    rows = [(f"text {n}", who, NAMES[n % 2] if who != "cy" else NAMES[0]) for n in range(40) for who in ("al", "bo")]
    rows += [(f"text {n}", "cy", NAMES[0]) for n in range(10)]
    path = write(tmp_path / "mine.csv", ("text", "who", "label"), rows)
    corpus = load_corpus(add_own_data(OwnData(path, ("text",), "label", annotator_column="who")))
    assert sum(map(len, corpus.splits.values())) == 40
    assert by_text(corpus) == {f"text {n}": NAMES[n % 2] for n in range(40)}
    votes = np.concatenate([split.votes["given"] for split in corpus.splits.values()])
    assert votes.shape == (40, 3)
    assert (votes[:, 2] >= 0).sum() == 10


def test_an_annotator_with_two_labels_for_one_text_is_refused(tmp_path):
    rows = [(f"text {n % 20}", "al", NAMES[n // 20]) for n in range(40)]
    path = write(tmp_path / "mine.csv", ("text", "who", "label"), rows)
    with pytest.raises(BenchmarkError, match=r"row 21: annotator 'al'"):
        add_own_data(OwnData(path, ("text",), "label", annotator_column="who"))


def test_probabilities_in_columns_give_the_most_probable_class(tmp_path):
    rows = [(f"text {n}", 0.9 if n % 2 else 0.2, 0.1 if n % 2 else 0.8) for n in range(40)]
    rows[5] = ("text 5", 0.5, 0.5)
    path = write(tmp_path / "mine.csv", ("text", "p_good", "p_bad"), rows)
    found = by_text(load_corpus(add_own_data(OwnData(path, ("text",), ("p_good", "p_bad")))))
    assert found["text 5"] is None
    assert (found["text 7"], found["text 8"]) == ("good", "bad")
    assert any("probabilities of the classes good, bad" in remark for remark in own_remarks("mine"))


def test_zeros_and_ones_of_annotators_are_votes(tmp_path):
    rows = [(f"text {n}", n % 2, n % 2) for n in range(40)]
    path = write(tmp_path / "mine.csv", ("text", "a1", "a2"), rows)
    corpus = load_corpus(add_own_data(OwnData(path, ("text",), ("a1", "a2"))))
    assert corpus.label_names == ("0", "1")


def test_several_files_are_one_table_and_rows_are_named_by_file(tmp_path):
    first = write(tmp_path / "one.csv", ("text", "label"), [(f"text {n}", NAMES[n % 2]) for n in range(20)])
    second = tmp_path / "two.jsonl"
    second.write_text("".join(json.dumps({"text": f"more {n}", "label": NAMES[n % 2]}) + "\n" for n in range(20)))
    corpus = load_corpus(add_own_data(OwnData(first, ("text",), "label", more_data=(second,))))
    assert corpus.name == "one"
    assert len(by_text(corpus)) == 40
    second.write_text(second.read_text().replace('"more 4"', '""'))
    with pytest.raises(BenchmarkError, match=r"two\.jsonl.*text.* row 5\."):
        add_own_data(OwnData(first, ("text",), "label", more_data=(second,)))


def test_files_of_another_form_are_refused(tmp_path):
    first = write(tmp_path / "one.csv", ("text", "label"), [("a", "good")])
    second = write(tmp_path / "two.csv", ("text", "class"), [("b", "bad")])
    with pytest.raises(BenchmarkError, match=r"two\.csv"):
        add_own_data(OwnData(first, ("text",), "label", more_data=(second,)))


def two_files(tmp_path, labels):
    texts = write(tmp_path / "texts.csv", ("id", "text"), [(n, f"text {n}") for n in range(40)])
    return texts, write(tmp_path / "labels.csv", ("doc", "label"), labels)


def test_labels_of_another_file_are_found_by_their_id(tmp_path):
    labels = [(n, NAMES[n % 2]) for n in reversed(range(38))]
    texts, other = two_files(tmp_path, labels)
    own = OwnData(texts, ("text",), "label", label_data=(other,), id_columns=("id", "doc"))
    found = by_text(load_corpus(add_own_data(own)))
    assert found == {f"text {n}": NAMES[n % 2] if n < 38 else None for n in range(40)}
    assert any("2 texts have no row of labels" in remark for remark in own_remarks("texts"))


def test_annotators_of_another_file_vote(tmp_path):
    labels = [(n, NAMES[n % 2], who) for n in range(40) for who in ("al", "bo")]
    texts = two_files(tmp_path, [])[0]
    other = write(tmp_path / "labels.csv", ("doc", "label", "who"), labels)
    own = OwnData(
        texts, ("text",), "label", label_data=(other,), id_columns=("id", "doc"), annotator_column="who"
    )  # fmt: skip
    assert load_corpus(add_own_data(own)).splits["train"].votes["given"].shape[1] == 2


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([(n % 20, NAMES[n % 2]) for n in range(40)], "row 21"),
        ([(n + 100, NAMES[n % 2]) for n in range(40)], "No id of the texts"),
    ],
)
def test_ids_that_do_not_bring_texts_and_labels_together_are_refused(tmp_path, labels, words):
    texts, other = two_files(tmp_path, labels)
    with pytest.raises(BenchmarkError, match=words):
        add_own_data(OwnData(texts, ("text",), "label", label_data=(other,), id_columns=("id", "doc")))


@pytest.mark.parametrize(
    "options", [{"label_data": True}, {"id_columns": ("id",)}, {"annotator_column": "who", "label_column": ("a", "b")}]
)
def test_options_that_do_not_go_together_are_refused(tmp_path, options):
    texts, other = two_files(tmp_path, [])
    given = {"label_column": "label", **options} | ({"label_data": (other,)} if "label_data" in options else {})
    with pytest.raises(BenchmarkError, match=r"--(id|annotator)-column"):
        add_own_data(OwnData(texts, ("text",), **given))


@pytest.mark.parametrize(
    ("texts", "columns"),
    [
        (("text", "text"), {"label_column": "label"}),
        (("text",), {"label_column": "text"}),
        (("text",), {"label_column": ("label", "label")}),
        (("text",), {"label_column": "label", "clean_column": "label"}),
        (("text",), {"label_column": "label", "annotator_column": "text"}),
    ],
)
def test_a_column_has_one_use(tmp_path, texts, columns):
    path = write(tmp_path / "mine.csv", ("text", "label"), [(f"text {n}", NAMES[n % 2]) for n in range(40)])
    with pytest.raises(BenchmarkError, match=r"'(text|label)' is named by --\w+-column and --\w+-column"):
        add_own_data(OwnData(path, texts, **columns))


@pytest.mark.parametrize("sign", ["", " %"])
def test_probabilities_may_be_per_cent_and_a_row_without_any_has_no_label(tmp_path, sign):
    rows = [(f"text {n}", f"{90 if n % 2 else 20}{sign}", f"{10 if n % 2 else 80}{sign}") for n in range(40)]
    rows[5] = ("text 5", "", "")
    path = write(tmp_path / "mine.csv", ("text", "p_good", "p_bad"), rows)
    corpus = load_corpus(add_own_data(OwnData(path, ("text",), ("p_good", "p_bad"))))
    assert corpus.label_names == ("bad", "good")
    assert by_text(corpus)["text 5"] is None
    assert by_text(corpus)["text 7"] == "good"


@pytest.mark.parametrize(("columns", "fold"), [(("Good", "good", "bad"), True), (("good", "good\u200b", "bad"), False)])
def test_columns_of_probabilities_that_are_one_class_are_refused(tmp_path, columns, fold):
    rows = [(f"text {n}", 0.3, 0.3 + 0.1 * (n % 2), 0.4 - 0.1 * (n % 2)) for n in range(40)]
    path = write(tmp_path / "mine.csv", ("text", *columns), rows)
    with pytest.raises(BenchmarkError, match=f"'{columns[0]}' and '{columns[1]}' are probabilities of one class"):
        add_own_data(OwnData(path, ("text",), columns, fold_case=fold))


def test_a_row_among_probabilities_that_is_none_is_refused_by_its_number_and_no_class(tmp_path):
    rows = [(f"text {n}", 0.9 if n % 2 else 0.2, 0.1 if n % 2 else 0.8) for n in range(40)]
    rows[4] = ("text 4", 0.7, 0.7)
    path = write(tmp_path / "mine.csv", ("text", "p_good", "p_bad"), rows)
    with pytest.raises(BenchmarkError, match=r"row 5\b"):
        add_own_data(OwnData(path, ("text",), ("p_good", "p_bad")))
    name = add_own_data(OwnData(path, ("text",), ("p_good", "p_bad"), skip_bad_rows=True))
    assert load_card(name).label_names == ("bad", "good")
