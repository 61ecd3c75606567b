import numpy as np
import pytest

from benchmark.contracts import BenchmarkError, UnknownNameError
from benchmark.corpora import Corpus, Split, limit_corpus


def corpus_of(order: np.ndarray) -> Corpus:
    ids = tuple(f"row{i}" for i in order)
    split = Split(ids, tuple(f"text {i}" for i in order), order % 2, {"weak": order % 2})
    return Corpus("c", ("a", "b"), {"train": split, "test": split})


def test_the_chosen_rows_do_not_depend_on_the_order_and_keep_it():
    straight = limit_corpus(corpus_of(np.arange(100)), {"train": 10}).splits["train"]
    shuffled = limit_corpus(corpus_of(np.random.default_rng(0).permutation(100)), {"train": 10}).splits["train"]
    assert set(straight.ids) == set(shuffled.ids)
    assert list(straight.ids) == sorted(straight.ids, key=lambda row: int(row[3:]))


def test_a_smaller_limit_keeps_a_subset_and_other_splits_stay_whole():
    corpus = corpus_of(np.arange(100))
    small, large = (limit_corpus(corpus, {"train": n}) for n in (5, 20))
    assert set(small.splits["train"].ids) < set(large.splits["train"].ids)
    assert len(small.splits["test"]) == 100


def test_a_limit_above_the_size_changes_nothing():
    corpus = corpus_of(np.arange(10))
    assert limit_corpus(corpus, {"train": 99, "valid": 5}).fingerprint() == corpus.fingerprint()


def test_wrong_limits_are_errors():
    with pytest.raises(UnknownNameError, match=r"'trian'.*'train'"):
        limit_corpus(corpus_of(np.arange(10)), {"trian": 1})
    with pytest.raises(BenchmarkError, match="at least 1"):
        limit_corpus(corpus_of(np.arange(10)), {"train": 0})
