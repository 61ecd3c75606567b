"""Parameters are read from annotations and checked on every way in: text, construction
and replacement.
"""

import dataclasses
import math
from typing import Annotated, Literal

import numpy as np
import pytest

from benchmark.contracts import BenchmarkError, Matching, Method, Sizes, Within, method_from, register
from benchmark.contracts.parameters.fields import parameters_of, undeclared

pytestmark = pytest.mark.usefixtures("own_registry")

OUTSIDE = {
    "share": [1.0, -0.1, math.nan, math.inf, "x", True, None],
    "count": [0, 11, 2.5, True, "3"],
    "way": ["c", 1, None],
    "mixed": [1.5, -1, "c", True, math.nan],
    "maybe": [0.0, -2.0, "none", math.inf],
    "form": ["x", "xa", 3, ""],
    "flag": [1, "true", None],
    "free": [math.nan, math.inf, "x"],
}
INSIDE = {
    "share": [0, 0.0, 0.5, np.float64(0.25)],
    "count": [1, 10, np.int64(3)],
    "way": ["a", "b"],
    "mixed": ["a", 0, 0.5, 1.0],
    "maybe": [None, 1e-9, 3],
    "form": ["a", "aa"],
    "flag": [True, False],
    "free": [-1e9, 0, 3.5],
}
CASES = [(field, value) for field, values in OUTSIDE.items() for value in values]


@pytest.fixture
def own():
    @register
    class Own(Method):
        """Has a field of each kind."""

        name = "own"
        share: Annotated[float, Within(0, 1, "[)")] = 0.5
        count: Annotated[int, Within(1, 10)] = 3
        way: Literal["a", "b"] = "a"
        mixed: Annotated[Literal["a", "b"] | float, Within(0, 1)] = "a"
        maybe: Annotated[float, Within(0, ends="(]")] | None = None
        form: Annotated[str, Matching("a+", "letters a")] = "a"
        flag: bool = False
        free: float = 0.0

    return Own


@pytest.mark.parametrize(("field", "value"), CASES)
def test_a_value_outside_its_range_is_refused_on_construction_by_name_and_value(own, field, value):
    with pytest.raises(BenchmarkError) as refused:
        own(**{field: value})
    assert f"own.{field} is" in str(refused.value)
    assert str(value).lower().removesuffix(".0") in str(refused.value).lower()


@pytest.mark.parametrize(("field", "value"), CASES)
def test_replacing_a_value_by_one_outside_its_range_is_refused(own, field, value):
    with pytest.raises(BenchmarkError, match=rf"own\.{field}"):
        dataclasses.replace(own(), **{field: value})


@pytest.mark.parametrize(("field", "value"), [(field, value) for field in INSIDE for value in INSIDE[field]])
def test_a_value_in_its_range_is_taken_as_it_is(own, field, value):
    assert getattr(own(**{field: value}), field) is value


@pytest.mark.parametrize(
    "text",
    ["share=1", "share=nan", "count=2.5", "count=0", "mixed=c", "mixed=2", "maybe=0", "form=b", "flag=1", "free=inf"],
)
def test_a_text_outside_the_range_is_refused_with_the_range(own, text):
    field, value = text.split("=")
    allowed = {parameter.name: parameter.allowed for parameter in parameters_of(own)}[field]
    with pytest.raises(BenchmarkError) as refused:
        method_from(f"own[{text}]")
    for part in (f"own.{field}", value, allowed):
        assert part in str(refused.value)


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("mixed=0.5", "mixed", 0.5),
        ("mixed=b", "mixed", "b"),
        ("maybe=none", "maybe", None),
        ("flag=true", "flag", True),
    ],
)
def test_a_text_is_read_as_the_member_of_the_union_that_it_fits(own, text, field, value):
    assert getattr(method_from(f"own[{text}]"), field) == value


def test_ranges_are_told_in_words(own):
    allowed = {parameter.name: parameter.allowed for parameter in parameters_of(own)}
    assert allowed["share"] == "a number in [0, 1)"
    assert allowed["mixed"] == "a, b or a number in [0, 1]"
    assert allowed["maybe"] == "a number above 0 or none"
    assert allowed["flag"] == "true or false"


def test_fields_of_open_types_without_a_range_are_named(own):
    assert undeclared(own) == ["free"]


def test_ranges_come_before_a_classs_own_checks_of_two_fields():
    @register
    class Pair(Method):
        """Has two fields that depend on each other."""

        name = "pair"
        low: Annotated[float, Within(0, 1)] = 0.0
        high: Annotated[float, Within(0, 1)] = 1.0

        def __post_init__(self):
            if self.low > self.high:
                raise BenchmarkError("low is above high")

    with pytest.raises(BenchmarkError, match=r"pair\.high"):
        Pair(low=0.5, high=-1)
    with pytest.raises(BenchmarkError, match="low is above high"):
        Pair(low=0.5, high=0.25)


def test_a_derived_class_checks_inherited_fields(own):
    @register
    class Derived(own):
        """Has one field more."""

        name = "derived"
        more: Annotated[int, Within(0, 5)] = 1

    with pytest.raises(BenchmarkError, match=r"derived\.share"):
        Derived(share=2.0)
    with pytest.raises(BenchmarkError, match=r"derived\.more"):
        Derived(more=6)


def test_an_end_that_the_data_set_is_checked_by_their_sizes():
    @register
    class Folded(Method):
        """Has a field that the number of texts bounds."""

        name = "folded"
        folds: Annotated[int, Within(2, "train_rows")] = 5

    Folded(folds=500).check_sizes(Sizes())
    Folded(folds=60).check_sizes(Sizes(train_rows=60))
    with pytest.raises(BenchmarkError, match=r"folded\.folds is 61 .* 60"):
        Folded(folds=61).check_sizes(Sizes(train_rows=60))


def test_an_annotation_that_cannot_be_read_is_named():
    class Broken(Method):
        """Names a type that nothing defines."""

        name = "broken"
        field: "Nowhere" = 1  # noqa: F821

    with pytest.raises(BenchmarkError, match="Nowhere"):
        register(Broken)()
