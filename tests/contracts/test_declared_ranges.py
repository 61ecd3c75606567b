"""Every method and noise of this project declares what each of its parameters may
be.
"""

import dataclasses
import math
import re
import tomllib
from pathlib import Path
from typing import Literal, get_args, get_origin

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.contracts import BenchmarkError, Matching, Within, method_from, methods, noise_from, noises
from benchmark.contracts.parameters.fields import parameters_of, undeclared

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = [
    *(methods[name] for name in methods if methods[name].__module__.startswith("methods.")),
    *(noises[name] for name in noises if noises[name].__module__.startswith("noise.")),
]
PARAMETERS = [(cls, parameter) for cls in MEMBERS for parameter in parameters_of(cls)]
NUMBERS = [(cls, parameter) for cls, parameter in PARAMETERS if isinstance(parameter.range, Within)]
TEXTS = [(cls, parameter) for cls, parameter in PARAMETERS if isinstance(parameter.range, Matching)]
FAR = 10_000_000


def named(case):
    return f"{case[0].name}.{case[1].name}"


def made(cls, **values):
    """An instance.

    Required fields that are not given have some value of their range.
    """
    needed = {"rate": 0.25, "ratio": 2.0, "file": "a.csv", "law": "1 0; 0 1", "source": "weak"}
    required = {parameter.name: needed[parameter.name] for parameter in parameters_of(cls) if parameter.required}
    return cls(**required | values)


@pytest.mark.parametrize("cls", MEMBERS, ids=lambda cls: cls.name)
def test_every_parameter_declares_its_range(cls):
    assert undeclared(cls) == []


@pytest.mark.parametrize(("cls", "parameter"), PARAMETERS, ids=lambda part: getattr(part, "name", None))
def test_every_default_lies_in_its_range(cls, parameter):
    assert parameter.required or parameter.holds(parameter.default)


def inside(parameter):
    """Numbers of the range, its closed ends among them."""
    low, high = parameter.range.low, parameter.range.high
    high = FAR if isinstance(high, str) or math.isinf(high) else high
    if int in parameter.options:
        return st.integers(math.ceil(low), math.floor(high))
    opening, closing = parameter.range.ends
    return st.floats(low, high, exclude_min=opening == "(", exclude_max=closing == ")")


def outside(parameter):
    """Numbers beyond the ends, open ends themselves, and what is not finite."""
    low, high = parameter.range.low, parameter.range.high
    kind = int if int in parameter.options else float
    numbers = st.integers if kind is int else st.floats
    found = [numbers(max_value=low if kind is float else math.ceil(low) - 1)]
    if not isinstance(high, str) and math.isfinite(high):
        found.append(numbers(min_value=kind(high)))
    found.append(st.sampled_from([math.nan, math.inf, -math.inf]))
    return st.one_of(found).filter(lambda value: not parameter.range.holds(value))


@settings(max_examples=200)
@given(st.data())
def test_values_in_their_range_are_taken(data):
    cls, parameter = data.draw(st.sampled_from(NUMBERS).map(lambda case: case))
    value = data.draw(inside(parameter))
    if (cls.name, parameter.name) == ("crowd", "votes"):
        assert made(cls, votes=value, annotators=1000).votes == value
    elif (cls.name, parameter.name) == ("crowd", "annotators"):
        assert made(cls, votes=1, annotators=value).annotators == value
    else:
        assert getattr(made(cls, **{parameter.name: value}), parameter.name) == value


@settings(max_examples=200)
@given(st.data())
def test_values_outside_their_range_are_refused_by_name_value_and_range(data):
    cls, parameter = data.draw(st.sampled_from(NUMBERS))
    value = data.draw(outside(parameter))
    with pytest.raises(BenchmarkError) as refused:
        made(cls, **{parameter.name: value})
    message = str(refused.value)
    assert f"{cls.name}.{parameter.name}" in message
    assert repr(value).removesuffix(".0") in message
    assert str(parameter.range) in message


@pytest.mark.parametrize("case", TEXTS, ids=named)
@pytest.mark.parametrize("text", ["", "\n"])
def test_texts_that_no_command_line_could_carry_are_refused(case, text):
    with pytest.raises(BenchmarkError, match=rf"{case[0].name}\.{case[1].name}"):
        made(case[0], **{case[1].name: text})


CHOICES = [
    (cls, parameter)
    for cls, parameter in PARAMETERS
    if any(get_origin(option) is Literal for option in parameter.options)
]


@pytest.mark.parametrize("case", CHOICES, ids=named)
def test_a_choice_that_is_none_is_refused_from_python_too(case):
    cls, parameter = case
    choices = [choice for option in parameter.options for choice in get_args(option)]
    with pytest.raises(BenchmarkError) as refused:
        made(cls, **{parameter.name: "elsewhere"})
    assert "'elsewhere'" in str(refused.value)
    assert all(str(choice) in str(refused.value) for choice in choices)


@pytest.mark.parametrize(
    "text",
    [
        "co_teaching[rate=7]",
        "elr[momentum=5]",
        "selfmix[warmup=-1]",
        "cr[weight=-3]",
        "dygen[warmup=9]",
        "dygen[trajectory=last-0]",
        "confident_learning[folds=1]",
    ],
)
def test_methods_that_mean_nothing_are_refused(text):
    name, parameter = re.match(r"(\w+)\[(\w+)=", text).groups()
    with pytest.raises(BenchmarkError, match=rf"{name}\.{parameter}"):
        method_from(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("symmetric(1.5)", "symmetric.rate is 1.5"),
        ("symmetric(-0.1)", "symmetric.rate is -0.1"),
        ("imbalance(0)", "imbalance.ratio is 0"),
        ("crowd(0.2,votes=0)", "crowd.votes is 0"),
        ("crowd(0.2,annotators=0)", "crowd.annotators is 0"),
        ("hub(0.2,to=-1)", "hub.to is -1"),
        ("superclass(0.2,groups=a)", "superclass.groups is 'a'"),
        ("clean()+symmetric(1)", "symmetric.rate is 1"),
    ],
)
def test_noises_that_mean_nothing_are_refused(text, named):
    with pytest.raises(BenchmarkError, match=re.escape(named)):
        noise_from(text)


@pytest.mark.parametrize("archive", sorted((ROOT / "results" / "measured").glob("*/records.parquet")), ids=str)
def test_what_was_measured_is_still_allowed(archive):
    table = pd.read_parquet(archive, columns=["method", "noise"])
    for text in table["method"].unique():
        assert str(method_from(text)) == text
    for text in table["noise"].unique():
        assert str(noise_from(text)) == text


@pytest.mark.parametrize("path", sorted((ROOT / "benchmark" / "grids").glob("*.toml")), ids=lambda path: path.stem)
def test_what_grids_ask_for_is_allowed(path):
    grid = tomllib.loads(path.read_text(encoding="utf-8"))
    assert all(method_from(text) for text in grid["methods"] if text != "ranked")
    assert all(noise_from(text) for cells in grid["cells"] for text in cells["noises"])


def test_a_method_stays_a_frozen_dataclass():
    method = method_from("gce")
    with pytest.raises(dataclasses.FrozenInstanceError):
        method.q = 5
