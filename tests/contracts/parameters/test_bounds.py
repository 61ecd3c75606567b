"""Absurd numbers are refused with what is allowed, in grid files, in Python and on the
command line alike.
"""

import math

import pytest

from benchmark import run_grid
from benchmark.contracts import BenchmarkError
from benchmark.contracts.parameters.bounds import MOST_SEED, check_real, check_seeds, check_trials, check_whole
from benchmark.experiment.choices import Choices
from benchmark.experiment.expansion import expand
from benchmark.experiment.grid import load_grid
from benchmark.records.config import TrialConfig
from benchmark.running.executors import Resources

GRID = """title = "x"
methods = ["gce"]
encoders = ["scratch:tiny"]
seeds = {seeds}
[limits]
train = {train}
[[cells]]
corpora = ["apidocs"]
noises = ["clean()"]
"""


@pytest.mark.parametrize(
    ("number", "words"), [(0, "1"), (11, "10"), (2.0, "2.0"), (True, "True"), ("3", "'3'"), (math.nan, "nan")]
)
def test_a_number_that_is_not_whole_or_not_within_is_refused(number, words):
    with pytest.raises(BenchmarkError) as error:
        check_whole("--n", number, 1, 10)
    assert words in str(error.value)
    assert "--n" in str(error.value)


def test_limits_themselves_are_allowed():
    check_whole("--n", 1, 1, 10)
    check_whole("--n", 10, 1, 10)
    check_real("--h", 0.5, 0, 10, above=True)
    check_real("--h", 0, 0, 10)
    check_seeds((0, MOST_SEED))
    check_seeds(1000)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 1e300, -1, 0, "3", True])
def test_hours_are_finite_and_above_zero(number):
    with pytest.raises(BenchmarkError, match="--h"):
        check_real("--h", number, 0, 10, above=True)


def test_a_seed_read_as_a_count_is_said_with_what_to_write():
    with pytest.raises(BenchmarkError, match="20240101,") as error:
        check_seeds(20240101)
    assert "1000" in str(error.value)


@pytest.mark.parametrize(
    "seeds",
    [(2**63,), (2**64,), (-1,), (1.5,), 0, -1, 10**9, 10**4000, "3", 1.0, True, tuple(range(1001))],
    ids=lambda seeds: str(seeds)[:20],
)
def test_bad_seeds_are_refused_before_a_trial_is_made(seeds):
    with pytest.raises(BenchmarkError):
        expand(load_grid("demo"), Choices(seeds=seeds))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"epochs": 10**12}, "--epochs is 1000000000000"),
        ({"epochs": 1.5}, "--epochs is 1.5"),
        ({"epochs": math.nan}, "--epochs is nan"),
        ({"limit_examples": 10**30}, "--limit-examples is"),
        ({"threads_per_trial": 10**9}, "--threads-per-trial is 1000000000"),
        ({"methods": "gce"}, "methods is 'gce'"),
        ({"corpora": [3]}, r"corpora is \[3\]"),
    ],
)
def test_choices_are_checked_wherever_they_come_from(changes, words):
    with pytest.raises(BenchmarkError, match=words):
        expand(load_grid("demo"), Choices(**changes))


def test_a_grid_of_too_many_trials_is_refused_with_their_number():
    check_trials(1000, 1000)
    with pytest.raises(BenchmarkError, match="1,001,000"):
        check_trials(1000, 1001)
    many = [f"symmetric(0.{rate:04d})" for rate in range(400)]
    methods = [f"gce[q=0.{q:04d}]" for q in range(1, 1000)]
    with pytest.raises(BenchmarkError, match="1000000"):
        check_whole("x", 10**6 + 1, 1, 10**6)
    with pytest.raises(BenchmarkError, match="trials"):
        expand(load_grid("demo"), Choices(methods=methods, corpora=["apidocs"], noises=many, seeds=10))


@pytest.mark.parametrize("seeds", ["1000000000", "true", '"3"', "1.0", "0", "-1", "[1]", "9" * 30])
def test_seeds_of_a_grid_file_are_a_number_within_bounds(tmp_path, seeds):
    (tmp_path / "own.toml").write_text(GRID.format(seeds=seeds, train=10))
    with pytest.raises(BenchmarkError, match="seeds"):
        load_grid(str(tmp_path / "own.toml"))


@pytest.mark.parametrize("train", ["true", '"3"', "0", "9" * 30])
def test_limits_of_a_grid_file_are_numbers_within_bounds(tmp_path, train):
    (tmp_path / "own.toml").write_text(GRID.format(seeds=1, train=train))
    with pytest.raises(BenchmarkError, match=r"limits\.train"):
        load_grid(str(tmp_path / "own.toml"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"max_hours": math.inf}, "--max-hours is inf"),
        ({"max_hours": math.nan}, "--max-hours is nan"),
        ({"trial_hours": 1e300}, r"--trial-hours is 1e\+300"),
        ({"workers": 10**9}, "--workers is 1000000000"),
        ({"workers": 1.5}, "--workers is 1.5"),
        ({"gpus_per_trial": math.inf}, "--gpus-per-trial is inf"),
        ({"gpus_per_trial": math.nan}, "--gpus-per-trial is nan"),
        ({"seeds": (2**64,)}, str(2**64)),
    ],
)
def test_python_refuses_what_the_command_line_refuses(tmp_path, options, words):
    with pytest.raises(BenchmarkError, match=words):
        run_grid(out=tmp_path / "run", **{"seeds": 1, **options})
    assert not (tmp_path / "run").exists()


def test_resources_are_checked_on_their_own():
    with pytest.raises(BenchmarkError, match="--threads-per-trial is 5000"):
        Resources(threads_per_trial=5000).checked()


def test_a_configuration_holds_no_seed_that_an_archive_cannot():
    config = expand(load_grid("demo"), Choices(seeds=(MOST_SEED,)))[0]
    with pytest.raises(ValueError, match="seed"):
        TrialConfig.model_validate(config.model_dump() | {"seed": MOST_SEED + 1})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--seeds", "18446744073709551616,"), str(2**63 - 1)),
        (("--seeds", "20240101"), "20240101,"),
        (("--epochs", "1000000000000"), "10000"),
        (("--max-hours", "nan"), "nan"),
        (("--trial-hours", "inf"), "inf"),
        (("--workers", "1000000000"), "4096"),
        (("--threads-per-trial", "1000000000"), "1024"),
        (("--gpus-per-trial", "inf"), "1024"),
        (("--limit-examples", "9" * 30), "1000000000"),
    ],
)
def test_the_command_line_refuses_them_before_anything_starts(refused, tmp_path, options, words):
    assert words in refused("run", *options, "--out", tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_range_of_equal_accuracy_is_a_number(refused):
    assert "--rope is nan" in refused("compare", "a", "b", "--rope", "nan")


def test_the_seed_of_a_shown_noise_is_bounded(refused):
    assert str(2**63 - 1) in refused("noise", "show", "clean()", "--corpus", "apidocs", "--seed", str(2**64))
