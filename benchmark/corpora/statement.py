"""What a new card still has to say of its corpus: the counts, as lines of TOML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from benchmark.contracts import LabelArray
from benchmark.corpora.card import Card, MeasuredNoise, Observed
from benchmark.corpora.corpus import Split
from benchmark.corpora.loading import Built
from benchmark.corpora.recount import count_split, measure_noise, overlaps, rate_by_share, rates_by_class

BARE = re.compile(r"[\w-]+", re.ASCII)


def counted_lines(card: Card, built: Built) -> Iterator[str]:
    """Give the lines that state what was read, each group under a comment that says
    where it belongs.

    A card with these lines is what `checks` recounts, but for `choices`.

    Parameters
    ----------
    card : the card, which may lack counts and measured rates.
    built : the corpus that was read by it.
    """
    corpus = built.corpus
    yield "# above the first table of the card"
    yield f"measured_on = {toml(built.source.name)}"
    yield f"# below the line name = {toml(built.source.name)} of its [[sources]]"
    yield f"fingerprint = {toml(corpus.fingerprint())}"
    yield "# at the end of the card"
    for name, split in corpus.splits.items():
        counts = count_split(split, corpus.num_classes, dict(built.dropped.get(name, {})))
        yield from _table(f"counts.{name}", counts.model_dump())
    for source, observed in card.observed.items():
        given = {name: split for name, split in corpus.splits.items() if source in split.observed}
        scored = {name: split for name, split in given.items() if split.has_clean_labels}
        yield from _noise(source, observed, scored, corpus.label_names)
    yield from _table("overlaps", overlaps(corpus))


def _noise(source: str, observed: Observed, splits: Mapping[str, Split], names: tuple[str, ...]) -> Iterator[str]:
    """The measured rates of one source of noisy labels."""
    place = f"observed.{key(source)}"
    pairs: dict[str, tuple[LabelArray, LabelArray]] = {
        name: (split.clean_labels, split.observed[source]) for name, split in splits.items()
    }
    yield from _table(f"{place}.measured", {name: measure_noise(*pair) for name, pair in pairs.items()})
    yield from _table(f"{place}.by_class", {name: rates_by_class(*pair, names) for name, pair in pairs.items()})
    if observed.reads == "votes":
        shared = {
            name: rate_by_share(split.votes[source], split.clean_labels, len(names)) for name, split in splits.items()
        }
        yield from _table(f"{place}.by_share", shared)


def _table(name: str, content: Mapping[str, Any]) -> Iterator[str]:
    if content:
        yield ""
        yield f"[{name}]"
        yield from (f"{key(inner)} = {toml(value)}" for inner, value in content.items() if value != {})


def key(name: str) -> str:
    """Give a name as a key of TOML, in quotes where it needs them."""
    return name if BARE.fullmatch(name) else toml(name)


def toml(value: Any) -> str:
    """Give a value of a card as it is written in TOML, on one line."""
    if isinstance(value, MeasuredNoise):
        return toml(value.model_dump())
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key(str(name))} = {toml(inner)}" for name, inner in value.items()) + " }"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value, ensure_ascii=False)
