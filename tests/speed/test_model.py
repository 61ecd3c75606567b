import pytest

from benchmark.speed.commands import call
from benchmark.speed.model import Measurement
from benchmark.speed.profile import seconds_by_module
from benchmark.speed.timing import in_turn


@pytest.mark.parametrize(
    ("value", "limits", "verdict"),
    [
        (1.15, {"at_most": 1.15}, "met"),
        (1.16, {"at_most": 1.15}, "missed"),
        (1.7, {"at_least": 1.7}, "met"),
        (1.6, {"at_least": 1.7}, "missed"),
        (9.0, {}, "reported"),
        (None, {"at_most": 1.0}, "not measured"),
    ],
)
def test_a_verdict_follows_from_the_limit(value, limits, verdict):
    assert Measurement("x", "x", value, "s", **limits).verdict == verdict


def test_small_sizes_are_not_judged():
    assert Measurement("x", "x", 9.0, "s", at_most=1.0).unjudged().verdict == "reported"


def test_alternatives_take_turns_and_change_places():
    order = []
    in_turn(2, {"a": lambda turn: order.append(("a", turn)) or 0.0, "b": lambda turn: order.append(("b", turn)) or 0.0})
    assert order == [("a", 0), ("b", 0), ("b", 1), ("a", 1)]


def test_a_command_is_timed_in_a_process_of_its_own():
    ended = call("--help")
    assert 0 < ended.wall_s < 60
    assert 5e6 < ended.peak_bytes < 5e8


def test_a_command_that_fails_is_an_error_with_its_message():
    from benchmark.contracts import BenchmarkError

    with pytest.raises(BenchmarkError, match="Unknown grid"):
        call("plan", "--grid", "none")


def test_a_profile_names_modules():
    found = seconds_by_module(["--help"])
    assert 0 < len(found) <= 6
    assert list(found.values()) == sorted(found.values(), reverse=True)
