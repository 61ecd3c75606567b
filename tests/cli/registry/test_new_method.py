"""`new-method` writes what passes `check`, and never overwrites a file."""

import pytest

from benchmark.contracts import methods

pytestmark = pytest.mark.usefixtures("own_registry")


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", ["my_loss", "none", "within", "x2_"])
def test_the_skeleton_passes_check_without_a_note(command, tmp_path, name):
    assert command("new-method", name).code == 0
    ended = command("check", name, "--plugin", tmp_path / f"{name}.py")
    assert ended.code == 0, ended.out
    assert "note" not in ended.out


def test_the_skeleton_has_a_parameter_with_its_range_and_a_place_for_the_equation(command, tmp_path):
    command("new-method", "my_loss", "--out", tmp_path / "other.py")
    explained = command("explain", "my_loss", "--plugin", tmp_path / "other.py").out
    assert "weight: a number in [0, 1]" in explained
    assert "equation" in explained


def test_the_commands_that_follow_are_printed_with_the_files_name(command):
    out = command("new-method", "my_loss", "--out", "my loss.py").out
    assert "check my_loss --plugin 'my loss.py'" in out
    assert "--methods cross_entropy,my_loss" in out
    assert "explain contract" in out


def test_a_file_that_is_there_is_never_overwritten(refused, tmp_path):
    (tmp_path / "my_loss.py").write_text("mine")
    assert "my_loss.py" in refused("new-method", "my_loss")
    assert (tmp_path / "my_loss.py").read_text() == "mine"


def test_a_link_that_leads_nowhere_is_not_written_through(refused, tmp_path):
    (tmp_path / "my_loss.py").symlink_to(tmp_path / "elsewhere.py")
    refused("new-method", "my_loss")
    assert not (tmp_path / "elsewhere.py").exists()


@pytest.mark.parametrize("name", ["gce", "symmetric", "trec", "ranked", "contract"])
def test_a_name_that_is_taken_is_refused(refused, tmp_path, name):
    assert f"'{name}'" in refused("new-method", name)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_a_plugin_takes_is_refused(refused, plugin, tmp_path):
    assert "'halved'" in refused("new-method", "halved", "--plugin", plugin)
    assert not (tmp_path / "halved.py").exists()


@pytest.mark.parametrize("name", ["my-loss", "MyLoss", "2nd", "", "a b", "lambda", "größe", "../x"])
def test_a_name_that_is_no_plain_identifier_is_refused(refused, tmp_path, name):
    assert "my_loss" in refused("new-method", "--", name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("out", ["notes.txt", "none/my_loss.py", "."])
def test_a_place_that_cannot_hold_a_plugin_is_refused(refused, tmp_path, out):
    assert out.split("/")[0] in refused("new-method", "my_loss", "--out", out)
    assert list(tmp_path.iterdir()) == []
    assert "my_loss" not in methods
