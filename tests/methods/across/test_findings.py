"""What a method finds out about training texts belongs to the rows that it is reported
for.
"""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from benchmark.conformance.results import train
from benchmark.conformance.worlds import LONGER, world
from benchmark.contracts import method_from, methods, noise_from
from benchmark.training.threads import torch_threads

REGISTERED = [name for name in methods if methods[name].__module__.startswith("methods.")]
WITHOUT_SUSPICION = {"majority", "npc", "cr_npc"}
WITH_CORRECTED_LABELS = {"dividemix", "dygen", "elr", "knn_relabel", "lccn", "sed", "selfmix", "sidyp"}
WITH_MATRIX = {"confident_learning", "dualt", "forward", "lccn"}


@pytest.fixture(scope="module")
def easy():
    """Texts of separable classes, a quarter of whose labels are wrong."""
    return world(train=240, test=60, recipe=LONGER)


@pytest.fixture(scope="module")
def found(easy):
    """The findings of a method by name, each trained once."""
    known = {}

    def of(name):
        if name not in known:
            with torch_threads(1):
                known[name] = train(method_from(name), easy).findings
        return known[name]

    return of


@pytest.mark.parametrize("name", REGISTERED)
def test_suspicion_tells_wrong_labels_from_right_ones(name, easy, found):
    noisy = easy.trial_inputs.noisy
    assert ("suspicion" in found(name)) == (name not in WITHOUT_SUSPICION)
    if "suspicion" in found(name):
        area = roc_auc_score(noisy.train_labels != noisy.train.clean_labels, found(name)["suspicion"])
        assert area > 0.75


@pytest.mark.parametrize("name", REGISTERED)
def test_corrected_labels_are_right_more_often_than_the_noisy_ones(name, easy, found):
    noisy = easy.trial_inputs.noisy
    assert ("corrected_labels" in found(name)) == (name in WITH_CORRECTED_LABELS)
    if "corrected_labels" in found(name):
        right = (found(name)["corrected_labels"] == noisy.train.clean_labels).mean()
        assert right > (noisy.train_labels == noisy.train.clean_labels).mean() + 0.05


@pytest.mark.parametrize("name", sorted(set(REGISTERED) - {"majority"}))
def test_training_probabilities_are_those_of_the_rows(name, easy, found):
    predicted = found(name)["train_probabilities"].mean(axis=1).argmax(axis=1)
    assert (predicted == easy.trial_inputs.noisy.train.clean_labels).mean() > 0.75


@pytest.mark.parametrize("name", sorted(WITH_MATRIX))
def test_rows_of_an_estimated_matrix_are_true_classes(name, found):
    here = world(train=240, noise=noise_from("matrix(1 0 0; 0.4 0.6 0; 0 0.4 0.6)"), recipe=LONGER)
    with torch_threads(1):
        matrix = train(method_from(name), here).findings["transition_matrix"]
    true = here.trial_inputs.true_matrix()
    np.testing.assert_allclose(matrix.sum(axis=1), 1.0, rtol=1e-6)
    assert np.abs(matrix - true).sum() < np.abs(matrix.T - true).sum()
