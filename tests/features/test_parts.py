"""A long list of texts is encoded part by part, to the bits of the whole."""

import numpy as np
import pytest

from benchmark.features import embedding
from benchmark.files import kept_arrays
from benchmark.training.encoders.encoding import pooled_features
from benchmark.training.encoders.names import encoder_from
from benchmark.training.threads import ENCODING_THREADS, torch_threads

MINILM = encoder_from("frozen:minilm")
TEXTS = [f"ticket {number} " + "parcel " * (number % 50) for number in range(420)]
pytestmark = pytest.mark.skipif(not MINILM.at_hand(), reason="the weights of minilm are not installed")


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv(kept_arrays.LIMIT_VARIABLE)
    monkeypatch.setattr(embedding, "BATCHES_A_PART", 1)


@pytest.fixture
def encoded(monkeypatch):
    """How many texts were encoded, in turn; the third turn of the first try ends it."""
    counts, original = [], embedding.pooled_features

    def counted(encoder, texts, *rest):
        counts.append(len(texts))
        if len(counts) == 3:
            raise KeyboardInterrupt
        return original(encoder, texts, *rest)

    monkeypatch.setattr(embedding, "pooled_features", counted)
    return counts


def test_an_interrupted_encoding_goes_on_behind_its_last_part_to_the_bits_of_the_whole(encoded):
    with pytest.raises(KeyboardInterrupt):
        embedding.features_of(MINILM, TEXTS, 64)
    assert len(kept_arrays.kept()) == 2
    told = []
    found = embedding.features_of(MINILM, TEXTS, 64, on_batch=lambda rows, share: told.append((rows, share)))
    with torch_threads(ENCODING_THREADS):
        np.testing.assert_array_equal(found, pooled_features(MINILM, TEXTS, 64), strict=True)
    assert encoded[3] == encoded[2]
    assert sum(encoded[:2]) + sum(encoded[3:]) == len(TEXTS)
    assert told[0][0] == encoded[0]
    assert told[-1] == (len(TEXTS), pytest.approx(1.0))
    assert told == sorted(told)
    assert len(kept_arrays.kept()) == 1
    np.testing.assert_array_equal(embedding.features_of(MINILM, TEXTS, 64), found, strict=True)
    assert sum(encoded[:2]) + sum(encoded[3:]) == len(TEXTS)
