"""A committed fingerprint of each method's first steps: behaviour moves together with
`version`, or not at all.

After raising the version of a method whose behaviour was meant to move, write the file
anew, without -n:

    BENCHMARK_REFRESH=first_steps pytest tests/methods/test_first_steps.py
"""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from benchmark.conformance.results import train
from benchmark.conformance.worlds import easy_world
from benchmark.contracts import method_from, methods

STORED = Path(__file__).parent / "first_steps.json"
REFRESH = os.environ.get("BENCHMARK_REFRESH") == "first_steps"
REGISTERED = [name for name in methods if methods[name].__module__.startswith("methods.")]
TEXTS = 3
TOLERANCE = {"rtol": 1e-3, "atol": 1e-4}


def read():
    return json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}


def first_steps(name):
    """Probabilities of three texts at the first point that can be selected, and of
    three at the end.
    """
    result = train(method_from(name), easy_world())
    shown = {"first": result.predicted[0], "last": result.test}
    numbers = {key: np.round(value[:TEXTS].astype(float), 5).tolist() for key, value in shown.items()}
    return {"version": methods[name].version, **numbers}


@pytest.mark.parametrize("name", REGISTERED)
def test_first_steps_move_only_with_the_version(name):
    found = first_steps(name)
    if REFRESH:
        content = {known: steps for known, steps in read().items() if known in REGISTERED} | {name: found}
        STORED.write_text(one_line_a_method(content), encoding="utf-8")
    stored = read().get(name)
    refresh = "BENCHMARK_REFRESH=first_steps pytest tests/methods/test_first_steps.py"
    assert stored is not None, f"The first steps of {name} are not in {STORED.name}: add them by {refresh}"
    assert stored["version"] == found["version"], f"The version of {name} was raised: refresh by {refresh}"
    moved = f"The behaviour of {name} moved: raise its version and refresh by {refresh}"
    for key in ("first", "last"):
        np.testing.assert_allclose(found[key], stored[key], **TOLERANCE, err_msg=moved)


def test_stored_first_steps_are_those_of_the_registered_methods():
    assert sorted(read()) == sorted(REGISTERED)


def test_first_steps_of_two_methods_differ_by_more_than_the_tolerance():
    stored = {name: steps["last"] for name, steps in read().items() if np.shape(steps["last"])[1] == 1}
    for first in stored:
        for second in stored:
            assert first == second or not np.allclose(stored[first], stored[second], **TOLERANCE)


def one_line_a_method(content):
    lines = (f"{json.dumps(name)}: {json.dumps(content[name])}" for name in sorted(content))
    return "{\n" + ",\n".join(lines) + "\n}\n"
