import os
import subprocess
import sys
import time

import numpy as np
import pytest

from benchmark.noisy_labels.tfidf import _whitening, tfidf_svd


def texts_of(size, words=300, seed=0):
    rng = np.random.default_rng(seed)
    return [" ".join(f"w{word}" for word in (words * rng.random(12) ** 2).astype(int)) for _ in range(size)]


def test_training_features_are_centred_and_white():
    features = tfidf_svd(texts_of(500), {}, dims=16)["train"]
    assert features.shape == (500, 16)
    assert features.dtype == np.float64
    np.testing.assert_allclose(features.mean(axis=0), 0, atol=1e-10)
    np.testing.assert_allclose(features.T @ features / 500, np.eye(16), atol=1e-9)


def test_other_texts_get_the_features_that_training_texts_get():
    texts = texts_of(300)
    features = tfidf_svd(texts, {"valid": texts[:20]}, dims=16)
    np.testing.assert_allclose(features["valid"], features["train"][:20], atol=1e-10)


def test_the_leading_directions_are_those_of_an_exact_decomposition():
    from sklearn.feature_extraction.text import TfidfVectorizer

    topics = ["red crimson scarlet", "oak elm ash birch", "one two three four five", ""]
    texts = [f"{topics[min(i % 10 // 2, 3)]} {text[:12]}" for i, text in enumerate(texts_of(300))]
    terms = TfidfVectorizer(sublinear_tf=True).fit_transform(texts).toarray()
    exact = np.linalg.svd(terms - terms.mean(axis=0), full_matrices=False)[0]
    features = tfidf_svd(texts, {}, dims=8)["train"]
    overlap = np.abs((exact[:, :2] * features[:, :2]).sum(axis=0)) / np.sqrt(300)
    assert (overlap > 0.999).all()


def test_the_order_of_texts_does_not_matter():
    texts, moved = texts_of(300), np.random.default_rng(1).permutation(300)
    features = tfidf_svd(texts, {}, dims=16)["train"]
    shuffled = tfidf_svd([texts[i] for i in moved], {}, dims=16)["train"]
    np.testing.assert_allclose(shuffled, features[moved], atol=1e-7)


@pytest.mark.parametrize("texts", [["a b", "b c", "c a d"], ["x"], ["x", "x"], ["", " "], []])
def test_few_rows_few_terms_or_none_give_fewer_finite_columns(texts):
    features = tfidf_svd(texts, {"valid": ["a x", ""], "empty": []})
    assert len(features["train"]) == len(texts)
    assert len(features["valid"]) == 2
    assert len(features["empty"]) == 0
    assert 1 <= features["train"].shape[1] == features["valid"].shape[1] == features["empty"].shape[1] <= 3
    assert all(np.isfinite(part).all() for part in features.values())


def test_features_are_the_same_in_another_process():
    program = (
        "import hashlib, numpy as np\nfrom benchmark.noisy_labels.tfidf import tfidf_svd\n"
        "texts = [f'w{i % 7} w{i % 11} w{i % 13}' for i in range(200)]\n"
        "print(hashlib.sha256(tfidf_svd(texts, {}, dims=8)['train'].round(6).tobytes()).hexdigest())"
    )
    printed = set()
    for hash_seed in ("0", "5"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
        printed.add(done.stdout)
    assert len(printed) == 1


def test_twelve_thousand_texts_take_seconds():
    texts = texts_of(12_000, words=30_000)
    begun = time.perf_counter()
    tfidf_svd(texts, {})
    assert time.perf_counter() - begun < 10


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_which_directions_count_depends_on_no_scale(scale):
    rows = np.random.default_rng(0).normal(size=(400, 4)) * [1.0, 1e-1, 1e-4, 1e-7] * scale
    whitening = _whitening(rows - rows.mean(axis=0), np.eye(4), dims=4)
    assert whitening.shape == (4, 3)
