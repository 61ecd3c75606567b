"""Durable writes, and paths that cannot leave their folder."""

from pathlib import Path

import pytest

from benchmark.contracts import BenchmarkError
from benchmark.files.durable import check_writable, inside


@pytest.mark.parametrize("name", ["../run", "/etc/passwd", "a/b", "a\\b", "..", ".", "", "a\0b", "../../x.json"])
def test_a_name_that_would_leave_its_folder_is_refused_and_named(name, tmp_path):
    with pytest.raises(BenchmarkError) as refused:
        inside(tmp_path, name)
    assert repr(name) in str(refused.value)
    assert str(tmp_path) in str(refused.value)


@pytest.mark.parametrize("name", ["a.json", "..a", "corpus-0123", "a b"])
def test_a_plain_name_lies_directly_in_the_folder(name):
    assert inside(Path("records"), name).parent == Path("records")


def test_a_folder_that_can_be_written_is_left_as_it_was(tmp_path):
    check_writable(tmp_path / "not" / "there")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_below_a_file_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BenchmarkError, match="file"):
        check_writable(tmp_path / "file" / "out")
