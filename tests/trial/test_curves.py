"""What a run with `--curves` adds to a record, and that it changes nothing else."""

import numpy as np
import pytest

from benchmark.api import run_grid
from benchmark.contracts import Outputs, Point, TrainingDiagnostics
from benchmark.records.schema import CurvePoint, Manifest
from benchmark.trial.evaluation import TrainingSplit

METHODS = ["cross_entropy", "co_teaching", "selfmix", "dygen", "forward", "majority"]
UNTIMED = {"costs", "provenance", "curve"}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Records by method, without and with curves."""

    def run(curves):
        outcome = run_grid(
            "demo",
            tmp_path_factory.mktemp("run"),
            methods=METHODS,
            corpora=["apidocs"],
            noises=["symmetric(0.4)"],
            encoders=["scratch:tiny"],
            seeds=1,
            limit_examples=32,
            epochs=2,  # selfmix splits before the last epoch at the latest
            executor="inline",
            curves=curves,
        )
        assert not outcome.failed
        return {record.method: record for record in outcome.records}

    return run(False), run(True)


@pytest.mark.parametrize("method", METHODS)
def test_curves_change_nothing_but_the_curve(runs, method):
    plain, curved = (found[method] for found in runs)
    assert plain.model_dump(exclude=UNTIMED | {"selections"}) == curved.model_dump(exclude=UNTIMED | {"selections"})
    for rule, chosen in plain.selections.items():
        assert curved.selections[rule] == chosen


@pytest.mark.parametrize("method", METHODS)
def test_every_point_tells_the_fitted_shares_and_the_last_agrees_with_the_training_metrics(runs, method):
    plain, curved = (found[method] for found in runs)
    assert all(point.wrong_fitted is None and point.right_fitted is None for point in plain.curve)
    assert all(0 <= point.wrong_fitted <= 1 and 0 <= point.right_fitted <= 1 for point in curved.curve)
    assert curved.curve[-1].wrong_fitted == curved.train_metrics["memorised"]


def test_a_method_that_estimates_a_transition_matrix_leaves_it_in_the_record(runs):
    records = runs[0]
    matrix = np.array(records["forward"].estimated_matrix)
    realised = np.array(records["forward"].manifest.transition_matrix)
    assert matrix.shape == realised.shape
    assert np.abs(matrix - realised).sum(axis=1).mean() == pytest.approx(
        records["forward"].train_metrics["matrix_error"], abs=1e-3
    )
    assert records["cross_entropy"].estimated_matrix is None


def test_records_of_before_still_load():
    assert CurvePoint(stage=1, fraction=1.0, noisy_valid_accuracy=0.5).wrong_fitted is None
    assert Manifest.model_fields["requested_matrix"].default is None


def test_training_texts_are_seen_as_the_method_says_else_as_the_point_shows():
    shown, own = (np.full((2, 1, 2), share, dtype=np.float32) for share in (0.5, 0.25))

    class Trainer:
        def outputs(self, inputs, observe):
            return observe(inputs)

    trained = TrainingSplit("train", np.zeros(2, dtype=np.int64), np.zeros(2, dtype=np.int64))
    point = Point(fraction=1.0, observe=lambda split: Outputs(shown))
    assert trained.probabilities(point, TrainingDiagnostics(), Trainer()) is shown
    assert trained.probabilities(point, TrainingDiagnostics(train_probabilities=own), Trainer()) is own
    assert trained.probabilities(Point(fraction=1.0), TrainingDiagnostics(), Trainer()) is None
