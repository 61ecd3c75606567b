"""From a card to a corpus in memory."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.contracts import UNLABELLED, BenchmarkError, LabelArray
from benchmark.contracts.labels.votes import majority
from benchmark.corpora import files
from benchmark.corpora.card import Card, Source
from benchmark.corpora.catalogue import card_digest, load_card
from benchmark.corpora.cleaning import clean
from benchmark.corpora.corpus import Corpus, Split
from benchmark.corpora.readers import RawSplit, reader_of
from benchmark.files.cache import cache_folder


@dataclass(frozen=True)
class Availability:
    """Whether a corpus can be read without a download.

    `source`: the source at hand, or None. `missing`: what the nearest source lacks.
    `packages`: Python packages that are not installed.
    """

    name: str
    source: str | None
    missing: tuple[files.MissingFile, ...] = ()
    packages: tuple[str, ...] = ()

    @property
    def at_hand(self) -> bool:
        """Whether nothing is missing."""
        return self.source is not None


@dataclass(frozen=True)
class Built:
    """A corpus, the source it was read from, and how many rows each cleaning step
    dropped of each split.
    """

    corpus: Corpus
    source: Source
    dropped: Mapping[str, Mapping[str, int]]


def load_corpus(name: str) -> Corpus:
    """The corpus of a card, checked against the card's fingerprint.

    Read once a process.
    """
    return _load(name, card_digest(name))


@functools.cache
def _load(name: str, digest: str) -> Corpus:
    return build(load_card(name)).corpus


def split_rows(name: str) -> dict[str, int]:
    """The rows of each split of a corpus, by its card or else by its files.

    A card without counts whose files are not at hand gives an empty dict.
    """
    counts = load_card(name).counts
    if counts:
        return {split: stated.rows for split, stated in counts.items()}
    if not availability(name).at_hand:
        return {}
    return {split: len(rows) for split, rows in load_corpus(name).splits.items()}


def availability(name: str) -> Availability:
    """Whether a corpus is at hand, and what is missing; downloads nothing."""
    return availability_of(load_card(name))


def availability_of(card: Card) -> Availability:
    """As `availability`, for a card in memory."""
    lacking: list[Availability] = []
    for source in card.sources:
        packages = reader_of(source).missing_packages()
        missing = files.find(source.files)[1]
        if not packages and not missing:
            return Availability(card.name, source.name)
        lacking.append(Availability(card.name, None, missing, packages))
    # A source that can be downloaded is nearer than one that cannot.
    return min(lacking, key=lambda it: (any(file.url is None for file in it.missing), len(it.missing)))


def fetch(card: Card) -> tuple[Source, dict[str, Path]]:
    """A source of the card and its files: the first at hand, else the first that can be
    downloaded.
    """
    at_hand = availability_of(card)
    if at_hand.packages:
        raise BenchmarkError(
            f"Corpus '{card.name}' is read from installed packages; missing: {', '.join(at_hand.packages)}. "
            "Install the project with its dependencies."
        )
    for source in card.sources:
        if source.name == at_hand.source:
            return source, files.find(source.files)[0]
    files.refuse_wrong(at_hand.missing)
    for source in card.sources:
        if all(file.url for file in source.files):
            return source, files.fetch(source.files)
    return card.sources[0], files.fetch(card.sources[0].files)


def build(card: Card) -> Built:
    """Read, aggregate, clean and check.

    A fingerprint other than the card's is an error for sources made of files.
    """
    source, paths = fetch(card)
    raw = reader_of(source).read(paths, card.label_names)
    splits, dropped = clean({name: _labelled(card, name, part) for name, part in raw.items()}, card.cleaning)
    for split in splits.values():
        for labels in (split.clean_labels, *split.observed.values(), *split.votes.values()):
            labels.setflags(write=False)
    corpus = Corpus(card.name, card.label_names, splits)
    if _pinned(source) and corpus.fingerprint() != source.fingerprint:
        raise BenchmarkError(
            f"Corpus '{card.name}' read from source '{source.name}' has fingerprint {corpus.fingerprint()}, its card "
            f"says {source.fingerprint}: {_why_another(source)}"
        )
    return Built(corpus, source, dropped)


def _pinned(source: Source) -> bool:
    """Whether the card says what must be read: for installed packages, under the
    versions that it names.
    """
    here = reader_of(source).environment()
    return bool(source.fingerprint) and all(here.get(name) == version for name, version in source.environment.items())


def _why_another(source: Source) -> str:
    if source.files:
        return "the reader or a cleaning step changed. Give that a new version and measure the card again."
    packages = ", ".join(source.environment)
    return (
        f"the installed files of {packages} are not those of their versions, or what the cache remembers of them in "
        f"'{cache_folder()}' is damaged. Install them again, and delete that folder."
    )


def _labelled(card: Card, name: str, raw: RawSplit) -> Split:
    labels = np.asarray(raw.clean_labels, dtype=np.int64)
    if len(set(raw.ids)) != len(raw.ids):
        raise BenchmarkError(f"Corpus '{card.name}': ids of split '{name}' are not unique.")
    lowest = UNLABELLED if name in card.no_clean else 0
    if len(labels) == 0 or labels.min() < lowest or labels.max() >= len(card.label_names):
        raise BenchmarkError(
            f"Corpus '{card.name}': labels of split '{name}' must be 0 to {len(card.label_names) - 1}, "
            "in one row at least."
        )
    if unknown := sorted(set(raw.given) - set(card.observed)):
        raise BenchmarkError(
            f"Corpus '{card.name}': the reader gives noisy labels '{unknown[0]}', and the card has no "
            f"[observed.{unknown[0]}]. Add it with reads, ties and description, or give none of these labels."
        )
    observed = {source: _observed(card, source, raw) for source in card.observed if _gives(card, source, raw, name)}
    votes = {
        source: raw.votes for source, seen in card.observed.items() if seen.reads == "votes" and raw.votes is not None
    }
    return Split(raw.ids, raw.texts, labels, observed, votes, raw.groups)


def _gives(card: Card, source: str, raw: RawSplit, name: str) -> bool:
    """Whether a split has labels of the source.

    Validation and test may lack them, train may not.
    """
    given = raw.votes is not None if card.observed[source].reads == "votes" else source in raw.given
    if not given and name == "train":
        raise BenchmarkError(f"Corpus '{card.name}': the reader gives no {card.observed[source].reads} for '{source}'.")
    return given


def _observed(card: Card, source: str, raw: RawSplit) -> LabelArray:
    if card.observed[source].reads == "given" or raw.votes is None:
        return np.asarray(raw.given[source], dtype=np.int64)
    return majority(raw.votes, raw.ids, len(card.label_names))
