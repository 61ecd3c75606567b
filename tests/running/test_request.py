"""A request is never one that a run cannot have."""

from pathlib import Path

import pytest

from benchmark.contracts import BenchmarkError
from benchmark.experiment.grid import load_grid
from benchmark.running.request import Request


@pytest.mark.parametrize(("option", "value"), [("executor", "threads"), ("max_hours", -1.0), ("trial_hours", 0.0)])
def test_an_option_that_no_run_has_is_refused_as_the_request_is_made(option, value):
    with pytest.raises(BenchmarkError, match=str(value)):
        Request(load_grid("demo"), Path("anywhere"), **{option: value})
