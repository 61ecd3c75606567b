"""Plug-ins written against the first release load and pass the contract's checks without a change."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
PLUGINS = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in ("conftest", Path(__file__).stem))


def test_the_readme_and_all_four_shapes_are_kept():
    assert PLUGINS == ["label_smoothing", "one_loss", "semi_supervised", "two_networks", "two_stages"]


@pytest.mark.usefixtures("own_registry")
@pytest.mark.parametrize("name", PLUGINS)
def test_a_plugin_of_the_first_release_passes_check(name, command):
    ended = command("check", name, "--plugin", HERE / f"{name}.py")
    assert ended.code == 0, ended.out + ended.err
