"""Texts as an encoder sees them, from the cache where they were cut before."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import numpy as np

from benchmark.features.vocabulary import vocabulary_digest
from benchmark.files import kept_arrays
from benchmark.training.encoders.encoding import shortened
from benchmark.training.encoders.names import Encoder

FORM = 1
"""Raised when the way to cut texts changes, so that older cuts are not used."""

TOKENIZERS = ("transformers", "tokenizers")


def cut_texts(encoder: Encoder, texts: Sequence[str], max_tokens: int) -> list[str]:
    """Give what `shortened` gives, and keep it for the next time.

    What is kept is where each text ends, by the texts in their order, the files that
    its tokenizer may read, the length and the versions of the libraries. Kept ends are
    read without these libraries.
    """
    folder = encoder.folder()
    if folder is None or not kept_arrays.limit_bytes():
        return shortened(encoder, texts, max_tokens)
    setting: dict[str, str | int] = {"form": FORM, "vocabulary": vocabulary_digest(folder), "tokens": max_tokens}
    setting |= {name: version(name) for name in TOKENIZERS}
    key = kept_arrays.key_of(setting, texts)
    ends = kept_arrays.read("cuts", key)
    if ends is not None and len(ends) == len(texts):
        return [text[:end] for text, end in zip(texts, ends.tolist(), strict=True)]
    seen = shortened(encoder, texts, max_tokens)
    kept_arrays.write("cuts", key, np.array([len(text) for text in seen]))
    return seen
