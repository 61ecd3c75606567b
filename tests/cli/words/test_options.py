import pytest

from benchmark.cli import app
from benchmark.contracts import BenchmarkError
from benchmark.experiment.option_kinds import read_seeds, split_list
from benchmark.experiment.options import EXECUTORS


def test_brackets_keep_their_commas():
    assert split_list("gce[q=0.4,x=1], elr,") == ("gce[q=0.4,x=1]", "elr")
    assert split_list("symmetric(0.4),clean()") == ("symmetric(0.4)", "clean()")


@pytest.mark.parametrize(("text", "found"), [("3", 3), ("0,7", (0, 7)), ("5,", (5,))])
def test_seeds_are_a_number_or_a_list(text, found):
    assert read_seeds(text) == found


@pytest.mark.parametrize("text", ["", "0", "-1", "x", "1.5", ",", "1,-2"])
def test_bad_seeds_are_refused(text):
    with pytest.raises(BenchmarkError, match="--seeds is"):
        read_seeds(text)


def test_help_of_every_verb_ends_well(command):
    for verb in app.registered_commands:
        ended = command(verb.name, "--help")
        assert ended.code == 0
        assert "Usage" in ended.out


def test_choices_of_options_are_the_registries(command):
    shown = " ".join(command("run", "--help").out.split())
    assert all(name in shown for name in EXECUTORS)


def test_an_unknown_verb_is_refused(refused):
    assert "No such command 'rum'" in refused("rum")


@pytest.mark.parametrize(
    "words",
    [
        ("--data", "mine.csv", "--text-column", "a", "--clean-column", "b", "--clean-column=c"),
        ("--data", "mine.csv", "--encoding", "cp1252", "--encoding", "utf-8"),
    ],
)
def test_a_column_is_not_given_twice_where_there_can_be_one(refused, words):
    assert f"{words[-2] if '=' not in words[-1] else '--clean-column'} is given 2 times" in refused("run", *words)
