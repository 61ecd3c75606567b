import numpy as np
import pytest

from benchmark.noisy_labels.posterior import at_temperature, best_temperature, out_of_fold_posterior


def corpus(size=600, classes=3, spread=1.0, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, size)
    features = 2 * np.eye(classes, 6)[labels] + spread * rng.standard_normal((size, 6))
    return features, labels, [f"t{i}" for i in range(size)]


def test_rows_are_probabilities_under_every_name():
    features, labels, ids = corpus()
    made = out_of_fold_posterior({"train": features, "valid": features[:50], "empty": features[:0]}, labels, ids, 3)
    assert {name: rows.shape for name, rows in made.items()} == {"train": (600, 3), "valid": (50, 3), "empty": (0, 3)}
    for rows in made.values():
        assert rows.dtype == np.float64
        assert (rows >= 0).all()
        assert np.allclose(rows.sum(axis=1), 1)
    assert (made["train"].argmax(axis=1) == labels).mean() > 0.75


def test_a_text_is_judged_by_a_model_that_never_saw_its_label():
    features, labels, ids = corpus()
    features = np.random.default_rng(1).standard_normal((600, 300))
    made = out_of_fold_posterior({"train": features, "seen": features}, labels, ids, 3)
    assert abs((made["train"].argmax(axis=1) == labels).mean() - 1 / 3) < 0.08
    assert (made["seen"].argmax(axis=1) == labels).mean() > 0.9


def test_probabilities_are_calibrated_by_one_temperature():
    features, labels, ids = corpus(3000, spread=2.0)
    rows = out_of_fold_posterior({"train": features}, labels, ids, 3)["train"]
    confidence, right = rows.max(axis=1), rows.argmax(axis=1) == labels
    assert abs(confidence.mean() - right.mean()) < 0.03
    assert np.isclose(best_temperature(rows, labels), 1.0, atol=0.01)


@pytest.mark.parametrize("temperature", [0.7, 1.0, 3.0])
def test_the_best_temperature_is_found(temperature):
    rng = np.random.default_rng(0)
    rows = rng.dirichlet(np.ones(4), 20_000)
    labels = (rows.cumsum(axis=1) < rng.random(20_000)[:, None]).sum(axis=1)
    assert np.isclose(best_temperature(at_temperature(rows, 1 / temperature), labels), temperature, rtol=0.05)


def test_a_teacher_of_an_easy_corpus_keeps_doubts_that_can_be_told_apart():
    features, labels, ids = corpus(spread=0.05)
    rows = out_of_fold_posterior({"train": features}, labels, ids, 3)["train"]
    assert (rows.argmax(axis=1) == labels).all()
    assert (rows.max(axis=1) < 1).all()
    assert len(np.unique(rows.max(axis=1))) > 500


def test_the_order_of_rows_does_not_matter():
    features, labels, ids = corpus()
    moved = np.random.default_rng(2).permutation(600)
    first = out_of_fold_posterior({"train": features}, labels, ids, 3)["train"]
    second = out_of_fold_posterior({"train": features[moved]}, labels[moved], [ids[i] for i in moved], 3)["train"]
    assert (second == first[moved]).all()


def test_an_absent_class_gets_no_probability_to_speak_of():
    features, labels, ids = corpus()
    made = out_of_fold_posterior({"train": features}, labels, ids, 5)["train"]
    assert made.shape == (600, 5)
    assert made[:, 3:].max() < 1e-3


@pytest.mark.parametrize("labels", [[], [0], [0, 1], [2, 2, 2, 2, 2, 2], [0, 0, 0, 0, 0, 0, 1]])
def test_few_texts_or_one_class_give_finite_probabilities(labels):
    size = len(labels)
    features = np.random.default_rng(0).standard_normal((size, 3))
    made = out_of_fold_posterior(
        {"train": features, "valid": np.zeros((2, 3))},
        np.array(labels, dtype=np.int64),
        [str(i) for i in range(size)],
        3,
    )
    for rows in made.values():
        assert np.isfinite(rows).all()
        assert np.allclose(rows.sum(axis=1), 1)


def test_global_random_state_is_not_moved():
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    features, labels, ids = corpus(100)
    out_of_fold_posterior({"train": features}, labels, ids, 3)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002
