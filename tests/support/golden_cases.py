"""Tests that run once a stored case: a marker, and the cases of a file of arrays."""

import numpy as np
import pytest


def add_marker(config):
    """Register the marker by which a test names the file of its cases."""
    config.addinivalue_line("markers", "golden(name): one test a case of golden/<name>.npz, given as `case`")


def parametrize_by_case(metafunc, *folders):
    """Run a marked test once a case of the file that lies in one of the folders."""
    marker = metafunc.definition.get_closest_marker("golden")
    if marker is None:
        return
    name = f"{marker.args[0]}.npz"
    (path,) = (folder / name for folder in folders if (folder / name).exists())
    with np.load(path, allow_pickle=False) as stored:
        arrays = dict(stored)
    cases = []
    for number in range(int(arrays["n_cases"])):
        prefix = f"case{number}_"
        case = {key.removeprefix(prefix): value for key, value in arrays.items() if key.startswith(prefix)}
        cases.append(pytest.param(case, id=str(case.get("tag", number))))
    metafunc.parametrize("case", cases)
