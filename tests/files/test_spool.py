"""Contents that wait on the disk come back as they were, and leave nothing."""

import pytest

from benchmark.contracts import BenchmarkError
from benchmark.files.spool import Spool


def test_contents_come_back_in_any_order_while_more_are_put(tmp_path):
    with Spool(tmp_path) as spool:
        first, empty = spool.put(b"one\n"), spool.put(b"")
        assert spool.get(first) == b"one\n"
        last = spool.put(b"\0two")
        assert [spool.get(place) for place in (last, empty, first)] == [b"\0two", b"", b"one\n"]


def test_nothing_is_seen_in_the_folder_and_none_is_made_before_the_first_content(tmp_path):
    with Spool(tmp_path / "made") as spool:
        assert not (tmp_path / "made").exists()
        spool.put(b"one")
        assert list((tmp_path / "made").iterdir()) == []


def test_trouble_with_the_disk_names_the_folder(tmp_path):
    (tmp_path / "file").write_text("")
    with Spool(tmp_path / "file") as spool, pytest.raises(BenchmarkError, match="file"):
        spool.put(b"one")
