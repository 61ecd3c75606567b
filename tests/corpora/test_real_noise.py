"""Counts and rates that the second data folder's README states, reproduced from the
files before any cleaning.
"""

import json
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest

from benchmark.contracts.labels.votes import agreeing, untied
from benchmark.corpora import availability, load_card, load_corpus
from benchmark.corpora import files as card_files
from benchmark.corpora.corpus import Split
from benchmark.corpora.readers import reader_of
from benchmark.corpora.readers.annotated_table import AnnotatedTable
from benchmark.corpora.readers.label_errors import CheckedReviews
from benchmark.corpora.recount import count_split, rate_by_share


@pytest.fixture
def raw(real_data):
    def read(name, split=None):
        if not availability(name).at_hand:
            pytest.skip(f"files of {name} not at hand")
        card = load_card(name)
        reader, files = reader_of(card.sources[0]), card_files.find(card.sources[0].files)[0]
        if isinstance(reader, CheckedReviews):
            return reader.read_whole(files, card.label_names)
        if isinstance(reader, AnnotatedTable) and split is None:
            return reader.read_whole(files, card.label_names)[0]
        return reader.read(files, card.label_names)[split]

    return read


def percent(share):
    """A share in percent as it is stated: from two digits, halves up."""
    return float(Decimal(f"{100 * share:.2f}").quantize(Decimal("0.1"), ROUND_HALF_UP))


def voted(rows, classes, chosen=slice(None)):
    return percent(rate_by_share(rows.votes[chosen], rows.clean_labels[chosen], classes))


def single(rows):
    """The share of wrong ones among all votes."""
    cast = rows.votes >= 0
    return percent((rows.votes != rows.clean_labels[:, None])[cast].mean())


def given(rows, source):
    labels = rows.given[source]
    return percent((labels != rows.clean_labels)[labels >= 0].mean())


@pytest.mark.parametrize(
    ("split", "rows", "wrong", "ties"), [("train", 5469, 10.0, 2), ("valid", 200, 10.0, 0), ("test", 2057, 8.8, 3)]
)
def test_the_votes_of_claude9(raw, split, rows, wrong, ties):
    found = raw("claude9", split)
    assert len(found.ids) == rows
    assert voted(found, 9) == wrong
    assert int((untied(found.votes, 9) < 0).sum()) == ties


def test_the_votes_of_claude9_on_the_small_classes(raw):
    found = raw("claude9", "train")
    small = np.flatnonzero(found.clean_labels != 8)
    assert len(small) == 567
    assert voted(found, 9, small) == 64.6


def test_the_votes_of_the_entailment_pairs(raw):
    found = raw("rte_crowd")
    assert found.votes.shape == (800, 164)
    assert int((found.votes >= 0).sum()) == 8000
    assert (single(found), voted(found, 2)) == (27.1, 10.3)
    sure = untied(found.votes, 2)
    assert int((sure < 0).sum()) == 65
    assert percent((sure != found.clean_labels)[sure >= 0].mean()) == 6.8
    same = agreeing(found.votes, 2)
    assert int((same >= 0).sum()) == 78
    assert int((same != found.clean_labels)[same >= 0].sum()) == 0


@pytest.mark.parametrize(
    ("name", "rows", "one", "author"),
    [("chaosnli_snli", 1514, 45.8, 27.3), ("chaosnli_mnli", 1599, 47.8, 42.6)],
)
def test_the_first_annotators_of_disputed_pairs(raw, name, rows, one, author):
    found = raw(name)
    assert len(found.ids) == rows
    assert (single(found), given(found, "author")) == (one, author)


@pytest.mark.parametrize(("name", "majority"), [("chaosnli_snli", 25.0), ("chaosnli_mnli", 31.8)])
def test_the_first_majority_of_disputed_pairs(raw, name, majority):
    assert voted(raw(name), 3) == majority


@pytest.mark.parametrize(("name", "rows", "wrong"), [("chaosnli_snli", 682, 12.5), ("chaosnli_mnli", 289, 14.5)])
def test_the_first_majority_where_four_in_five_of_a_hundred_agree(raw, name, rows, wrong):
    found = raw(name)
    path = next(iter(card_files.find(load_card(name).sources[0].files)[0].values()))
    votes = [json.loads(line)["label_counter"] for line in path.read_text(encoding="utf-8").splitlines()]
    sure = np.flatnonzero([max(counted.values()) >= 80 for counted in votes])
    assert len(votes) == len(found.ids)
    assert len(sure) == rows
    assert voted(found, 3, sure) == wrong


def test_the_accuracies_of_the_workers_on_entailment_pairs(raw):
    found = raw("rte_crowd")
    cast = found.votes >= 0
    right = (found.votes == found.clean_labels[:, None]) & cast
    numbers = cast.sum(axis=0)
    accuracy = right.sum(axis=0) / numbers
    assert (numbers.min(), np.median(numbers), numbers.max()) == (20, 20, 800)
    assert accuracy.min() == pytest.approx(0.40)
    assert np.percentile(accuracy, [10, 50, 90]) == pytest.approx([0.66, 0.85, 0.95], abs=0.0051)


@pytest.mark.parametrize(("name", "agree", "wrong"), [("fomc_llm", 81.5, 24.2), ("fpb_llm", 90.6, 3.8)])
def test_two_language_models_make_the_same_errors(raw, name, agree, wrong):
    found = raw(name)
    one, two = found.given["chatgpt"], found.given["gpt4"]
    asked = (one >= 0) & (two >= 0)
    assert percent((one == two)[asked].mean()) == agree
    assert percent(((one == two) & (one != found.clean_labels))[asked].mean()) == wrong


@pytest.mark.parametrize(
    ("name", "rows", "asked", "wrong"),
    [
        ("fomc_llm", 2480, 1253, {"chatgpt": 38.2, "gpt4": 31.1, "falcon": 72.3, "dolly": 74.7, "h2o": 72.8}),
        ("fpb_llm", 2264, 1122, {"chatgpt": 11.0, "gpt4": 6.2, "falcon": 73.1, "dolly": 84.6, "h2o": 48.0}),
    ],
)
def test_the_answers_of_language_models(raw, name, rows, asked, wrong):
    found = raw(name)
    assert len(found.ids) == rows
    assert int((found.given["chatgpt"] >= 0).sum()) == asked
    assert {source: given(found, source) for source in found.given} == wrong


@pytest.mark.parametrize(("name", "majority"), [("fomc_llm", 57.4), ("fpb_llm", 29.2)])
def test_the_majority_of_five_language_models(raw, name, majority):
    assert voted(raw(name), 3) == majority


@pytest.mark.parametrize(
    ("name", "majority", "one", "ties"), [("amazon_book", 3.7, 5.4, 5), ("amazon_negative", 3.9, 5.6, 7)]
)
def test_the_votes_on_reviews(raw, name, majority, one, ties):
    found = raw(name)
    labelled = (found.votes >= 0).any(axis=1)
    assert len(found.ids) == 1000
    assert (voted(found, 2), single(found)) == (majority, one)
    assert int((untied(found.votes, 2) < 0)[labelled].sum()) == ties


@pytest.mark.parametrize(
    ("name", "rows", "wrong"),
    [
        ("chem_disease", 232, 16.0),
        ("disaster_tweets", 684, 7.5),
        ("corporate_messaging", 117, 7.7),
    ],
)
def test_the_crowd_on_rows_with_trusted_labels(raw, name, rows, wrong):
    found = raw(name, "test")
    assert len(found.ids) == rows
    assert given(found, "crowd") == wrong


@pytest.mark.parametrize(("name", "rows"), [("chem_disease", 3088), ("disaster_tweets", 7557)])
def test_what_has_no_trusted_label_has_no_rate(raw, name, rows):
    assert len(raw(name, "train").ids) == rows
    assert set(load_card(name).observed["crowd"].measured) == {"test"}


@pytest.mark.parametrize(
    ("name", "split", "duplicates", "conflicting"),
    [
        ("claude9", "train", 104, 1),
        ("claude9", "valid", 0, 0),
        ("claude9", "test", 11, 0),
        ("rte_crowd", None, 0, 0),
        ("chaosnli_snli", None, 0, 0),
        ("chaosnli_mnli", None, 0, 0),
        ("fomc_llm", None, 61, 5),
        ("fpb_llm", None, 5, 0),
        ("amazon_book", None, 0, 0),
        ("chem_disease", "train", 1, 0),
        ("disaster_tweets", "train", 688, 54),
        ("corporate_messaging", "train", 181, 11),
    ],
)
def test_repeated_texts_and_those_with_two_labels(raw, name, split, duplicates, conflicting):
    found = raw(name, split)
    labels = found.given["crowd"] if name in CROWD_ALONE else found.clean_labels
    counted = count_split(Split(found.ids, found.texts, labels), len(load_card(name).label_names), {})
    assert (counted.duplicates, counted.conflicting) == (duplicates, conflicting)


CROWD_ALONE = ("chem_disease", "disaster_tweets", "corporate_messaging")
"""Their training splits have no trusted labels."""


def test_the_reviews_whose_label_was_doubted(raw):
    found = raw("imdb_label_errors")
    wrong = found.given["stars"] != found.clean_labels
    assert len(found.ids) == 758
    assert int(wrong.sum()) == 173
    assert [percent(wrong[found.given["stars"] == label].mean()) for label in (1, 0)] == [13.8, 31.1]


def test_the_posts_whose_label_was_doubted(raw):
    found = raw("20news_label_errors", "test")
    assert len(found.ids) == 7532
    assert int((found.given["posters"] != found.clean_labels).sum()) == 22


def test_the_posts_are_those_of_the_card_without_corrections(real_data):
    if not availability("20news_label_errors").at_hand:
        pytest.skip("files of 20news_label_errors not at hand")
    checked, plain = load_corpus("20news_label_errors").splits, load_corpus("20news").splits
    assert [split.texts for split in checked.values()] == [split.texts for split in plain.values()]
    assert (checked["test"].observed["posters"] == plain["test"].clean_labels).all()
    assert (checked["train"].observed["posters"] == plain["train"].clean_labels).all()


NEW = (
    "imdb_label_errors",
    "claude9",
    "chaosnli_snli",
    "chaosnli_mnli",
    "fomc_llm",
    "fpb_llm",
    "amazon_book",
    "amazon_negative",
    "chem_disease",
    "disaster_tweets",
    "corporate_messaging",
)


@pytest.mark.parametrize("name", NEW)
def test_no_text_stands_in_two_splits(real_data, name):
    if not availability(name).at_hand:
        pytest.skip(f"files of {name} not at hand")
    texts = [set(split.texts) for split in load_corpus(name).splits.values()]
    assert len(set().union(*texts)) == sum(map(len, texts))


@pytest.mark.parametrize("name", ["chaosnli_snli", "chaosnli_mnli", "rte_crowd"])
def test_no_premise_stands_in_two_splits(real_data, name):
    if not availability(name).at_hand:
        pytest.skip(f"files of {name} not at hand")
    splits = load_corpus(name).splits.values()
    premises = [{text.partition(" || ")[0] for text in split.texts} for split in splits]
    assert len(set().union(*premises)) == sum(map(len, premises))
