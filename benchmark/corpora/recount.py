"""What a card says of its corpus, counted again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from benchmark.contracts import UNLABELLED, Draws, LabelArray, NoiseInputs, noise_from
from benchmark.contracts.arrays import at_labels
from benchmark.contracts.labels.votes import shares
from benchmark.corpora.card import Card, MeasuredNoise, Observed, SplitCounts
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
            labels = split.observed.get(source)
            measured = by_class = None
            if labels is not None and split.has_clean_labels:
                measured = measure_noise(split.clean_labels, labels)
                by_class = rates_by_class(split.clean_labels, labels, corpus.label_names)
            yield Check(f"{name} noise {source}", observed.measured.get(name), measured)  # type: ignore[call-overload]
            yield Check(f"{name} noise {source} by class", observed.by_class.get(name), by_class)  # type: ignore[call-overload]
        yield from _choice_checks(corpus, source, observed)
    found_overlaps = overlaps(corpus)
    for pair in sorted({*card.overlaps, *found_overlaps}):
        yield Check(f"overlap {pair}", card.overlaps.get(pair), found_overlaps.get(pair))


def _choice_checks(corpus: Corpus, source: str, observed: Observed) -> Iterator[Check]:
    scored = {name: split for name, split in corpus.splits.items() if split.has_clean_labels}
    for name, split in scored.items():
        if source in split.votes:
            stated = observed.by_share.get(name)  # type: ignore[call-overload]
            found = rate_by_share(split.votes[source], split.clean_labels, corpus.num_classes)
            yield Check(f"{name} noise {source} by share", stated, found)
    for choice, by_split in observed.choices.items():
        for name in scored:
            if source not in corpus.splits[name].votes:
                continue
            labels = chosen_labels(corpus, name, f"observed({source},{choice})")
            measured = measure_noise(corpus.splits[name].clean_labels, labels)
            yield Check(f"{name} noise {source},{choice}", by_split.get(name), measured)  # type: ignore[call-overload]


def chosen_labels(corpus: Corpus, name: str, noise: str) -> LabelArray:
    """The labels of one split under observed noise as written in a grid, seed 0; int64
    (N,).
    """
    split, model = corpus.splits[name], noise_from(noise)
    draws = Draws((corpus.name, model.stream_name(), 0), name, split.ids)
    votes, train_votes = split.votes, corpus.splits["train"].votes
    inputs = NoiseInputs(
        split.clean_labels, corpus.num_classes, draws, observed=split.observed, votes=votes, train_votes=train_votes
    )
    return model.corrupt(inputs)


def rate_by_share(votes: LabelArray, clean_labels: LabelArray, num_classes: int) -> float:
    """The noise rate of rows with a vote if each counts by the share of right ones
    among the tied, to four digits.
    """
    share = shares(votes, num_classes)
    covered = share.any(axis=1)
    right = at_labels(share, clean_labels)[covered]
    return round(1.0 - float(right.mean()), RATE_DIGITS) if right.size else 0.0


def count_split(split: Split, num_classes: int, dropped: dict[str, int]) -> SplitCounts:
    """Rows, class sizes, repeated texts and texts with two labels of a split."""
    labels: defaultdict[str, set[int]] = defaultdict(set)
    for text, label in zip(split.texts, split.clean_labels.tolist(), strict=True):
        labels[text].add(label)
    per_class = np.bincount(split.clean_labels[split.clean_labels != UNLABELLED], minlength=num_classes)
    return SplitCounts(
        rows=len(split),
        per_class=tuple(per_class.tolist()),
        duplicates=len(split) - len(labels),
        conflicting=sum(len(seen) > 1 for seen in labels.values()),
        dropped=dropped,
    )


def measure_noise(clean_labels: LabelArray, noisy_labels: LabelArray) -> MeasuredNoise:
    """How many rows have a noisy label, and the share of those that is wrong, to four
    digits.
    """
    covered = noisy_labels != UNLABELLED
    wrong = (clean_labels != noisy_labels)[covered]
    return MeasuredNoise(
        covered=int(covered.sum()), rate=round(float(wrong.mean()), RATE_DIGITS) if wrong.size else 0.0
    )


def rates_by_class(clean_labels: LabelArray, noisy_labels: LabelArray, names: Sequence[str]) -> dict[str, float]:
    """The share of wrong labels among the labelled rows of each clean class, to four
    digits.

    A class without a labelled row is left out.
    """
    rates = {}
    for label, name in enumerate(names):
        noise = measure_noise(*(labels[clean_labels == label] for labels in (clean_labels, noisy_labels)))
        if noise.covered:
            rates[name] = noise.rate
    return rates


def overlaps(corpus: Corpus) -> dict[str, int]:
    """For each two splits, how many rows of the later have a text that the earlier has
    too.
    """
    counted = {name: Counter(corpus.splits[name].texts) for name in SPLITS if name in corpus.splits}
    return {
        f"{later} in {earlier}": sum(number for text, number in counted[later].items() if text in counted[earlier])
        for earlier, later in combinations(counted, 2)
    }
