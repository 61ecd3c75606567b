"""Which trials a grid and its choices become."""

import pytest

from benchmark.contracts import BenchmarkError
from benchmark.experiment.choices import Choices
from benchmark.experiment.expansion import expand
from benchmark.experiment.grid import load_grid

CROWD = {"corpora": ("chem_disease",), "noises": ("observed(crowd)",), "encoders": ("tfidf",), "seeds": 1}
"""A corpus whose training labels nobody has checked; its card alone is read."""

ORACLES = ("clean_upper_bound", "clean_few", "dygen[rate=oracle]")


@pytest.mark.parametrize("oracle", ORACLES)
def test_a_method_that_takes_unknown_clean_labels_has_no_trial(oracle):
    found = expand(load_grid("demo"), Choices(methods=("cross_entropy", oracle), **CROWD))
    assert [config.method for config in found] == ["cross_entropy"]


@pytest.mark.parametrize("oracle", ORACLES)
def test_what_is_left_out_is_said_with_its_corpus(oracle):
    said = []
    expand(load_grid("demo"), Choices(methods=("cross_entropy", oracle), **CROWD), said.append)
    assert [f"{oracle} on chem_disease" in line for line in said] == [True]


def test_a_grid_of_which_no_trial_is_possible_is_refused():
    with pytest.raises(BenchmarkError):
        expand(load_grid("demo"), Choices(methods=("clean_upper_bound",), **CROWD))
