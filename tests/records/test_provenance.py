import pytest

from benchmark.contracts import methods
from benchmark.records.code import provenance
from benchmark.records.code.plugins import load_plugin, read_plugin
from benchmark.records.code.provenance import code_digest


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of one method that imports a helper, which imports another."""
    folder = tmp_path / "methods"
    (folder / "shared").mkdir(parents=True)
    for name, text in {
        "__init__.py": "",
        "own.py": '"""Own."""\nfrom methods.shared import near\n\n\ndef f():\n    """Says."""\n    return near.g()\n',
        "shared/__init__.py": "",
        "shared/near.py": "from .far import h\n\n\ndef g():\n    return h()\n",
        "shared/far.py": "def h():\n    return 1\n",
        "shared/alone.py": "x = 1\n",
    }.items():
        (folder / name).write_text(text)
    monkeypatch.setattr(provenance, "ROOT", tmp_path)

    def digest():
        for cached in (provenance._module_digest, provenance._source):
            cached.cache_clear()
        monkeypatch.setitem(provenance.sys.modules, "own_method", type("M", (), {"__file__": str(folder / "own.py")}))
        return provenance._module_digest("own_method")

    yield folder, digest
    for cached in (provenance._module_digest, provenance._source):
        cached.cache_clear()


@pytest.mark.parametrize("name", ["own.py", "shared/near.py", "shared/far.py"])
def test_code_that_a_method_reaches_changes_its_digest(project, name):
    folder, digest = project
    before = digest()
    (folder / name).write_text((folder / name).read_text().replace("return", "return 2 *"))
    assert digest() != before


def test_prose_and_code_that_is_not_reached_do_not(project):
    folder, digest = project
    before = digest()
    (folder / "own.py").write_text((folder / "own.py").read_text().replace("Says.", "Says more.") + "# comment\n")
    (folder / "shared/alone.py").write_text("x = 2\n")
    assert digest() == before


def test_what_documents_a_name_does_not(project):
    folder, digest = project
    (folder / "shared/far.py").write_text('LEAST = 1\n"""The least."""\n\n\ndef h():\n    return LEAST\n')
    before = digest()
    (folder / "shared/far.py").write_text('LEAST = 1\n"""The smallest one."""\n\n\ndef h():\n    return LEAST\n')
    assert digest() == before


def test_the_digests_of_registered_methods_are_stable_and_distinct_by_file():
    digests = {name: code_digest(methods[name]) for name in methods}
    assert len(set(digests.values())) == len({methods[name].__module__ for name in methods})
    assert digests == {name: code_digest(methods[name]) for name in methods}


@pytest.mark.usefixtures("own_registry")
def test_a_plugins_digest_depends_on_its_source_and_not_on_where_it_runs(plugin, tmp_path, monkeypatch):
    load_plugin(read_plugin(plugin))
    first = code_digest(methods["halved"])
    provenance._module_digest.cache_clear()
    plugin.unlink()
    monkeypatch.chdir(tmp_path)
    assert code_digest(methods["halved"]) == first


def test_a_record_says_under_what_it_was_made(finished_run):
    from benchmark.api import load_records

    made = load_records(finished_run)[0].provenance
    assert {"python", "torch", "ray", "numpy"} <= made.versions.keys()
    assert made.code_digest == code_digest(methods[load_records(finished_run)[0].method])
