"""Which corpora there are: their cards, and the digest of a card that enters a trial's
id.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path

from benchmark.contracts import BenchmarkError, UnknownNameError
from benchmark.contracts.hashes import sha256_hex
from benchmark.contracts.labels.votes import AGGREGATION_VERSION
from benchmark.corpora.card import Card, Source, read_card
from benchmark.corpora.cleaning import parse_step
from benchmark.corpora.readers import reader_of


def cards_folder() -> Path:
    """The folder of the cards: inside the package in a wheel, beside it in a
    checkout.
    """
    package = Path(__file__).parents[1]
    # A wheel's own copy goes first: beside an installed package, `datasets` is the Hugging Face library.
    packed = package / "_cards"
    return packed if packed.is_dir() else package.parent / "datasets"


_own: dict[str, Card] = {}


def add_card(card: Card) -> None:
    """Add a card of the user's own to this process.

    A name that the project's cards have is an error.
    """
    if card.name in _card_names():
        raise BenchmarkError(f"There is a corpus '{card.name}' already. Give your file another name.")
    _own[card.name] = card


def is_own(name: str) -> bool:
    """Whether the corpus is the user's own and has no card in the project."""
    return name in _own


def corpus_names() -> tuple[str, ...]:
    """The names of all corpora, sorted, the user's own included."""
    return tuple(sorted({*_card_names(), *_own}))


def load_card(name: str) -> Card:
    """The card of a corpus; an unknown name lists the known ones, nearest first."""
    return _own[name] if name in _own else _read_card(name)


def card_digest(name: str) -> str:
    """A hash of what on the card decides the data, 16 hexadecimal digits.

    Reads no data.
    """
    return digest_of(_own[name]) if name in _own else _card_digest(name)


def _card_names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in cards_folder().glob("*.toml")))


@functools.cache
def _read_card(name: str) -> Card:
    if name not in _card_names():
        raise UnknownNameError("corpus", name, corpus_names(), "A table of your own is named by --data.")
    return read_card(cards_folder() / f"{name}.toml")


@functools.cache
def _card_digest(name: str) -> str:
    return digest_of(load_card(name))


def digest_of(card: Card) -> str:
    """The digest of a card.

    File hashes, readers, cleaning, labels and aggregation enter. Prose, addresses and
    counts do not.
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
    return sha256_hex(json.dumps(parts, sort_keys=True), digits=16)


def _source_parts(source: Source) -> dict[str, object]:
    reader = reader_of(source)
    return {
        "reader": (source.reader, reader.version),
        "options": source.options,
        "files": [(file.name, file.sha256) for file in source.files],
        "environment": reader.environment(),
    }
