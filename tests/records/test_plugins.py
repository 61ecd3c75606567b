import importlib.metadata

import pytest

from benchmark.contracts import BenchmarkError, methods
from benchmark.experiment.choices import Choices
from benchmark.experiment.expansion import expand
from benchmark.experiment.grid import load_grid
from benchmark.records.code.plugins import load_entry_points, load_plugin, read_plugin, source_digest

pytestmark = pytest.mark.usefixtures("own_registry")

METHOD = '''
from benchmark.contracts import Method, register


@register
class Own(Method):
    """Own."""

    name = "{name}"
'''


def write(folder, text, name="own.py"):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def trial_id(method):
    chosen = Choices(methods=(method,), noises=("clean()",), encoders=("scratch:tiny",), seeds=1)
    return expand(load_grid("demo"), chosen)[0].id


def test_a_plugins_hash_enters_the_id(tmp_path):
    path = write(tmp_path, METHOD.format(name="own"))
    load_plugin(read_plugin(path))
    first = trial_id("own")
    write(tmp_path, METHOD.format(name="own") + "# changed\n")
    load_plugin(read_plugin(path))
    assert source_digest(methods["own"]) == read_plugin(path).digest
    assert trial_id("own") != first


def test_the_id_does_not_depend_on_where_the_plugin_lies(tmp_path):
    one, other = (write(tmp_path / name, METHOD.format(name="own")) for name in ("a", "b"))
    assert read_plugin(one).digest == read_plugin(other).digest


def test_loading_twice_is_loading_once(tmp_path):
    plugin = read_plugin(write(tmp_path, METHOD.format(name="own")))
    load_plugin(plugin)
    first = methods["own"]
    load_plugin(plugin)
    assert methods["own"] is first


def test_two_plugins_of_one_name_are_an_error_with_both_places(tmp_path):
    one = write(tmp_path / "a", METHOD.format(name="own"))
    other = write(tmp_path / "b", METHOD.format(name="own") + "# other\n")
    load_plugin(read_plugin(one))
    with pytest.raises(BenchmarkError, match="'own'") as caught:
        load_plugin(read_plugin(other))
    assert str(one) in str(caught.value)
    assert str(other) in str(caught.value)


def test_a_plugin_cannot_take_the_name_of_a_method_of_the_project(tmp_path):
    with pytest.raises(BenchmarkError, match="'gce'") as caught:
        load_plugin(read_plugin(write(tmp_path, METHOD.format(name="gce"))))
    assert "gce.py" in str(caught.value)
    assert "own.py" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def f(:\n", "line 1: SyntaxError"),
        ("x = 1\nimport no_such_module\n", "line 2: ModuleNotFoundError.*no_such_module"),
        ("raise SystemExit(3)\n", "SystemExit"),
        ("1 / 0\n", "line 1: ZeroDivisionError"),
        (METHOD.format(name="not a name"), "plain identifier"),
    ],
)
def test_a_plugin_that_does_not_load_is_an_error_with_its_line(tmp_path, text, words):
    with pytest.raises(BenchmarkError, match=words):
        load_plugin(read_plugin(write(tmp_path, text)))


def test_a_plugin_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(BenchmarkError, match=r"none\.py"):
        read_plugin(tmp_path / "none.py")
    (tmp_path / "binary.py").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BenchmarkError, match="UTF-8"):
        read_plugin(tmp_path / "binary.py")


def test_an_installed_plugin_that_fails_is_named(monkeypatch):
    class Entry:
        name, value = "theirs", "their_package.methods"

        def load(self):
            raise ImportError("broken")

    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [Entry()])
    with pytest.raises(BenchmarkError, match=r"'theirs' \(their_package.methods\).*broken"):
        load_entry_points()
