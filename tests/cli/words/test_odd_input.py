"""Odd files and words in every place of the command line: one message that names them,
never a traceback.
"""

import pytest

GRID = {"title": '"x"', "methods": '["gce"]', "encoders": '["scratch:tiny"]', "seeds": "1"}
CELLS = '[[cells]]\ncorpora = ["apidocs"]\nnoises = ["clean()"]\n'

CONTENTS = {
    "empty": b"",
    "binary": bytes(range(256)) * 8,
    "nul": b"text,label\n\0,a\n",
    "deep": b"x = " + b"[" * 100_000,
    "list": b"[1]\n",
}


@pytest.fixture
def odd(tmp_path, monkeypatch):
    """A folder with odd files of every kind, and the current one."""
    monkeypatch.chdir(tmp_path)
    for kind in ("csv", "tsv", "jsonl", "parquet", "toml", "py"):
        (tmp_path / f"folder.{kind}").mkdir()
        for name, content in CONTENTS.items():
            (tmp_path / f"{name}.{kind}").write_bytes(content)
    (tmp_path / "deep.jsonl").write_bytes(b"[" * 100_000)
    return tmp_path


OWN = ("--text-column", "text", "--label-column", "label", "--seeds", "1")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("plan", "--grid", "folder.toml"), "folder.toml"),
        (("plan", "--grid", "empty.toml"), "empty.toml"),
        (("plan", "--grid", "binary.toml"), "binary.toml"),
        (("plan", "--grid", "nul.toml"), "nul.toml"),
        (("plan", "--grid", "deep.toml"), "deep.toml"),
        (("plan", "--grid", "../x"), "'../x'"),
        (("plan", "--grid", ""), "''"),
        *((("plan", "--data", f"{name}.csv", *OWN), f"{name}.csv") for name in ("folder", "empty", "binary", "nul")),
        *((("plan", "--data", f"{name}.jsonl", *OWN), f"{name}.jsonl") for name in ("folder", "empty", "deep", "list")),
        *((("plan", "--data", f"{name}.parquet", *OWN), f"{name}.parquet") for name in ("folder", "empty", "binary")),
        (("plan", "--data", "/dev/zero", *OWN), "/dev/zero"),
        *((("list", "methods", "--plugin", f"{name}.py"), f"{name}.py") for name in ("folder", "binary", "nul")),
        (("list", "methods", "--plugin", "/dev/zero"), "/dev/zero"),
        (("noise", "import", "folder.csv", "--corpus", "apidocs"), "folder.csv"),
        (("noise", "import", "empty.csv", "--corpus", "apidocs"), "empty.csv"),
        (("noise", "import", "binary.csv", "--corpus", "apidocs"), "binary.csv"),
        (("noise", "import", "/dev/zero", "--corpus", "apidocs"), "/dev/zero"),
        (("plan", "--corpora", "apidocs", "--noises", "imported(/dev/zero)"), "/dev/zero"),
        (("plan", "--corpora", "apidocs", "--noises", "imported(folder.csv)"), "folder.csv"),
        (("plan", "--corpora", "apidocs", "--noises", 'imported("a, b.csv")'), "a, b.csv"),
        *((("report", name), name) for name in ("folder.csv", "empty.parquet", "binary.parquet", "/dev/zero", "none")),
        (("archive", "empty.parquet", "x.parquet"), "empty.parquet"),
        (("merge", "binary.parquet", "--out", "m"), "binary.parquet"),
        (("explain", "ab12", "--from", "empty.parquet"), "empty.parquet"),
        (("run", "--trial", "ab", "--source", "folder.csv"), "folder.csv"),
        (("plan", "--archive", "empty.parquet"), "empty.parquet"),
        (("data", "show", ""), "''"),
        (("list", "empty.csv"), "'empty.csv'"),
        (("check", "gce["), "'gce['"),
        (("plan", "--methods", "[" * 3000), "[[["),
        (("plan", "--noises", "clean()+"), "clean()+"),
        (("plan", "--noises", "imported()"), "file"),
        (("plan", "--seeds", "9" * 5000), "999"),
        (("report", "a" * 5000), "aaa"),
        (("plan", "--out", "a" * 5000), "aaa"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, tuple) else "",
)
@pytest.mark.usefixtures("odd")
def test_odd_files_and_words_are_named(refused, words, named):
    assert named in refused(*words)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("title", "1"),
        ("methods", '"gce"'),
        ("methods", "[1]"),
        ("methods", "{}"),
        ("encoders", '"minilm"'),
        ("encoders", "[[]]"),
        ("seeds", '"3"'),
        ("seeds", "1.5"),
        ("seeds", "true"),
        ("seeds", "nan"),
        ("reference", "1"),
        ("cells", "1"),
        ("limits", "3"),
        ("colour", "1"),
    ],
)
def test_a_wrong_type_in_a_grid_file_is_named_with_its_key(refused, tmp_path, key, value):
    entries = GRID | {key: value}
    text = "".join(f"{name} = {entry}\n" for name, entry in entries.items())
    (tmp_path / "own.toml").write_text(text + ("" if key == "cells" else CELLS))
    message = refused("plan", "--grid", tmp_path / "own.toml")
    assert "own.toml" in message
    assert key in message


@pytest.mark.parametrize(
    "cells",
    [
        "[cells]\ncorpora = []\n",
        '[[cells]]\ncorpora = "apidocs"\nnoises = ["clean()"]\n',
        "[[cells]]\ncorpora = [1]\nnoises = [2]\n",
        '[[cells]]\ncorpora = ["apidocs"]\n',
    ],
)
def test_wrong_cells_in_a_grid_file_are_named(refused, tmp_path, cells):
    text = "".join(f"{name} = {entry}\n" for name, entry in GRID.items())
    (tmp_path / "own.toml").write_text(text + cells)
    assert "cells" in refused("plan", "--grid", tmp_path / "own.toml")
