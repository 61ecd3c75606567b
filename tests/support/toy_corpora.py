"""Small corpora whose texts tell their classes, with a weak source of labels."""

import numpy as np

from benchmark.corpora.corpus import Corpus, Split

CLASSES = 4


def split_of(prefix, size, classes=CLASSES, seed=0, weak=True):
    rng = np.random.default_rng([seed, len(prefix), ord(prefix[0])])
    clean = rng.integers(0, classes, size)
    texts = tuple(f"topic{k} word{rng.integers(30)} word{rng.integers(30)}" for k in clean)
    observed = {"weak": np.where(rng.random(size) < 0.2, -1, (clean + (rng.random(size) < 0.3)) % classes)}
    return Split(tuple(f"{prefix}{i}" for i in range(size)), texts, clean, observed if weak else {})


def corpus_of(train=400, valid=80, weak_valid=True):
    parts = {"train": split_of("train", train), "test": split_of("test", 60)}
    if valid:
        parts["valid"] = split_of("valid", valid, weak=weak_valid)
    return corpus_with(**parts)


def corpus_with(**splits):
    return Corpus("toy", tuple(f"class {k}" for k in range(CLASSES)), splits)
