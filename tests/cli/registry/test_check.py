"""`check` on the command line: what it notes beside the checks that fail or pass."""

import pytest

pytestmark = pytest.mark.usefixtures("own_registry")


def test_a_field_without_a_range_passes_with_a_note(command, plugin):
    ended = command("check", "halved", "--plugin", plugin)
    assert ended.code == 0
    notes = [line for line in ended.out.splitlines() if line.startswith("note")]
    assert len(notes) == 1
    assert "factor" in notes[0]


def test_a_declared_range_is_not_noted(command, plugin):
    text = plugin.read_text()
    text = text.replace("import os, signal\n", "import os, signal\nfrom typing import Annotated\n")
    text = text.replace(" Method, register", " Method, Within, register")
    plugin.write_text(text.replace("factor: float = 0.5", "factor: Annotated[float, Within(0, 1)] = 0.5"))
    ended = command("check", "halved[factor=0.25]", "--plugin", plugin)
    assert ended.code == 0
    assert "note" not in ended.out


def test_a_plugins_declared_range_is_kept(refused, plugin):
    text = plugin.read_text().replace("import os, signal\n", "import os, signal\nfrom typing import Annotated\n")
    text = text.replace(" Method, register", " Method, Within, register")
    plugin.write_text(text.replace("factor: float = 0.5", "factor: Annotated[float, Within(0, 1)] = 0.5"))
    assert "halved.factor is 2" in refused("plan", "--plugin", plugin, "--methods", "halved[factor=2]")


def test_one_error_is_printed_once_however_many_checks_meet_it(command, plugin):
    ended = command("check", "raises", "--plugin", plugin)
    assert ended.code == 1
    assert ended.out.count("on purpose") == 1
    assert ended.out.count("fails") == 15
    assert "15 of 15" in ended.out


def test_an_error_is_shown_with_the_line_of_the_plugin_that_raised_it(command, plugin):
    line = 1 + plugin.read_text().splitlines().index('        raise ValueError("on purpose")')
    ended = command("check", "raises", "--plugin", plugin)
    assert f"line {line} of own_methods.py" in " ".join(ended.out.split())


@pytest.mark.parametrize(
    ("statement", "errors"),
    [
        ("raise ValueError(len(view.train))", "one error"),
        ("raise ValueError if len(view.train) == 32 else KeyError", "2 errors"),
    ],
)
def test_errors_are_told_apart_by_kind_and_place_and_not_by_the_numbers_in_them(command, plugin, statement, errors):
    plugin.write_text(plugin.read_text().replace('raise ValueError("on purpose")', statement))
    assert f"by {errors}" in command("check", "raises", "--plugin", plugin).out
