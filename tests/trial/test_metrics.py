import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn.metrics import average_precision_score, f1_score, log_loss, roc_auc_score

from benchmark.contracts import TrainingDiagnostics
from benchmark.trial.metrics import (
    accuracy,
    average_precision,
    average_ranks,
    calibration_error,
    confusion_counts,
    fitted_shares,
    macro_f1,
    negative_log_likelihood,
    prediction_metrics,
    ranking_area,
    training_metrics,
)


def drawn(rows=200, classes=4, networks=2, seed=0):
    draws = np.random.default_rng(seed)
    probabilities = draws.dirichlet(np.ones(classes), size=(rows, networks)).astype(np.float32)
    return probabilities, draws.integers(0, classes, rows)


def sure_of(classes, *predicted):
    return np.eye(classes)[list(predicted)]


def test_accuracy_is_the_share_of_likeliest_classes_that_are_right():
    assert accuracy(sure_of(3, 0, 1, 2, 2), np.array([0, 1, 1, 2])) == 0.75


@pytest.mark.parametrize("seed", range(3))
def test_macro_f1_is_that_of_scikit_learn_when_every_class_occurs(seed):
    probabilities, labels = drawn(seed=seed)
    mean = probabilities.mean(1)
    assert macro_f1(mean, labels) == pytest.approx(f1_score(labels, mean.argmax(1), average="macro"))


def test_macro_f1_averages_over_the_classes_that_occur_among_the_labels():
    probabilities, labels = sure_of(4, 0, 1, 3, 0), np.array([0, 1, 1, 0])
    assert macro_f1(probabilities, labels) == pytest.approx((1.0 + 2 / 3) / 2)
    expected = f1_score(labels, probabilities.argmax(1), labels=[0, 1], average="macro")
    assert macro_f1(probabilities, labels) == pytest.approx(expected)


def test_macro_f1_of_a_class_never_predicted_is_zero():
    assert macro_f1(sure_of(2, 0, 0), np.array([0, 1])) == pytest.approx((2 / 3 + 0) / 2)


def test_calibration_error_of_a_hand_example():
    # Confidences .6 and .6 share a bin (one right): |1.2 - 1| = .2; .9 is right: .1; 1.0 is wrong: 1. Mean over four.
    probabilities = np.array([[0.6, 0.4], [0.6, 0.4], [0.9, 0.1], [1.0, 0.0]])
    assert calibration_error(probabilities, np.array([0, 1, 0, 1])) == pytest.approx((0.2 + 0.1 + 1.0) / 4)


def test_calibration_error_of_sure_and_right_predictions_is_zero():
    assert calibration_error(sure_of(3, 0, 1, 2), np.array([0, 1, 2])) == 0.0


def test_calibration_error_lets_over_and_underconfidence_in_one_bin_cancel_and_in_two_bins_not():
    near = np.array([[0.61, 0.39], [0.61, 0.39]])
    assert calibration_error(near, np.array([0, 1])) == pytest.approx(0.11)
    apart = np.array([[0.61, 0.39], [0.75, 0.25]])
    assert calibration_error(apart, np.array([0, 1])) == pytest.approx((0.39 + 0.75) / 2)


def test_negative_log_likelihood_is_that_of_scikit_learn_and_finite_for_a_denied_label():
    probabilities, labels = drawn()
    mean = probabilities.mean(1).astype(np.float64)
    mean /= mean.sum(1, keepdims=True)
    assert negative_log_likelihood(mean, labels) == pytest.approx(log_loss(labels, mean))
    assert negative_log_likelihood(sure_of(2, 0), np.array([1])) == pytest.approx(-np.log(1e-12))


def test_prediction_metrics_score_the_mean_of_the_networks_and_single_networks_apart():
    probabilities, labels = drawn()
    found = prediction_metrics(probabilities, labels, "test")
    assert found["test_accuracy"] == accuracy(probabilities.mean(1), labels)
    singles = [accuracy(probabilities[:, k], labels) for k in range(2)]
    assert found["test_accuracy_single"] == pytest.approx(np.mean(singles))
    assert set(found) == {f"test_{m}{s}" for m in ("accuracy", "macro_f1", "ece", "nll") for s in ("", "_single")}


def test_prediction_metrics_of_one_network_are_those_of_the_mean():
    probabilities, labels = drawn(networks=1)
    found = prediction_metrics(probabilities, labels, "test")
    assert all(found[f"{name}_single"] == found[name] for name in found if not name.endswith("_single"))


def test_confusion_counts_the_texts_of_each_class_by_what_the_mean_of_the_networks_predicts():
    probabilities = np.stack([sure_of(3, 0, 1, 1, 2), sure_of(3, 0, 1, 1, 2)], axis=1)
    assert confusion_counts(probabilities, np.array([0, 0, 1, 2])) == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]


def test_confusion_of_more_classes_than_records_keep_is_not_counted():
    assert confusion_counts(np.ones((2, 1, 31)), np.array([0, 1])) is None


@pytest.mark.parametrize("levels", [2, 5, 1_000_000])
def test_ranking_area_and_average_precision_are_those_of_scikit_learn_with_and_without_ties(levels):
    draws = np.random.default_rng(levels)
    scores = draws.integers(0, levels, 300) / levels
    positive = draws.random(300) < 0.2 + 0.3 * scores
    assert ranking_area(scores, positive) == pytest.approx(roc_auc_score(positive, scores))
    assert average_precision(scores, positive) == pytest.approx(average_precision_score(positive, scores))


def test_ranking_area_counts_ties_half_and_knows_the_extremes():
    positive = np.array([True, False, True, False])
    assert ranking_area(np.ones(4), positive) == 0.5
    assert ranking_area(positive.astype(float), positive) == 1.0
    assert ranking_area(-positive.astype(float), positive) == 0.0


def test_average_precision_does_not_depend_on_the_order_of_tied_rows():
    scores = np.array([1.0, 1.0, 0.0, 0.0])
    for positive in ([True, False, True, False], [False, True, False, True]):
        assert average_precision(scores, np.array(positive)) == pytest.approx(0.5)


def test_detection_cannot_be_scored_where_no_label_or_every_label_is_wrong():
    scores = np.arange(3.0)
    assert ranking_area(scores, np.zeros(3, dtype=bool)) is None
    assert ranking_area(scores, np.ones(3, dtype=bool)) is None
    assert average_precision(scores, np.zeros(3, dtype=bool)) is None


CLEAN = np.array([0, 0, 1, 1, 2, 2])
NOISY = np.array([0, 1, 1, 0, 2, 0])
IDENTITY = np.eye(3)


def test_memorised_is_the_share_of_wrong_labels_that_are_predicted():
    predicted = sure_of(3, 0, 1, 1, 1, 2, 0)[:, None]
    found = training_metrics(predicted, TrainingDiagnostics(), NOISY, CLEAN, IDENTITY)
    assert found["memorised"] == pytest.approx(2 / 3)
    assert found["train_accuracy_noisy_labels"] == pytest.approx(5 / 6)
    assert found["train_accuracy_clean_labels"] == pytest.approx(4 / 6)


def test_a_prediction_that_is_neither_the_wrong_label_nor_the_right_one_is_not_memorised():
    predicted = sure_of(3, 0, 2, 1, 2, 2, 1)[:, None]
    assert training_metrics(predicted, TrainingDiagnostics(), NOISY, CLEAN, IDENTITY)["memorised"] == 0.0


def test_fitted_shares_of_a_hand_example():
    probabilities = sure_of(3, 0, 1, 2, 0)
    noisy, clean = np.array([0, 0, 2, 0]), np.array([0, 1, 1, 1])
    assert fitted_shares(probabilities, noisy, clean) == (1.0, pytest.approx(2 / 3))
    assert fitted_shares(probabilities, clean, clean)[1] is None


def test_what_cannot_be_computed_is_absent():
    found = training_metrics(
        sure_of(3, *CLEAN)[:, None], TrainingDiagnostics(suspicion=np.arange(6.0)), CLEAN, CLEAN, IDENTITY
    )
    assert set(found) == {"train_accuracy_clean_labels", "train_accuracy_noisy_labels"}


def test_findings_are_scored_against_the_truth():
    wrong = NOISY != CLEAN
    matrix = np.array([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    findings = TrainingDiagnostics(
        corrected_labels=np.array([0, 0, 1, 1, 2, 0]), suspicion=wrong * 1.0, transition_matrix=matrix
    )
    found = training_metrics(sure_of(3, *NOISY)[:, None], findings, NOISY, CLEAN, IDENTITY)
    assert found["corrected_accuracy"] == pytest.approx(5 / 6)
    assert found["suspicion_auroc"] == found["suspicion_ap"] == 1.0
    assert found["matrix_error"] == pytest.approx(1.0 / 3)
    assert found["memorised"] == 1.0


def test_training_metrics_read_the_mean_of_the_networks():
    clean, noisy = np.array([0, 0]), np.array([0, 1])
    probabilities = np.array([[[0.9, 0.1], [0.9, 0.1]], [[0.3, 0.7], [0.9, 0.1]]], dtype=np.float32)
    found = training_metrics(probabilities, TrainingDiagnostics(), noisy, clean, np.eye(2))
    assert found["train_accuracy_clean_labels"] == 1.0
    assert found["memorised"] == 0.0


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_ranks_are_those_of_scipy_to_the_bit(dtype):
    scores = np.random.default_rng(0).normal(size=500).round(1).astype(dtype)
    np.testing.assert_array_equal(average_ranks(scores), rankdata(scores))


def test_no_score_has_a_rank_beside_one_that_is_no_number():
    assert np.isnan(average_ranks(np.array([1.0, np.nan]))).all()
