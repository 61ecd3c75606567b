"""What a card says of its corpus, counted again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from benchmark.contracts import UNLABELLED, LabelArray
from benchmark.corpora.card import Card, MeasuredNoise, SplitCounts
from benchmark.corpora.corpus import SPLITS, Corpus, Split
from benchmark.corpora.loading import Built
from benchmark.corpora.readers import reader_of

RATE_DIGITS = 4


@dataclass(frozen=True)
class Check:
    """One line of a card, as stated and as found."""

    line: str
    stated: object
    found: object

    @property
    def ok(self) -> bool:
        """Whether the card is right."""
        return self.stated == self.found


def not_comparable(card: Card, built: Built) -> str:
    """Why the card's counts do not apply to what was read; empty if they do."""
    if built.source.name != card.measured_on:
        return f"counts were measured on source '{card.measured_on}', at hand is '{built.source.name}'"
    here = reader_of(built.source).environment()
    differing = [
        f"{name} {version} on the card, {here.get(name, 'none')} here"
        for name, version in built.source.environment.items()
        if here.get(name) != version
    ]
    return f"versions differ: {'; '.join(differing)}" if differing else ""


def checks(card: Card, built: Built) -> Iterator[Check]:
    """Every countable line of the card beside its recount."""
    corpus = built.corpus
    yield Check("fingerprint", built.source.fingerprint, corpus.fingerprint())
    yield Check("splits", sorted(card.counts), sorted(corpus.splits))
    for name, split in corpus.splits.items():
        stated = card.counts.get(name)  # type: ignore[call-overload]
        found = count_split(split, corpus.num_classes, dict(built.dropped.get(name, {})))
        for key in SplitCounts.model_fields:
            yield Check(f"{name} {key}", getattr(stated, key, None), getattr(found, key))
    for source, observed in card.observed.items():
        for name, split in corpus.splits.items():
            measured = measure_noise(split.clean_labels, split.observed[source])
            yield Check(f"{name} noise {source}", observed.measured.get(name), measured)  # type: ignore[call-overload]
    found_overlaps = overlaps(corpus)
    for pair in sorted({*card.overlaps, *found_overlaps}):
        yield Check(f"overlap {pair}", card.overlaps.get(pair), found_overlaps.get(pair))


def count_split(split: Split, num_classes: int, dropped: dict[str, int]) -> SplitCounts:
    """Rows, class sizes, repeated texts and texts with two labels of a split."""
    labels: defaultdict[str, set[int]] = defaultdict(set)
    for text, label in zip(split.texts, split.clean_labels.tolist(), strict=True):
        labels[text].add(label)
    per_class = np.bincount(split.clean_labels, minlength=num_classes)
    return SplitCounts(
        rows=len(split),
        per_class=tuple(per_class.tolist()),
        duplicates=len(split) - len(labels),
        conflicting=sum(len(seen) > 1 for seen in labels.values()),
        dropped=dropped,
    )


def measure_noise(clean_labels: LabelArray, noisy_labels: LabelArray) -> MeasuredNoise:
    """How many rows have a noisy label, and the share of those that is wrong, to four digits."""
    covered = noisy_labels != UNLABELLED
    wrong = (clean_labels != noisy_labels)[covered]
    return MeasuredNoise(
        covered=int(covered.sum()), rate=round(float(wrong.mean()), RATE_DIGITS) if wrong.size else 0.0
    )


def overlaps(corpus: Corpus) -> dict[str, int]:
    """For each two splits, how many rows of the later have a text that the earlier has too."""
    counted = {name: Counter(corpus.splits[name].texts) for name in SPLITS if name in corpus.splits}
    return {
        f"{later} in {earlier}": sum(number for text, number in counted[later].items() if text in counted[earlier])
        for earlier, later in combinations(counted, 2)
    }
