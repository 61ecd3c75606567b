"""What methods that are one loss find out by themselves."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from benchmark.conformance.results import train
from benchmark.conformance.worlds import easy_world
from benchmark.contracts import method_from
from benchmark.contracts.gradient import label_confidence_diagnostics


def test_a_label_is_doubted_by_one_minus_the_networks_mean_probability_of_it():
    probabilities = np.array([[[0.9, 0.1], [0.7, 0.3]], [[0.2, 0.8], [0.4, 0.6]]], dtype=np.float32)
    found = label_confidence_diagnostics(probabilities, np.array([0, 0]))
    np.testing.assert_allclose(found.suspicion, [0.2, 0.7], rtol=1e-6)
    np.testing.assert_array_equal(found.train_probabilities, probabilities)


@pytest.mark.parametrize("name", ["cross_entropy", "ensemble_ce", "gce", "cr", "dygen[until=stage_one]"])
def test_wrong_labels_of_an_easy_set_are_doubted_more_than_right_ones(name):
    here = easy_world()
    wrong = here.trial_inputs.noisy.train_labels != here.trial_inputs.noisy.train.clean_labels
    assert roc_auc_score(wrong, train(method_from(name), here).findings["suspicion"]) > 0.8
