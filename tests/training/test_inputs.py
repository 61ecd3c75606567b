import itertools
import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from benchmark.contracts import generator
from benchmark.training.encoders.encoding import HASHED_WORDS, tokenise
from benchmark.training.encoders.names import encoder_from
from benchmark.training.inputs import (
    SORTING_POOL,
    FeatureInputs,
    TokenInputs,
    evaluation_batches,
    rows_of,
    training_batches,
)

CPU = torch.device("cpu")
SCRATCH = encoder_from("scratch:tiny")


def token_inputs(lengths):
    """Text i is its own number, repeated `lengths[i]` times."""
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    tokens = np.repeat(np.arange(len(lengths)), lengths).astype(np.int32)
    return TokenInputs(tokens, starts, -1, np.arange(len(lengths)))


def feature_inputs(rows):
    return FeatureInputs(np.arange(3 * rows, dtype=np.float32).reshape(rows, 3), np.arange(rows))


def of_random_lengths(rows, seed=0):
    return token_inputs(np.random.default_rng(seed).integers(1, 60, rows))


@pytest.mark.parametrize("inputs", [feature_inputs(101), of_random_lengths(101)], ids=["features", "tokens"])
def test_every_row_is_in_one_training_batch_of_an_epoch(inputs):
    rows = np.arange(101)[::2]
    for epoch in range(3):
        batches = training_batches(inputs, rows, 8, epoch, ("cell", 0))
        assert sorted(np.concatenate(batches).tolist()) == rows.tolist()
        assert sorted(map(len, batches)) == [3] + [8] * 6


@pytest.mark.parametrize("inputs", [feature_inputs(64), of_random_lengths(64)], ids=["features", "tokens"])
def test_training_batches_follow_from_names_and_epoch_alone(inputs):
    def order(epoch=0, parts=("cell", 0)):
        return [batch.tolist() for batch in training_batches(inputs, np.arange(64), 8, epoch, parts)]

    first = order()
    np.random.seed(5)  # noqa: NPY002 - to show that it does not matter
    assert order() == first
    assert order(epoch=1) != first
    assert order(parts=("cell", 1)) != first
    assert order(parts=("other", 0)) != first


def test_token_batches_hold_texts_of_similar_length_in_random_order():
    inputs = of_random_lengths(2_000)
    lengths = inputs.lengths()
    batches = training_batches(inputs, np.arange(2_000), 16, 0, ("cell", 0))
    padded = sum(len(batch) * lengths[batch].max() for batch in batches)
    assert padded < 1.1 * lengths.sum()
    at_random = [np.arange(i, i + 16) for i in range(0, 2_000, 16)]
    assert sum(len(batch) * lengths[batch].max() for batch in at_random) > 1.6 * lengths.sum()
    longest = [lengths[batch].max() for batch in batches]
    assert any(a > b for a, b in itertools.pairwise(longest))
    assert any(a < b for a, b in itertools.pairwise(longest))


def test_pools_are_shuffled_before_they_are_sorted():
    inputs = token_inputs(np.full(40 * SORTING_POOL, 5))
    batches = training_batches(inputs, np.arange(len(inputs)), 4, 0, ("cell", 0))
    assert any(batch.max() - batch.min() > 4 for batch in batches)


@pytest.mark.parametrize("rows", [1, 2, 255, 256, 257])
def test_evaluation_batches_cover_all_rows_once(rows):
    for inputs in (feature_inputs(rows), of_random_lengths(rows)):
        batches = list(evaluation_batches(inputs, tokens_a_batch=300, rows_a_batch=64))
        assert sorted(np.concatenate(batches).tolist()) == list(range(rows))
        assert max(map(len, batches)) <= 64


def test_evaluation_batches_bound_the_padded_tokens_and_begin_with_the_longest():
    inputs = of_random_lengths(500)
    lengths = inputs.lengths()
    batches = list(evaluation_batches(inputs, tokens_a_batch=300))
    assert max(len(batch) * lengths[batch].max() for batch in batches) <= 300
    assert lengths[batches[0][0]] == lengths.max()


def test_a_text_longer_than_the_budget_has_a_batch_of_its_own():
    batches = list(evaluation_batches(token_inputs(np.array([3, 1_000, 2])), tokens_a_batch=10))
    assert [batch.tolist() for batch in batches] == [[1], [0, 2]]


def test_no_rows_give_no_batches():
    assert list(evaluation_batches(feature_inputs(0))) == []
    assert list(evaluation_batches(token_inputs(np.array([], dtype=np.int64)))) == []


def test_token_batch_is_padded_to_its_longest_text_and_masked():
    batch = token_inputs(np.array([2, 4, 1])).batch(np.array([2, 0]), CPU)
    assert batch["input_ids"].tolist() == [[2, -1], [0, 0]]
    assert batch["attention_mask"].tolist() == [[1, 0], [1, 1]]
    assert batch["input_ids"].dtype == batch["attention_mask"].dtype == torch.int64


@pytest.mark.parametrize("make", [feature_inputs, of_random_lengths])
def test_subset_of_a_subset_gives_the_rows_of_the_whole(make):
    whole = make(10)
    part = whole.subset(np.array([7, 3, 5])).subset(np.array([2, 0]))
    assert len(part) == 2
    expected, found = whole.batch(np.array([5, 7]), CPU), part.batch(np.arange(2), CPU)
    if isinstance(expected, dict):
        assert all(torch.equal(expected[key], found[key]) for key in expected)
        assert part.lengths().tolist() == whole.lengths()[[5, 7]].tolist()
    else:
        assert torch.equal(expected, found)


def test_batch_is_a_copy_of_the_features():
    inputs = feature_inputs(4)
    inputs.batch(np.arange(4), CPU).zero_()
    assert inputs.features.any()


def test_hashed_tokeniser_starts_each_text_and_keeps_within_its_vocabulary_and_length():
    tokens, starts, padding = tokenise(SCRATCH, ["", "one two three four", "One, TWO!"], 4)
    assert padding == 0
    assert np.diff(starts).tolist() == [1, 4, 4]
    assert tokens[starts[:-1]].tolist() == [1, 1, 1]
    assert tokens.min() >= 1
    assert tokens.max() < 2 + HASHED_WORDS
    assert tokens[starts[1] + 1] == tokens[starts[2] + 1], "case does not matter"


def test_hashed_tokeniser_is_the_same_under_every_hash_seed():
    code = (
        "from benchmark.training.encoders.encoding import tokenise; "
        "from benchmark.training.encoders.names import encoder_from; "
        "print(tokenise(encoder_from('scratch:tiny'), ['What is it, naïve one?'], 16)[0].tolist())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    here = tokenise(SCRATCH, ["What is it, naïve one?"], 16)[0].tolist()
    assert said == {f"{here}\n"}


def test_chosen_rows_of_an_encoded_batch_are_those_texts_be_it_features_or_tokens():
    chosen = torch.tensor([2, 0])
    features = torch.arange(12.0).reshape(4, 3)
    assert torch.equal(rows_of(features, chosen), features[[2, 0]])
    tokens = {"input_ids": torch.arange(8).reshape(4, 2), "attention_mask": torch.ones(4, 2)}
    assert rows_of(tokens, chosen)["input_ids"].tolist() == [[4, 5], [0, 1]]
    assert rows_of(tokens, chosen)["attention_mask"].shape == (2, 2)


def test_features_on_disk_are_a_plain_array_since_rows_of_others_are_slow_to_take(tmp_path):
    np.save(tmp_path / "features.npy", np.ones((3, 2), dtype=np.float32))
    inputs = FeatureInputs(np.load(tmp_path / "features.npy", mmap_mode="r"), np.arange(3))
    assert type(inputs.features) is np.ndarray


def test_texts_of_equal_length_keep_their_shuffled_order():
    lengths = np.random.default_rng(0).integers(3, 6, 1_000)
    inputs, rows = token_inputs(lengths), np.arange(1_000)
    order = generator("cell", 0, "order", 0)
    shuffled = rows[order.permutation(len(rows))]
    pools = [shuffled[start : start + 8 * SORTING_POOL] for start in range(0, len(rows), 8 * SORTING_POOL)]
    by_length = [sorted(pool.tolist(), key=lengths.__getitem__) for pool in pools]
    expected = [pool[start : start + 8] for pool in by_length for start in range(0, len(pool), 8)]
    found = [batch.tolist() for batch in training_batches(inputs, rows, 8, 0, ("cell", 0))]
    assert found == [expected[place] for place in order.permutation(len(expected))]


def test_evaluation_batches_of_short_texts_are_bounded_by_rows():
    batches = list(evaluation_batches(token_inputs(np.ones(200, dtype=int)), tokens_a_batch=300, rows_a_batch=64))
    assert list(map(len, batches)) == [64, 64, 64, 8]
