"""Durable writes, and paths that cannot leave their folder."""

from pathlib import Path

import pytest

from benchmark.contracts import BenchmarkError
from benchmark.files.durable import inside


@pytest.mark.parametrize("name", ["../run", "/etc/passwd", "a/b", "a\\b", "..", ".", "", "a\0b", "../../x.json"])
def test_a_name_that_would_leave_its_folder_is_refused_and_named(name, tmp_path):
    with pytest.raises(BenchmarkError) as refused:
        inside(tmp_path, name)
    assert repr(name) in str(refused.value)
    assert str(tmp_path) in str(refused.value)


@pytest.mark.parametrize("name", ["a.json", "..a", "corpus-0123", "a b"])
def test_a_plain_name_lies_directly_in_the_folder(name):
    assert inside(Path("records"), name).parent == Path("records")
