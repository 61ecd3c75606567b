import re

import pytest

from benchmark.contracts import BenchmarkError, noise_from
from benchmark.corpora import catalogue, load_corpus
from benchmark.corpora.own import OwnData, add_own_data, examine, own_remarks
from benchmark.corpora.own_tables.description import describe
from benchmark.corpora.own_tables.same_texts import folded, same_text_groups
from benchmark.noisy_labels.inject import inject_noise

LABELS = ["good", "bad"]


@pytest.fixture(autouse=True)
def own_cards(monkeypatch):
    monkeypatch.setattr(catalogue, "_own", {})


def table(path, texts):
    path.write_text("text,label\n" + "".join(f"{text},{LABELS[n % 2]}\n" for n, text in enumerate(texts)))
    return path


def first_words(texts):
    return [" ".join(text.split()[:3]) for text in texts]


def test_blanks_case_and_unicode_forms_do_not_make_a_text_another():
    groups = same_text_groups(["Caf\u00e9  one", "cafe\u0301 ONE ", "cafe one", "two"])
    assert [groups.count(group) for group in groups] == [2, 2, 1, 1]


def test_texts_that_one_encoder_cannot_tell_apart_are_one_group():
    groups = same_text_groups(["a b c d", "A b c e", "a b x"], [first_words])
    assert groups[0] == groups[1]
    assert groups[0] != groups[2]


VARIANTS = [variant for n in range(40) for variant in (f"Text number {n}", f"text  NUMBER {n}")]


@pytest.mark.parametrize(
    ("texts", "cuts"),
    [(VARIANTS, ()), ([f"text number {n // 2} and {n}" for n in range(80)], (first_words,))],
    ids=["blanks and case", "the cut"],
)
def test_a_text_is_in_one_split_only(tmp_path, texts, cuts):
    corpus = load_corpus(add_own_data(OwnData(table(tmp_path / "mine.csv", texts), ("text",), "label", cuts=cuts)))
    noisy = inject_noise(corpus, noise_from("observed(given)"), seed=0)
    seen = [{folded(text) for text in (cuts[0](split.texts) if cuts else split.texts)} for split in
            (noisy.train, noisy.valid, noisy.test)]  # fmt: skip
    assert all(seen)
    assert not seen[0] & seen[1]
    assert not seen[0] & seen[2]
    assert not seen[1] & seen[2]
    assert sum(map(len, (noisy.train, noisy.valid, noisy.test))) == 80


def test_a_text_is_in_one_split_only_where_classes_seen_once_are_left_out(tmp_path):
    lone = [f"a rare text {n}" for n in range(15)]
    rows = [f"{text},rare{n}" for n, text in enumerate(lone)]
    rows += [f"{text},{LABELS[n % 2]}" for n, text in enumerate(VARIANTS)]
    (tmp_path / "mine.csv").write_text("\n".join(["text,label", *rows]))
    corpus = load_corpus(add_own_data(OwnData(tmp_path / "mine.csv", ("text",), "label", skip_bad_rows=True)))
    train, test = ({folded(text) for text in corpus.splits[split].texts} for split in ("train", "test"))
    assert len(train) + len(test) == 40
    assert not train & test


def test_where_every_class_is_seen_once_no_row_is_left_and_that_can_be_looked_at(tmp_path):
    rows = [f"{text},class {n}" for n, text in enumerate(VARIANTS)]
    (tmp_path / "mine.csv").write_text("\n".join(["text,label", *rows]))
    own = OwnData(tmp_path / "mine.csv", ("text",), "label", skip_bad_rows=True)
    assert describe(examine(own), 0.2).test_rows == 0
    with pytest.raises(BenchmarkError, match="80"):
        add_own_data(own)


def test_texts_of_a_test_file_are_left_out_of_train_and_counted(tmp_path):
    train = table(tmp_path / "mine.csv", [f"text number {n}" for n in range(40)])
    test = table(tmp_path / "test.csv", ["TEXT number 3", "text  number 4", "a new one", "another"])
    valid = table(tmp_path / "valid.csv", ["text number 8", "a NEW one", "not seen yet", "nor this"])
    corpus = load_corpus(add_own_data(OwnData(train, ("text",), "label", test=test, valid=valid)))
    assert {split: len(rows) for split, rows in corpus.splits.items()} == {"train": 37, "valid": 3, "test": 4}
    assert not {"text number 3", "text number 4", "text number 8"} & set(corpus.splits["train"].texts)
    said = " ".join(own_remarks("mine"))
    assert re.search(r"\b2 .*\btrain\b.*\btest\b", said)
    assert re.search(r"\b1 .*\bvalid\b.*\btest\b", said)


def test_a_test_file_that_has_all_of_train_is_refused(tmp_path):
    train = table(tmp_path / "mine.csv", [f"text number {n}" for n in range(40)])
    test = table(tmp_path / "test.csv", [f"Text number {n}" for n in range(60)])
    with pytest.raises(BenchmarkError, match=r"\b40 .*mine\.csv.*test\.csv"):
        add_own_data(OwnData(train, ("text",), "label", test=test))


def test_texts_that_are_all_equal_once_cut_are_said_and_not_split(tmp_path):
    texts = [f"the same beginning {n}" for n in range(40)]
    add_own_data(OwnData(table(tmp_path / "mine.csv", texts), ("text",), "label", cuts=(first_words,)))
    assert any(remark.startswith("40 of 40 texts") and "40 of them" in remark for remark in own_remarks("mine"))
    with pytest.raises(BenchmarkError, match="1 different texts"):
        load_corpus("mine")


def test_a_small_test_set_is_said_and_a_large_one_is_not(tmp_path):
    add_own_data(OwnData(table(tmp_path / "few.csv", [f"text {n}" for n in range(200)]), ("text",), "label"))
    add_own_data(OwnData(table(tmp_path / "many.csv", [f"text {n}" for n in range(3000)]), ("text",), "label"))
    assert any("points" in remark for remark in own_remarks("few"))
    assert own_remarks("many") == ()


@pytest.mark.parametrize(
    ("test_labels", "fits"), [(["good", "bad"], True), (["good", "good"], True), (["1", "0"], False)]
)
def test_label_sets_of_two_files_must_fit(tmp_path, test_labels, fits):
    train = table(tmp_path / "mine.csv", [f"text number {n}" for n in range(40)])
    test = tmp_path / "test.csv"
    test.write_text("text,label\n" + "".join(f"other {n},{label}\n" for n, label in enumerate(test_labels * 4)))
    if fits:
        assert add_own_data(OwnData(train, ("text",), "label", test=test)) == "mine"
        return
    with pytest.raises(BenchmarkError, match=r"'bad', 'good'.*'0', '1'"):
        add_own_data(OwnData(train, ("text",), "label", test=test))


def test_a_class_that_train_lacks_is_named(tmp_path):
    train = table(tmp_path / "mine.csv", [f"text number {n}" for n in range(40)])
    test = tmp_path / "test.csv"
    test.write_text("text,label\na,good\nb,bad\nc,odd\n")
    add_own_data(OwnData(train, ("text",), "label", test=test))
    assert any("'odd'" in remark for remark in own_remarks("mine"))
