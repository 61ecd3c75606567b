import dataclasses

import numpy as np
import pytest
from scipy.stats import chisquare

from benchmark.contracts import BenchmarkError, Draws, NoiseInputs, noise_from
from noise.confusion import weak_predictions


def inputs_for(size, seed=1, split="train", text_seed=0, hint=1, classes=4):
    """Texts with words of their own class, of the next class, and of none."""
    rng = np.random.default_rng(text_seed)
    clean = rng.integers(0, classes, size)
    own = rng.random((size, 6)) < hint / 6
    words = np.where(own, clean[:, None], (clean[:, None] + rng.integers(0, 2, (size, 6))) % classes)
    texts = [" ".join(f"topic{k}word{rng.integers(40)}" for k in row) for row in words]
    draws = Draws(("corpus", "confusion", seed), split, [f"{split}{i}" for i in range(size)])
    return NoiseInputs(clean, classes, draws, texts=texts)


def errors_of(inputs, share):
    """Who is mistaken and how surely, by a noise at the highest rate that the learner
    allows.
    """
    predicted, confidence = noise_from(f"confusion(0.1,share={share})")._predictions(inputs)
    return predicted != inputs.clean_labels, predicted, confidence


def test_flips_are_the_surest_mistakes_of_the_learner():
    inputs = inputs_for(2000)
    noisy = noise_from("confusion(0.1)").corrupt(inputs)
    wrong, predicted, confidence = errors_of(inputs, 0.05)
    flipped = noisy != inputs.clean_labels
    assert flipped.sum() == 200
    assert wrong[flipped].all()
    assert (noisy[flipped] == predicted[flipped]).all()
    assert confidence[flipped].min() >= confidence[wrong & ~flipped].max()


def test_mistakes_follow_the_confusable_classes_and_not_a_uniform_law():
    inputs = inputs_for(8000)
    noisy = noise_from("confusion(0.05)").corrupt(inputs)
    step = (noisy - inputs.clean_labels)[noisy != inputs.clean_labels] % 4
    counts = np.bincount(step, minlength=4)[1:]
    assert counts[0] > 0.6 * counts.sum()
    assert chisquare(counts).pvalue < 1e-6


def test_a_rate_above_the_learners_error_is_an_error_that_names_the_cap():
    inputs = inputs_for(1000)
    cap = errors_of(inputs, 0.05)[0].mean()
    assert 0.1 < cap < 0.6
    with pytest.raises(BenchmarkError, match=rf"\b{cap:.3g}\b.*\b1000 train"):
        noise_from(f"confusion({cap + 0.01:.3f})").corrupt(inputs)
    noisy = noise_from(f"confusion({cap:.3f})").corrupt(inputs)
    assert abs((noisy != inputs.clean_labels).mean() - cap) < 0.002


def test_a_learner_of_fewer_texts_is_mistaken_more_often():
    inputs = inputs_for(3000)
    shares = [errors_of(inputs, share)[0].mean() for share in (0.004, 0.05, 1.0)]
    assert shares[0] > shares[1] > shares[2]


def test_the_learner_sees_its_share_of_each_class_and_at_least_one_text(monkeypatch):
    seen = []

    def record(texts, labels, asked):
        seen.append((list(texts), labels.tolist()))
        return np.zeros(len(asked), dtype=np.int64), np.ones(len(asked))

    monkeypatch.setattr("noise.confusion.weak_predictions", record)
    clean = np.repeat([0, 1, 2], [100, 30, 2])
    texts = [f"text {i}" for i in range(132)]
    draws = Draws(("corpus", "confusion", 1), "train", texts)
    noise_from("confusion(0.1)").corrupt(NoiseInputs(clean, 4, draws, texts=texts))
    (learned, labels), *_ = seen
    assert np.bincount(labels).tolist() == [5, 2, 1]
    assert all(clean[texts.index(text)] == label for text, label in zip(learned, labels, strict=True))


def test_validation_is_labelled_by_the_learner_of_the_training_texts():
    training = inputs_for(2000)
    valid = dataclasses.replace(inputs_for(500, split="valid", text_seed=5), training=training)
    predicted = noise_from("confusion(0.1)")._predictions(valid)[0]
    assert (predicted != noise_from("confusion(0.1)")._predictions(dataclasses.replace(valid, training=None))[0]).any()
    order = np.random.default_rng(0).permutation(2000)
    moved = dataclasses.replace(
        training,
        clean_labels=training.clean_labels[order],
        texts=[training.texts[i] for i in order],
        draws=dataclasses.replace(training.draws, ids=[training.draws.ids[i] for i in order]),
    )
    again = noise_from("confusion(0.1)")._predictions(dataclasses.replace(valid, training=moved))[0]
    assert (again == predicted).all()


@pytest.mark.parametrize(
    ("learned", "labels"), [(["a b", "c"], [1, 1]), (["", " "], [0, 1]), (["a"], [1]), (["", "a", "b"], [1, 1, 1])]
)
def test_a_learner_of_one_class_or_of_no_words_predicts_the_commonest_class(learned, labels):
    predicted, confidence = weak_predictions(learned, np.array(labels), ["a", "z", ""])
    assert (predicted == np.bincount(labels).argmax()).all()
    assert ((confidence > 0) & (confidence <= 1)).all()


@pytest.mark.parametrize("share", ["0", "-0.1", "1.5", "nan"])
def test_a_share_outside_zero_to_one_is_an_error(share):
    with pytest.raises(BenchmarkError, match=rf"share is {share} .*\(0, 1\]"):
        noise_from(f"confusion(0.1,share={share})")


def test_missing_texts_are_an_error():
    with pytest.raises(BenchmarkError, match="words"):
        noise_from("confusion(0.1)").corrupt(dataclasses.replace(inputs_for(10), texts=None))


@pytest.mark.parametrize(("labels", "share"), [([2, 2, 2, 2], 1.0), ([2, 2, 2, 0], 0.75)])
def test_a_learner_of_nothing_predicts_the_commonest_class_with_its_share(labels, share):
    predicted, probability = weak_predictions(["..."] * 4, np.array(labels), ["a word", "another"])
    assert predicted.tolist() == [2, 2]
    assert probability.tolist() == [share, share]
