import dataclasses

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.stats import chi2_contingency

from benchmark.contracts import UNLABELLED, BenchmarkError, Draws, NoiseInputs, UnknownNameError, noise_from
from noise.keywords import chi_square, keyword_rules, winners

TEXTS = ["goal match", "goal team", "goal vote", "vote law", "vote party", "law party", "rain", "rain"]
CLEAN = np.array([0, 0, 0, 1, 1, 1, 2, 2])


def inputs_for(texts, clean, seed=1, split="train", training=None, classes=None):
    draws = Draws(("corpus", "keywords", seed), split, [f"{split}{i}" for i in range(len(texts))])
    return NoiseInputs(clean, classes or int(clean.max()) + 1, draws, texts=texts, training=training)


def labels(text, asked, training=None):
    source = training or inputs_for(TEXTS, CLEAN)
    given = inputs_for(asked, np.zeros(len(asked), dtype=np.int64), split="valid", training=source, classes=3)
    return noise_from(text).corrupt(given).tolist()


def test_chi_square_is_the_statistic_of_the_table_of_word_and_class():
    rng = np.random.default_rng(0)
    presence, clean = rng.random((200, 30)) < 0.3, rng.integers(0, 4, 200)
    membership = np.eye(4)[clean]
    scores = chi_square(csr_matrix(presence), membership)
    for word in range(30):
        for k in range(4):
            inside, having = clean == k, presence[:, word]
            table = [
                [(inside & having).sum(), (~inside & having).sum()],
                [(inside & ~having).sum(), (~inside & ~having).sum()],
            ]
            more = having[inside].mean() > having[~inside].mean()
            expected = chi2_contingency(table, correction=False).statistic if more else 0.0
            assert np.isclose(scores[word, k], expected)


def test_a_class_gets_its_words_of_highest_score_and_none_that_speaks_against_it():
    presence = csr_matrix(np.array([[1, 1, 0], [1, 0, 0], [0, 1, 1], [0, 0, 1]], dtype=bool))
    rules = keyword_rules(presence, np.eye(2)[[0, 0, 1, 1]], 2)
    assert rules.tolist() == [[1, 0], [0, 0], [0, 1]]


def test_one_keyword_decides_and_a_majority_outvotes():
    assert labels("keywords(2)", ["goal", "vote", "rain", "goal match law party", "rain rain vote law"]) == [
        0,
        1,
        2,
        1,
        1,
    ]


def test_ties_go_to_the_class_with_more_training_texts_then_to_the_lower_class():
    assert winners(np.array([[1, 1, 1], [0, 1, 1], [0, 0, 0]]), np.array([2, 5, 5])).tolist() == [1, 1, 1]
    assert labels("keywords(1)", ["rain law goal", "rain law"]) == [0, 1]


def test_a_text_without_a_keyword_gets_the_nearest_centroid_or_no_label():
    asked = ["party match", "unheard of", ""]
    assert labels("keywords(1,unmatched=abstain)", ["goal", *asked[1:]]) == [0, UNLABELLED, UNLABELLED]
    training = inputs_for([*TEXTS, "club match", "club match goal", "goal"], np.append(CLEAN, [0, 0, 0]))
    assert labels("keywords(1,unmatched=abstain)", ["club"], training) == [UNLABELLED]
    assert labels("keywords(1)", ["club", "unheard of"], training) == [0, 0]


def test_mistakes_sit_where_a_word_of_another_class_stands():
    rng = np.random.default_rng(0)
    clean = rng.integers(0, 3, 3000)
    stray = rng.random(3000) < 0.15
    texts = [f"word{(k + s) % 3} filler{rng.integers(50)}" for k, s in zip(clean, stray, strict=True)]
    noisy = noise_from("keywords(1)").corrupt(inputs_for(texts, clean))
    assert ((noisy != clean) == stray).all()
    assert (noisy[stray] == (clean[stray] + 1) % 3).all()


def test_misleading_words_raise_the_rate_and_are_drawn_anew_for_each_seed():
    rng = np.random.default_rng(1)
    clean = rng.integers(0, 3, 2000)
    texts = [f"word{k}of{rng.integers(4)} " + " ".join(f"filler{w}" for w in rng.integers(0, 30, 4)) for k in clean]
    right = noise_from("keywords(4)").corrupt(inputs_for(texts, clean))
    first, second = (noise_from("keywords(4,misleading=3)").corrupt(inputs_for(texts, clean, seed)) for seed in (1, 2))
    assert (right == clean).all()
    assert (first != clean).mean() > 0.1
    assert (first != second).any()
    assert (first == noise_from("keywords(4,misleading=3)").corrupt(inputs_for(texts, clean, 1))).all()


def test_more_misleading_words_than_there_are_free_words_take_them_all():
    noisy = noise_from("keywords(1,misleading=50)").corrupt(inputs_for(TEXTS, CLEAN))
    assert noisy.min() >= 0
    assert noisy.max() <= 2


def test_rules_of_the_training_texts_label_validation():
    training = inputs_for(TEXTS, CLEAN)
    swapped = inputs_for(TEXTS, (CLEAN + 1) % 3, split="valid", training=training)
    assert (noise_from("keywords(2)").corrupt(swapped) == noise_from("keywords(2)").corrupt(training)).all()


@pytest.mark.parametrize("texts", [["", " "], ["a", "b"], ["!", "?"]])
def test_texts_without_a_shared_word_get_the_commonest_class_or_no_label(texts):
    inputs = inputs_for(texts, np.array([1, 1]))
    assert noise_from("keywords()").corrupt(inputs).tolist() == [1, 1]
    assert noise_from("keywords(unmatched=abstain)").corrupt(inputs).tolist() == [UNLABELLED, UNLABELLED]


def test_wrong_parameters_and_missing_texts_are_errors():
    with pytest.raises(BenchmarkError, match=r"keywords.per_class is 0 .* 1"):
        noise_from("keywords(0)")
    with pytest.raises(BenchmarkError, match=r"keywords\.misleading.* -1"):
        noise_from("keywords(3,misleading=-1)")
    with pytest.raises(UnknownNameError, match="Did you mean 'abstain'"):
        noise_from("keywords(unmatched=abstian)")
    with pytest.raises(BenchmarkError, match="words"):
        noise_from("keywords()").corrupt(dataclasses.replace(inputs_for(TEXTS, CLEAN), texts=None))
