import hashlib

import pytest

from benchmark.contracts.hashes import sha256_hex, sha256_of_file


def test_a_hash_is_that_of_the_content_in_one_piece():
    content = "naïve".encode() + b"\x00" + b"tail"
    assert sha256_hex("naïve", b"\x00", memoryview(b"tail")) == hashlib.sha256(content).hexdigest()


def test_a_short_hash_is_the_beginning_of_the_whole_one():
    assert sha256_hex("text", digits=16) == sha256_hex("text")[:16]


def test_half_a_letter_can_be_hashed():
    assert sha256_hex("\ud83d") == hashlib.sha256(b"\xed\xa0\xbd").hexdigest()


@pytest.mark.parametrize("content", [b"", b"line\r\n"])
def test_the_hash_of_a_file_is_that_of_its_bytes(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    assert sha256_of_file(path) == sha256_hex(content)
