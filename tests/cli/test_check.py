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
    text = text.replace("import Method, register", "import Method, Within, register")
    plugin.write_text(text.replace("factor: float = 0.5", "factor: Annotated[float, Within(0, 1)] = 0.5"))
    ended = command("check", "halved[factor=0.25]", "--plugin", plugin)
    assert ended.code == 0
    assert "note" not in ended.out


def test_a_plugins_declared_range_is_kept(refused, plugin):
    text = plugin.read_text().replace("import os, signal\n", "import os, signal\nfrom typing import Annotated\n")
    text = text.replace("import Method, register", "import Method, Within, register")
    plugin.write_text(text.replace("factor: float = 0.5", "factor: Annotated[float, Within(0, 1)] = 0.5"))
    assert "halved.factor is 2" in refused("plan", "--plugin", plugin, "--methods", "halved[factor=2]")
