"""Noise under which labels no longer tell the classes apart."""

import pytest

from benchmark.contracts import BenchmarkError, noise_from
from benchmark.experiment.choices import Choices
from benchmark.experiment.expansion import expand
from benchmark.experiment.grid import grid_names, load_grid
from benchmark.experiment.identifiability import check_identifiable, identifiability_problem


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("symmetric(0.74)", None),
        ("symmetric(0.75)", "from 0.75 on"),
        ("uniform(0.99)", None),
        ("asymmetric(0.49)", None),
        ("asymmetric(0.5)", "from 0.5 on"),
        ("hub(0.5)", "from 0.5 on"),
        ("crowd(0.5)", "from 0.5 on"),
        ("clean()", None),
        ("observed(weak)", None),
        ("matrix(0.4 0.3 0.3 0; 0 1 0 0; 0 0 1 0; 0 0 0 1)", None),
        ("matrix(1 0 0 0; 0 0.3 0.7 0; 0 0 1 0; 0 0 0 1)", "class 1 is labelled 2 with probability 0.7 and 1 with 0.3"),
        ("asymmetric(0.4)+asymmetric(0.4)", "class 0 is labelled 1 with probability 0.48 and 0 with 0.36"),
        ("asymmetric(0.2)+asymmetric(0.2)", None),
        ("imbalance(10)+asymmetric(0.5)", "from 0.5 on"),
        ("symmetric(0.7)+open_set(0.1)", "from 0.667 on such noise over 3 classes"),
        ("open_set(0.1)", None),
    ],
)
def test_noise_that_hides_the_classes_is_told_with_what_hides_them(text, bound):
    problem = identifiability_problem(noise_from(text), 4)
    assert problem is None if bound is None else bound in problem


def trials(*noises):
    return expand(load_grid("demo"), Choices(methods=("cross_entropy",), noises=noises, encoders=("scratch:tiny",)))


def test_every_such_cell_is_named_at_once_and_allowing_them_turns_the_refusal_into_warnings():
    configs, said = trials("clean()", "asymmetric(0.6)", "symmetric(0.95)"), []
    with pytest.raises(BenchmarkError, match=r"(?s)apidocs: asymmetric\(0\.6\).*apidocs: symmetric\(0\.95\).*--allow"):
        check_identifiable(configs, False, said.append)
    assert not said
    check_identifiable(configs, True, said.append)
    assert len(said) == 2


@pytest.mark.parametrize("name", grid_names())
def test_no_grid_of_this_project_asks_for_such_noise(name):
    check_identifiable(expand(load_grid(name), Choices(encoders=("scratch:tiny",))), False, pytest.fail)
