import functools
import hashlib
import http.server
import threading
import time

import pytest

from benchmark.contracts import BenchmarkError
from benchmark.corpora import files
from benchmark.corpora.card import SourceFile

CONTENT = b"one\ntwo\n"


def wanted(url: str | None = None, name: str = "set/rows.csv") -> SourceFile:
    return SourceFile(name=name, sha256=hashlib.sha256(CONTENT).hexdigest(), bytes=len(CONTENT), url=url)


@pytest.fixture
def served(tmp_path):
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    handler.log_message = None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_file_is_found_by_its_bytes_whatever_its_name(empty_data):
    (empty_data / "deep").mkdir()
    (empty_data / "deep" / "other.txt").write_bytes(CONTENT)
    found, missing = files.find([wanted()])
    assert found["set/rows.csv"].name == "other.txt"
    assert missing == ()


def test_a_relative_folder_is_read_from_the_working_folder(empty_data, monkeypatch):
    (empty_data / "rows.csv").write_bytes(CONTENT)
    monkeypatch.chdir(empty_data.parent)
    monkeypatch.setenv("BENCHMARK_DATA", "data")
    assert files.find([wanted()])[0]["set/rows.csv"].is_absolute()


def test_a_folder_that_does_not_exist_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setenv("BENCHMARK_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(BenchmarkError, match="nowhere"):
        files.find([wanted()])


@pytest.mark.parametrize("place", ["rows.csv", "set/rows.csv"])
@pytest.mark.parametrize("content", [b"one\ntwO\n", b"one\r\ntwo\r\n"])
def test_a_changed_byte_is_an_error_that_names_both_hashes(empty_data, place, content):
    path = empty_data / place
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    with pytest.raises(BenchmarkError, match="other bytes") as caught:
        files.fetch([wanted("https://example.org/rows.csv")])
    for part in (wanted().sha256, hashlib.sha256(content).hexdigest(), "Replace it"):
        assert part in str(caught.value)


def test_a_file_of_that_name_in_another_set_is_no_error(empty_data):
    (empty_data / "elsewhere").mkdir()
    (empty_data / "elsewhere" / "rows.csv").write_bytes(b"something else")
    assert files.find([wanted()])[1][0].wrong == ""


def test_a_file_changed_after_it_was_hashed_is_noticed(empty_data):
    path = empty_data / "rows.csv"
    path.write_bytes(CONTENT)
    assert files.find([wanted()])[1] == ()
    path.write_bytes(CONTENT.upper())
    assert "has sha256" in files.find([wanted()])[1][0].wrong


def test_offline_lists_every_missing_file_at_once(empty_data, monkeypatch):
    monkeypatch.setenv("BENCHMARK_OFFLINE", "1")
    pair = [wanted("https://example.org/a"), wanted("https://example.org/b", "set/more.csv")]
    with pytest.raises(BenchmarkError, match=r"\b2 files.*BENCHMARK_OFFLINE") as caught:
        files.fetch(pair)
    assert "https://example.org/a" in str(caught.value)
    assert "https://example.org/b" in str(caught.value)


def test_a_file_without_address_is_an_error_that_says_where_to_put_it(empty_data):
    with pytest.raises(BenchmarkError, match=r"no public address[\s\S]*BENCHMARK_DATA"):
        files.fetch([wanted()])


def test_an_address_that_does_not_answer_is_a_quick_clear_error(empty_data):
    began = time.monotonic()
    with pytest.raises(BenchmarkError, match=r"set/rows\.csv"):
        files.fetch([wanted("http://127.0.0.1:9/rows.csv")])
    assert time.monotonic() - began < 5


def test_a_download_is_kept_in_the_cache(empty_data, served, monkeypatch):
    folder, address = served
    (folder / "rows.csv").write_bytes(CONTENT)
    path = files.fetch([wanted(f"{address}/rows.csv")])["set/rows.csv"]
    assert path.read_bytes() == CONTENT
    monkeypatch.setenv("BENCHMARK_OFFLINE", "1")
    assert files.fetch([wanted(f"{address}/rows.csv")])["set/rows.csv"] == path


def test_a_download_with_other_bytes_is_refused(empty_data, served):
    folder, address = served
    (folder / "rows.csv").write_bytes(b"tampered")
    with pytest.raises(BenchmarkError, match="Cannot download"):
        files.fetch([wanted(f"{address}/rows.csv")])
    assert files.find([wanted()])[0] == {}
