"""Golden cases that the tests of detectors share."""

from pathlib import Path

import numpy as np
import pytest

GOLDEN = Path(__file__).parent / "golden"


def pytest_configure(config):
    config.addinivalue_line("markers", "golden(name): one test a case of golden/<name>.npz, given as `case`")


def pytest_generate_tests(metafunc):
    marker = metafunc.definition.get_closest_marker("golden")
    if marker is None:
        return
    with np.load(GOLDEN / f"{marker.args[0]}.npz", allow_pickle=False) as stored:
        arrays = dict(stored)
    cases = []
    for number in range(int(arrays["n_cases"])):
        prefix = f"case{number}_"
        case = {key.removeprefix(prefix): value for key, value in arrays.items() if key.startswith(prefix)}
        cases.append(pytest.param(case, id=str(case.get("tag", number))))
    metafunc.parametrize("case", cases)
