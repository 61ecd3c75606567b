"""Methods fed rows in another order than the data set's: what they predict and find out
goes with the rows.
"""

from dataclasses import replace

import numpy as np
import pytest

from benchmark.conformance.results import train
from benchmark.conformance.worlds import LONGER, world
from benchmark.contracts import generator, method_from, methods
from benchmark.training import trainer as kits
from benchmark.training.threads import torch_threads

REGISTERED = [name for name in methods if methods[name].__module__.startswith("methods.")]
DRAW_BY_ROW = {
    "clean_few": "which texts are given",
    "confident_learning": "folds",
    "cr_npc": "batches of the bank and of the calibration",
    "dygen": "batches of the generative model",
    "linear_probe": "folds",
    "npc": "batches of the bank and of the calibration",
    "sidyp": "batches of the diffusion",
    "turn": "batches of the probe, balanced set",
}
"""Methods with draws of their own over rows, which are others in another order;
`test_findings` looks at their rows.
"""

CLOSE = {"rtol": 1e-2, "atol": 1e-3}


def in_another_order(here, order):
    """The world with its training rows in the order given."""
    trial_inputs, noisy = here.trial_inputs, here.trial_inputs.noisy
    moved = replace(
        noisy, train=noisy.train.rows(order), train_labels=noisy.train_labels[order], train_rows=noisy.train_rows[order]
    )
    inputs = trial_inputs.train_inputs.subset(order)
    return replace(here, trial_inputs=replace(trial_inputs, noisy=moved, train_inputs=inputs))


def with_tests_in_another_order(here, order):
    trial_inputs, noisy = here.trial_inputs, here.trial_inputs.noisy
    moved = replace(noisy, test=noisy.test.rows(order), test_rows=noisy.test_rows[order])
    return replace(
        here, trial_inputs=replace(trial_inputs, noisy=moved, test_inputs=trial_inputs.test_inputs.subset(order))
    )


@pytest.fixture
def same_batches(monkeypatch):
    """Makes the training batches hold the same texts in the same order whatever the
    order of the rows.
    """

    def batches_of(texts):
        def batches(inputs, rows, batch_size, epoch, seed_parts):
            by_text = rows[np.argsort(texts[rows], kind="stable")]
            shuffled = by_text[generator(*seed_parts, "order", epoch).permutation(len(rows))]
            return [shuffled[start : start + batch_size] for start in range(0, len(rows), batch_size)]

        monkeypatch.setattr(kits, "training_batches", batches)

    return batches_of


@pytest.fixture(scope="module")
def here():
    return world(train=96, test=30, recipe=LONGER)


@pytest.mark.parametrize("name", sorted(set(REGISTERED) - DRAW_BY_ROW.keys()))
def test_predictions_and_findings_follow_the_order_of_the_training_rows(name, here, same_batches):
    order = generator("row order").permutation(len(here.trial_inputs.noisy.train))
    with torch_threads(1):
        same_batches(np.arange(len(order)))
        straight = train(method_from(name), here)
        same_batches(order)
        moved = train(method_from(name), in_another_order(here, order))
    np.testing.assert_allclose(moved.test, straight.test, **CLOSE)
    assert moved.findings.keys() == straight.findings.keys()
    for finding, value in straight.findings.items():
        expected = value[order] if len(value.shape) and len(value) == len(order) else value
        np.testing.assert_allclose(moved.findings[finding], expected, **CLOSE, err_msg=finding)


@pytest.mark.parametrize("name", REGISTERED)
def test_predictions_follow_the_order_of_the_test_rows(name, here):
    order = generator("row order").permutation(len(here.trial_inputs.noisy.test))
    with torch_threads(1):
        straight = train(method_from(name), here)
        moved = train(method_from(name), with_tests_in_another_order(here, order))
    np.testing.assert_allclose(moved.test, straight.test[order], **CLOSE)
    assert moved.test_accuracy == pytest.approx(straight.test_accuracy)
