"""Which corpora there are: their cards, and the digest of a card that enters a trial's id."""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path

import benchmark
from benchmark.contracts import UnknownNameError
from benchmark.corpora.card import Card, Source, read_card
from benchmark.corpora.cleaning import parse_step
from benchmark.corpora.readers import reader_of
from noise.aggregation import AGGREGATION_VERSION


def cards_folder() -> Path:
    """The folder of the cards: inside the package in a wheel, beside it in a checkout."""
    package = Path(benchmark.__file__).parent
    # A wheel's own copy goes first: beside an installed package, `datasets` is the Hugging Face library.
    packed = package / "_cards"
    return packed if packed.is_dir() else package.parent / "datasets"


def corpus_names() -> tuple[str, ...]:
    """The names of all corpora, sorted."""
    return tuple(sorted(path.stem for path in cards_folder().glob("*.toml")))


@functools.cache
def load_card(name: str) -> Card:
    """The card of a corpus; an unknown name lists the known ones, nearest first."""
    if name not in corpus_names():
        raise UnknownNameError("corpus", name, corpus_names())
    return read_card(cards_folder() / f"{name}.toml")


@functools.cache
def card_digest(name: str) -> str:
    """A hash of what on the card decides the data, 16 hexadecimal digits; reads no data."""
    return digest_of(load_card(name))


def digest_of(card: Card) -> str:
    """The digest of a card.

    File hashes, readers, cleaning, labels and aggregation enter; prose, addresses and counts do not.
    """
    parts = {
        "label_names": card.label_names,
        "sources": [_source_parts(source) for source in card.sources],
        "cleaning": {
            split: [(text, parse_step(text).version) for text in steps] for split, steps in card.cleaning.items()
        },
        "observed": {name: (seen.reads, seen.ties, seen.abstain) for name, seen in card.observed.items()},
        "votes": AGGREGATION_VERSION,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _source_parts(source: Source) -> dict[str, object]:
    reader = reader_of(source)
    return {
        "reader": (source.reader, reader.version),
        "options": source.options,
        "files": [(file.name, file.sha256) for file in source.files],
        "environment": reader.environment(),
    }
