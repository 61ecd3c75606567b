"""Counts and rates of the data folder's own README, reproduced to the digit by the
named choices.
"""

import json
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import pytest

from benchmark.contracts.labels.votes import majority, shares, tied_winners, vote_counts
from benchmark.corpora import Split, availability, load_card, load_corpus
from benchmark.corpora import files as card_files
from benchmark.corpora.cleaning import text_key
from benchmark.corpora.readers import reader_of
from benchmark.corpora.recount import chosen_labels, rate_by_share


@pytest.fixture
def loaded(real_data):
    def load(name):
        if not availability(name).at_hand:
            pytest.skip(f"files of {name} not at hand")
        return load_corpus(name)

    return load


def raw_splits(name):
    card = load_card(name)
    return reader_of(card.sources[0]).read(card_files.find(card.sources[0].files)[0], card.label_names)


@pytest.fixture
def whole_trec(loaded):
    """TREC as in its files, the 68 exemplars included."""
    corpus, raw = loaded("trec"), raw_splits("trec")["train"]
    train = Split(raw.ids, raw.texts, raw.clean_labels, {"weak": majority(raw.votes, raw.ids, 6)}, {"weak": raw.votes})
    return replace(corpus, splits={"train": train})


def stated(rate, digits=1):
    """A share in percent as it is stated: from the rate at two digits, halves up."""
    return float(Decimal(f"{100 * rate:.2f}").quantize(Decimal(10) ** -digits, ROUND_HALF_UP))


def percent(corpus, choice="", split="train", digits=1):
    labels = chosen_labels(corpus, split, f"observed(weak{choice and ','}{choice})")
    covered = labels >= 0
    wrong = (labels != corpus.splits[split].clean_labels)[covered]
    return int(covered.sum()), stated(wrong.mean(), digits)


def by_share(corpus, split="train"):
    rows = corpus.splits[split]
    return stated(rate_by_share(rows.votes["weak"], rows.clean_labels, corpus.num_classes))


@pytest.mark.parametrize(
    ("name", "rows", "rates", "untied", "agreeing"),
    [
        ("whole trec", 5033, (4791, 46.3), (4072, 43.0), (3682, 42.2)),
        ("trec", 4965, (4723, 46.7), (4028, 43.4), (3648, 42.5)),
        ("semeval", 1749, (1749, 20.1), (1550, 16.0), (1550, 16.0)),
        ("chemprot", 12861, (11012, 45.8), (6897, 35.4), (5867, 32.3)),
    ],
)
def test_the_table_of_aggregations(loaded, whole_trec, name, rows, rates, untied, agreeing):
    corpus = whole_trec if name == "whole trec" else loaded(name)
    assert len(corpus.splits["train"]) == rows
    assert (percent(corpus, "ties=lowest")[0], by_share(corpus)) == rates
    assert percent(corpus, "votes=untied") == untied
    assert percent(corpus, "votes=agreeing") == agreeing


def test_ties_on_trec(whole_trec):
    assert percent(whole_trec, "ties=lowest") == (4791, 50.9)
    assert percent(whole_trec, "ties=highest") == (4791, 42.0)
    train = whole_trec.splits["train"]
    winners = tied_winners(vote_counts(train.votes["weak"], 6))
    always_right = winners[np.arange(len(train)), train.clean_labels]
    assert round(100 * (1 - always_right[winners.any(axis=1)].mean()), 1) == 40.6


def test_ties_on_semeval(loaded):
    corpus = loaded("semeval")
    assert percent(corpus, "ties=lowest") == (1749, 15.0)
    assert percent(corpus, "ties=highest") == (1749, 25.2)
    winners = tied_winners(vote_counts(corpus.splits["train"].votes["weak"], 9))
    assert (winners.sum(axis=1) > 1).sum() == 199
    assert percent(corpus, "votes=untied", digits=2) == (1550, 16.0)


@pytest.mark.parametrize(("name", "rate"), [("whole trec", 48.1), ("chemprot", 52.2)])
def test_uncovered_rows_filled_at_random(loaded, whole_trec, name, rate):
    corpus = whole_trec if name == "whole trec" else loaded(name)
    train, classes = corpus.splits["train"], corpus.num_classes
    law = shares(train.votes["weak"], classes)
    law[~law.any(axis=1)] = 1 / classes
    expected = 1 - law[np.arange(len(train)), train.clean_labels].mean()
    assert stated(expected) == rate
    covered, drawn = percent(corpus, "abstain=random")
    assert covered == len(train)
    assert abs(drawn - rate) < 1.5


@pytest.mark.parametrize(
    ("name", "valid", "test"), [("trec", 46.9, 37.1), ("semeval", 24.2, 23.3), ("chemprot", 43.5, 45.7)]
)
def test_validation_and_test_by_share(loaded, name, valid, test):
    corpus = loaded(name)
    assert (by_share(corpus, "valid"), by_share(corpus, "test")) == (valid, test)


def test_coverage(loaded, whole_trec):
    assert round(100 * 4723 / 4965) == 95
    assert percent(loaded("trec"))[0] == 4723
    assert round(100 * percent(loaded("chemprot"))[0] / 12861, 1) == 85.6
    assert percent(loaded("semeval"))[0] == 1749 == len(loaded("semeval").splits["train"])


@pytest.mark.parametrize(
    ("split", "rows", "rate", "unread"), [("train", 1749, 55.5, 1), ("valid", 178, 56.2, 1), ("test", 600, 59.2, 4)]
)
def test_answers_of_the_language_model_with_unread_ones_counted_as_wrong(loaded, split, rows, rate, unread):
    part = loaded("semeval").splits[split]
    answers = part.observed["llm"]
    assert len(part) == rows
    assert (answers == -1).sum() == unread
    assert stated((answers != part.clean_labels).mean()) == rate


@pytest.mark.parametrize(
    ("name", "source", "rows", "classes", "rate"),
    [
        ("noisyag", "human", (10000, None, 7600), 4, 19.75),
        ("hausa", "distant", (2045, 290, 582), 5, 50.37),
        ("yoruba", "distant", (1340, 189, 379), 7, 33.28),
    ],
)
def test_human_and_distant_labels(loaded, name, source, rows, classes, rate):
    corpus = loaded(name)
    sizes = tuple(len(corpus.splits[split]) if split in corpus.splits else None for split in ("train", "valid", "test"))
    assert (sizes, corpus.num_classes) == (rows, classes)
    train = corpus.splits["train"]
    assert stated((train.observed[source] != train.clean_labels).mean(), 2) == rate


def test_noisyag_is_as_described(loaded):
    corpus = loaded("noisyag")
    train, test = corpus.splits["train"], corpus.splits["test"]
    assert np.bincount(train.observed["human"]).tolist()[0::3] == [3337, 1753]
    raw = raw_splits("noisyag")["train"]
    assert len(set(raw.texts)) == 10000
    assert all(text.strip() for text in raw.texts)
    keys, in_test = [text_key(text) for text in train.texts], {text_key(text) for text in test.texts}
    assert len({key for key in keys if key in in_test}) == 2
    assert len(keys) - len(set(keys)) == 5


def test_trec_is_as_described(loaded, whole_trec):
    train = whole_trec.splits["train"]
    by_text = {}
    for text, label in zip(train.texts, train.clean_labels.tolist(), strict=True):
        by_text.setdefault(text, set()).add(label)
    assert len(train) - len(by_text) == 130
    assert sum(len(found) > 1 for found in by_text.values()) == 8
    corpus = loaded("trec")
    assert len(set(corpus.splits["test"].texts) & set(corpus.splits["train"].texts)) == 9
    shares_of = {name: np.bincount(split.clean_labels) / len(split) for name, split in corpus.splits.items()}
    label = corpus.label_names.index
    assert [round(100 * shares_of[name][label("NUM")]) for name in ("train", "test")] == [17, 23]
    assert [round(100 * shares_of[name][label("HUM")]) for name in ("train", "test")] == [22, 13]


def test_chemprot_is_as_described(loaded):
    corpus = loaded("chemprot")
    assert {name: len(split) for name, split in corpus.splits.items()} == {"train": 12861, "valid": 1607, "test": 1607}
    bare = {name: [unmarked(text) for text in split.texts] for name, split in corpus.splits.items()}
    labels = {}
    for text, label in zip(bare["train"], corpus.splits["train"].clean_labels.tolist(), strict=True):
        labels.setdefault(text, []).append(label)
    assert len(bare["train"]) - len(labels) == 7411
    several = [found for found in labels.values() if len(set(found)) > 1]
    assert (len(several), sum(map(len, several))) == (960, 3761)
    assert [sum(text in labels for text in bare[name]) for name in ("valid", "test")] == [1321, 1330]
    assert sum(not text.isascii() for text in bare["train"]) / 12861 == pytest.approx(0.10, abs=0.01)


def unmarked(text):
    for mark in ("[GENE]", "[\\GENE]", "[CHEMICAL]", "[\\CHEMICAL]"):
        text = text.replace(mark, "")
    return text


def test_chemprot_rules_reproduce_every_stored_vote_and_the_rebuilt_train_rows(loaded, real_data):
    corpus = loaded("chemprot")
    paths = card_files.find(load_card("chemprot").sources[0].files)[0]
    for name in ("valid", "test"):
        stored = json.loads(paths[f"wrench_chemprot/{name}.json"].read_text(encoding="utf-8"))
        split = corpus.splits[name]
        assert list(split.ids) == list(stored)
        assert split.votes["weak"].tolist() == [row["weak_labels"] for row in stored.values()]
        assert split.clean_labels.tolist() == [row["label"] for row in stored.values()]
        assert [unmarked(text) for text in split.texts] == [row["data"]["text"] for row in stored.values()]
    derived = Path(real_data.split(":")[0], "wrench_chemprot", "derived", "train_reconstructed.json")
    if not derived.is_file():
        pytest.skip("the rebuilt train rows are not at hand")
    rows = json.loads(derived.read_text(encoding="utf-8"))
    train = corpus.splits["train"]
    # Which of two equal rows is in train is not settled by anything, so positions are not compared.
    bare = [unmarked(text) for text in train.texts]
    found = zip(bare, train.clean_labels.tolist(), train.votes["weak"].tolist(), strict=True)
    assert sorted(found) == sorted((row["data"]["text"], row["label"], row["weak_labels"]) for row in rows.values())


def test_chemprot_labels_of_cosine(loaded):
    loaded("chemprot")
    paths = card_files.find(load_card("chemprot").sources[0].files)[0]
    for name, covered, rate in (("train", 11061, 44.6), ("dev", 1387, 48.3), ("test", 1323, 52.1)):
        rows = json.loads(paths[f"cosine_original/{name}_data.json"].read_text(encoding="utf-8"))
        labelled = [row for row in rows if row["major"] >= 0]
        assert len(labelled) == covered
        assert stated(np.mean([row["label"] != row["major"] for row in labelled])) == rate
    split = loaded("chemprot").splits["train"]
    major = split.observed["major"]
    assert ((major >= 0) == (split.votes["weak"] >= 0).any(axis=1)).all()
