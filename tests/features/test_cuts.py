"""Texts are cut once for an encoder, and what is kept gives the same texts."""

import pytest

from benchmark.features import cuts
from benchmark.files import kept_arrays
from benchmark.training.encoders.encoding import shortened
from benchmark.training.encoders.names import encoder_from

MINILM = encoder_from("minilm")
LONG = "a very long text without an end \udcff ä " * 9
TEXTS = [LONG, "short", LONG + "and more", "x" * 50]


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path))
    monkeypatch.delenv(kept_arrays.LIMIT_VARIABLE)


@pytest.fixture
def calls(monkeypatch, tmp_path_factory):
    """The lists of texts that a tokenizer cuts after eight characters."""
    seen = []
    folder = tmp_path_factory.mktemp("encoder")
    (folder / "tokenizer.json").write_text("{}")
    monkeypatch.setattr(type(MINILM), "folder", lambda self: folder)
    monkeypatch.setattr(cuts, "shortened", lambda *given: seen.append(given) or [text[:8] for text in given[1]])
    cuts.vocabulary_digest.cache_clear()
    yield seen
    cuts.vocabulary_digest.cache_clear()


def test_the_same_texts_are_cut_once(calls):
    first = cuts.cut_texts(MINILM, TEXTS, 16)
    assert cuts.cut_texts(MINILM, TEXTS, 16) == first == [text[:8] for text in TEXTS]
    assert len(calls) == 1


@pytest.mark.parametrize(("texts", "tokens"), [(TEXTS[::-1], 16), (TEXTS, 8)])
def test_another_order_or_length_is_cut_anew(calls, texts, tokens):
    cuts.cut_texts(MINILM, TEXTS, 16)
    cuts.cut_texts(MINILM, texts, tokens)
    assert len(calls) == 2


def test_another_vocabulary_or_library_cuts_anew(calls, monkeypatch):
    cuts.cut_texts(MINILM, TEXTS, 16)
    (MINILM.folder() / "vocab.txt").write_text("a")
    cuts.vocabulary_digest.cache_clear()
    cuts.cut_texts(MINILM, TEXTS, 16)
    monkeypatch.setattr(cuts, "version", lambda name: "0")
    cuts.cut_texts(MINILM, TEXTS, 16)
    assert len(calls) == 3


def test_damaged_cuts_are_made_again(calls):
    cuts.cut_texts(MINILM, TEXTS, 16)
    path = kept_arrays.kept()[0].path
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert cuts.cut_texts(MINILM, TEXTS, 16) == [text[:8] for text in TEXTS]
    assert len(calls) == 2


def test_nothing_is_kept_of_an_encoder_without_files_or_without_a_cache(calls, monkeypatch):
    monkeypatch.setenv(kept_arrays.LIMIT_VARIABLE, "0")
    cuts.cut_texts(MINILM, TEXTS, 16)
    cuts.cut_texts(MINILM, TEXTS, 16)
    assert len(calls) == 2
    monkeypatch.delenv(kept_arrays.LIMIT_VARIABLE)
    monkeypatch.setattr(type(MINILM), "folder", lambda self: None)
    cuts.cut_texts(MINILM, TEXTS, 16)
    assert kept_arrays.kept() == []


@pytest.mark.skipif(not MINILM.at_hand(), reason="the weights of minilm are not installed")
def test_kept_cuts_are_those_of_the_tokenizer():
    texts = [text.replace("\udcff", "") for text in TEXTS]
    found = shortened(MINILM, texts, 16)
    assert len(found[0]) < len(texts[0])
    for _ in range(2):
        assert cuts.cut_texts(MINILM, texts, 16) == found
