"""A folder's manifest notices every change of what lies beside it, and of itself."""

import random

import pytest

from benchmark.records.sums import SUMS, sums_digest, what_differs, what_differs_once, write_sums
from tests.support.bits import flipped


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "artefact"
    (place / "below").mkdir(parents=True)
    (place / "a.npy").write_bytes(random.Random(1).randbytes(300))
    (place / "below" / "b.json").write_text('{"rate": 0.4}')
    write_sums(place)
    return place


def test_a_folder_as_it_was_written_has_no_difference(folder):
    assert what_differs(folder) == ""


@pytest.mark.parametrize("name", ["a.npy", "below/b.json", SUMS])
def test_no_flipped_bit_goes_unnoticed_in_a_file_or_in_the_manifest(folder, name):
    path = folder / name
    whole = path.read_bytes()
    for place in range(8 * len(whole)):
        path.write_bytes(flipped(whole, place))
        assert what_differs(folder), f"bit {place} of {name}"


def test_a_missing_file_an_added_file_and_a_missing_manifest_are_named(folder):
    (folder / "c.npy").write_bytes(b"")
    assert "c.npy" in what_differs(folder)
    (folder / "c.npy").unlink()
    (folder / "a.npy").unlink()
    assert "a.npy" in what_differs(folder)
    (folder / SUMS).unlink()
    assert SUMS in what_differs(folder)


def test_a_folder_made_from_another_source_is_told_by_the_sources_name(folder, tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    write_sums(made, {"corpus": sums_digest(folder)})
    assert what_differs(made, {"corpus": sums_digest(folder)}) == ""
    assert "corpus" in what_differs(made, {"corpus": "0" * 64})


def test_files_are_read_once_a_process_and_again_when_they_were_changed(folder, monkeypatch):
    from benchmark.records import sums

    assert what_differs_once(folder) == ""
    read = []
    real = sums.sha256_of_file
    monkeypatch.setattr(sums, "sha256_of_file", lambda path: read.append(path.name) or real(path))
    assert what_differs_once(folder) == ""
    assert read == []
    (folder / "a.npy").write_bytes(random.Random(2).randbytes(300))
    assert "a.npy" in what_differs_once(folder)
