import numpy as np
import pytest

from benchmark.api import draw_training_dynamics
from benchmark.contracts import BenchmarkError
from benchmark.running.training_dynamics import training_dynamics

SMALL = {"encoder": "scratch:tiny", "limit_examples": 96, "epochs": 1}


@pytest.fixture(scope="module")
def small():
    return training_dynamics("apidocs", "symmetric(0.4)", "scratch:tiny", 0, limit_examples=96, epochs=1)


def test_every_training_text_is_measured_at_every_point(small):
    points, texts = small.distances.shape
    assert points == len(small.fractions) >= 2
    assert small.fractions[-1] == 1.0
    assert small.wrong.shape == (texts,)
    assert small.plane.shape == (texts, 2)
    assert 0.3 < small.wrong.mean() < 0.5
    assert np.isfinite(small.distances).all()
    assert (small.distances >= 0).all()
    assert 0 <= small.auroc <= 1
    assert 0 < small.explained <= 1


def test_the_same_seed_shows_the_same(small):
    again = training_dynamics("apidocs", "symmetric(0.4)", "scratch:tiny", 0, limit_examples=96, epochs=1)
    assert np.array_equal(again.distances, small.distances)
    assert again.auroc == small.auroc
    assert np.allclose(again.plane, small.plane)


def test_the_figure_is_written_in_three_formats(tmp_path):
    found, figure = draw_training_dynamics(**SMALL, out=tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        f"dynamics-apidocs-symmetric-0-4.{kind}" for kind in ("png", "svg", "pdf")
    }
    assert f"{len(found.wrong)} training texts" in figure.caption


def test_without_wrong_labels_there_is_nothing_to_tell_apart():
    with pytest.raises(BenchmarkError, match=r"clean\(\)"):
        draw_training_dynamics(noise="clean()", **SMALL)


def test_a_method_that_measures_nothing_on_its_trajectories_is_named():
    with pytest.raises(BenchmarkError, match=r"cr_npc.*dygen"):
        training_dynamics("apidocs", "symmetric(0.4)", "scratch:tiny", 0, "cr_npc", limit_examples=96, epochs=1)


def test_a_method_without_embeddings_is_named():
    with pytest.raises(BenchmarkError, match=r"'majority'.*\b0 points"):
        training_dynamics("apidocs", "symmetric(0.4)", "scratch:tiny", 0, "majority", limit_examples=96, epochs=1)
