"""What a range holds, and how it is written in words."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.contracts import BenchmarkError, Matching, Sizes, UnknownNameError, Within, above, at_least
from benchmark.contracts.parameters.ranges import BOUNDS

ENDS = ("[]", "(]", "[)", "()")


@pytest.mark.parametrize("ends", ENDS)
def test_the_ends_belong_to_a_range_where_its_brackets_are_square(ends):
    within = Within(0.25, 0.75, ends)
    assert within.holds(0.25) is (ends[0] == "[")
    assert within.holds(0.75) is (ends[1] == "]")


@given(st.floats(), st.sampled_from(ENDS))
def test_numbers_between_the_ends_alone_are_held(value, ends):
    at_end = (value == 0 and ends[0] == "[") or (value == 1 and ends[1] == "]")
    assert Within(0, 1, ends).holds(value) is (0 < value < 1 or at_end)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("within", [at_least(0), above(0), Within(-math.inf), Within(0, 1)])
def test_no_range_holds_what_is_not_finite(within, value):
    assert not within.holds(value)


def test_an_end_is_told_in_words():
    assert str(Within(0, 1, "(]")) == "in (0, 1]"
    assert str(above(0)) == "above 0"
    assert str(at_least(2)) == "of 2 or more"
    assert str(Within(2, "train_rows")) == "from 2 to the number of training texts"


@pytest.mark.parametrize(
    ("name", "sizes", "bound"),
    [
        ("train_rows", Sizes(train_rows=60), 60),
        ("other_train_rows", Sizes(train_rows=60), 59),
        ("last_class", Sizes(classes=6), 5),
        ("batch_size", Sizes(batch_size=32), 32),
        ("last_epoch", Sizes(epochs=10), 0.9),
        ("last_epoch", Sizes(epochs=1), 0.0),
    ],
)
def test_each_named_end_is_the_number_of_its_size(name, sizes, bound):
    assert sizes.bound(name) == pytest.approx(bound)


@pytest.mark.parametrize("name", BOUNDS)
def test_an_end_of_unknown_size_has_no_number(name):
    assert Sizes().bound(name) is None


def test_a_range_that_cannot_be_is_refused_where_it_is_written():
    with pytest.raises(UnknownNameError, match="train_rows"):
        Within(1, "rows")
    with pytest.raises(BenchmarkError, match="from 1 to 0"):
        Within(1, 0)
    with pytest.raises(BenchmarkError, match=r"'\]\['"):
        Within(0, 1, "][")


def test_a_text_matches_as_a_whole():
    form = Matching("all|last-[1-9]", "all or last-K")
    assert form.holds("last-3")
    assert not form.holds("last-30")
    assert not form.holds("overall")


@pytest.mark.parametrize("ends", [(0, None), (None, 1), ("0", 1)])
def test_an_end_that_is_no_number_is_an_error_that_names_the_open_ranges(ends):
    with pytest.raises(BenchmarkError, match="at_least") as caught:
        Within(*ends)
    assert repr(next(end for end in ends if not isinstance(end, int))) in str(caught.value)
