import csv
import json
from pathlib import Path

import numpy as np
import pytest

from benchmark.contracts import BenchmarkError
from benchmark.corpora import Corpus, availability, corpus_names, load_card, load_corpus
from benchmark.corpora import files as card_files
from benchmark.corpora.card import Card
from benchmark.corpora.loading import build
from benchmark.corpora.readers import reader_of
from benchmark.corpora.recount import checks, measure_noise, not_comparable


def needed(name: str) -> None:
    if not availability(name).at_hand:
        pytest.skip(f"files of {name} not at hand")


@pytest.fixture
def loaded(real_data):
    def load(name: str) -> Corpus:
        needed(name)
        return load_corpus(name)

    return load


def rate_by_share(raw, num_classes: int) -> tuple[int, float]:
    counts = (raw.votes[:, :, None] == np.arange(num_classes)).sum(axis=1)
    most = counts.max(axis=1)
    winners = (counts == most[:, None]) & (most[:, None] > 0)
    covered = most > 0
    right = winners[np.arange(len(winners)), raw.clean_labels] / np.maximum(winners.sum(axis=1), 1)
    return int(covered.sum()), float(1 - right[covered].mean())


@pytest.mark.parametrize("name", corpus_names())
def test_every_line_of_the_card_is_recounted(real_data, name):
    needed(name)
    card = load_card(name)
    built = build(card)
    if why := not_comparable(card, built):
        pytest.skip(why)
    assert [check for check in checks(card, built) if not check.ok] == []


def test_trec_has_the_published_rows_and_coverage_and_its_noise_is_near_the_rate_by_shares(loaded):
    train = loaded("trec").splits["train"]
    noise = measure_noise(train.clean_labels, train.observed["weak"])
    assert (len(train), noise.covered) == (4965, 4723)
    source = load_card("trec").sources[0]
    raw = reader_of(source).read(card_files.find(source.files)[0], load_card("trec").label_names)["train"]
    covered, by_share = rate_by_share(raw, 6)
    assert (covered, round(by_share, 3)) == (4791, 0.463)
    assert abs(noise.rate - 0.467) < 0.005


def test_no_question_of_trec_test_begins_with_its_answer(loaded):
    corpus = loaded("trec")
    source = load_card("trec").sources[0]
    raw_path = card_files.find(source.files)[0]["wrench_trec/test.json"]
    raw = [row["data"]["text"] for row in json.loads(raw_path.read_text(encoding="utf-8")).values()]
    leaked = {text.split()[0] for text in raw}
    cleaned = corpus.splits["test"].texts
    assert [text.split(" ", 1)[1].lower() for text in raw] == list(cleaned)
    assert not {text.split()[0] for text in cleaned} & leaked
    assert all(text == text.lower() for split in corpus.splits.values() for text in split.texts)


def test_semeval_noise_is_near_the_rate_by_shares_and_every_row_has_a_vote(loaded):
    corpus = loaded("semeval")
    train = corpus.splits["train"]
    source = load_card("semeval").sources[0]
    raw = reader_of(source).read(card_files.find(source.files)[0], corpus.label_names)["train"]
    covered, by_share = rate_by_share(raw, 9)
    assert (covered, round(by_share, 3)) == (1749, 0.201)
    assert abs(measure_noise(train.clean_labels, train.observed["weak"]).rate - by_share) < 0.01


def test_semeval_answers_of_the_language_model_are_those_of_its_file(loaded):
    corpus = loaded("semeval")
    paths = card_files.find(load_card("semeval").sources[0].files)[0]
    for split, unread in (("train", 1), ("valid", 1), ("test", 4)):
        with paths[f"llm_semeval_mixtral/semeval_{split}.csv"].open(encoding="utf-8", newline="") as stream:
            expected = [int(row["noisy_label"]) for row in csv.DictReader(stream)]
        answers = corpus.splits[split].observed["llm"]
        assert answers.tolist() == expected
        assert (answers == -1).sum() == unread


def test_semeval_texts_mark_both_entities(loaded):
    for split in loaded("semeval").splits.values():
        for text in split.texts:
            assert all(text.count(mark) == 1 for mark in ("<e1> ", " </e1>", "<e2> ", " </e2>"))


def test_aligned_labels_of_other_rows_are_refused(loaded, tmp_path):
    card = load_card("semeval")
    source = card.sources[0]
    paths = dict(card_files.find(source.files)[0])
    name = "llm_semeval_mixtral/semeval_valid.csv"
    head, first, second, *rest = paths[name].read_text(encoding="utf-8").splitlines(keepends=True)
    paths[name] = tmp_path / "swapped.csv"
    paths[name].write_text("".join([head, second, first, *rest]), encoding="utf-8")
    with pytest.raises(BenchmarkError, match=r"swapped\.csv"):
        reader_of(source).read(paths, card.label_names)


def test_a_row_is_the_same_whatever_the_order_of_rows_in_the_file(loaded, tmp_path):
    corpus = loaded("trec")
    card = load_card("trec")
    paths = dict(card_files.find(card.sources[0].files)[0])
    for name, path in paths.items():
        rows = list(json.loads(path.read_text(encoding="utf-8")).items())
        paths[name] = tmp_path / Path(name).name
        paths[name].write_text(json.dumps(dict(reversed(rows))), encoding="utf-8")
    turned = build_from(card, paths)
    for name, split in corpus.splits.items():
        other = turned.splits[name]
        assert list(other.ids) == list(split.ids)[::-1]
        assert list(other.texts) == list(split.texts)[::-1]
        assert other.observed["weak"].tolist() == split.observed["weak"].tolist()[::-1]


def build_from(card: Card, paths: dict[str, Path]) -> Corpus:
    with pytest.MonkeyPatch.context() as patch:
        unchecked = card.sources[0].model_copy(update={"fingerprint": ""})
        patch.setattr("benchmark.corpora.loading.fetch", lambda card: (unchecked, paths))
        return build(card).corpus


def test_a_changed_fingerprint_is_an_error_for_files(loaded):
    loaded("trec")
    card = load_card("trec")
    source = card.sources[0].model_copy(update={"fingerprint": "0" * 16})
    with pytest.raises(BenchmarkError, match=r"fingerprint .*\b0000"):
        build(card.model_copy(update={"sources": (source,)}))


def test_labels_cannot_be_changed_in_place(loaded):
    split = loaded("trec").splits["train"]
    with pytest.raises(ValueError, match="read-only"):
        split.clean_labels[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        split.observed["weak"][0] = 1


def test_posts_are_stripped_as_scikit_learn_strips_them(loaded):
    from sklearn.datasets import _twenty_newsgroups as theirs

    whole = loaded("20news_headers").splits["test"]
    stripped = dict(zip(loaded("20news").splits["test"].ids, loaded("20news").splits["test"].texts, strict=True))
    for row, text in list(zip(whole.ids, whole.texts, strict=True))[::5]:
        expected = theirs.strip_newsgroup_header(text)
        expected = theirs.strip_newsgroup_footer(expected)
        expected = theirs.strip_newsgroup_quoting(expected)
        assert stripped.get(row, "") == (expected if expected.strip() else "")


def test_agnews_train_and_test_share_no_text_and_form(loaded):
    corpus = loaded("agnews_12k")
    train, test = corpus.splits["train"], corpus.splits["test"]
    assert not set(train.texts) & set(test.texts)
    assert (len(train), len(test)) == (11995, 7600)
    assert all(text == " ".join(text.split()) for text in train.texts + test.texts)
    lengths = [np.median([len(text) for text in split.texts]) for split in (train, test)]
    assert abs(lengths[0] - lengths[1]) < 5


def test_a_missing_corpus_lists_all_its_files_without_a_download(empty_data):
    missing = availability("semeval").missing
    assert len(missing) == 6
    assert all(file.url and file.sha256 in str(file) for file in missing)


def test_a_changed_byte_in_a_real_file_stops_the_corpus(loaded, empty_data_copy):
    with pytest.raises(BenchmarkError, match="other bytes"):
        build(load_card("trec"))


@pytest.fixture
def empty_data_copy(real_data, monkeypatch, tmp_path):
    paths = card_files.find(load_card("trec").sources[0].files)[0]
    for name, path in paths.items():
        copy = tmp_path / name
        copy.parent.mkdir(exist_ok=True)
        content = bytearray(path.read_bytes())
        if name.endswith("valid.json"):
            content[-3] ^= 1
        copy.write_bytes(content)
    monkeypatch.setenv("BENCHMARK_DATA", str(tmp_path))
