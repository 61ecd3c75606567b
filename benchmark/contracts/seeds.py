"""Random numbers from named parts: sha256 of the names is the seed, nothing global is
read or set.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.contracts.arrays import FloatArray
from benchmark.contracts.renamed import Renamed

SEPARATOR = "\x1f"


def seed_of(*parts: str | int) -> int:
    """A 64-bit seed from named parts.

    Equal names give equal seeds in every process and on every machine.

    >>> seed_of("init", 1) == seed_of("init", 1)
    True
    >>> seed_of("init", 1) == seed_of("init", 2)
    False
    """
    text = SEPARATOR.join(f"{type(part).__name__}:{part}" for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")


def generator(*parts: str | int) -> np.random.Generator:
    """A numpy generator seeded by named parts."""
    return np.random.default_rng(seed_of(*parts))


def uniform_by_id(ids: Sequence[str], *parts: str | int) -> FloatArray:
    """One uniform draw in [0, 1) an example, from its id and the named parts alone.

    The value of an example depends neither on the order nor on the presence of the
    others. Shape (N,).
    """
    key = hashlib.sha256(SEPARATOR.join(f"{type(p).__name__}:{p}" for p in parts).encode()).digest()
    words = [hashlib.blake2b(str(i).encode(), digest_size=8, key=key).digest() for i in ids]
    drawn = np.frombuffer(b"".join(words), dtype="<u8")
    return (drawn >> np.uint64(11)).astype(np.float64) * 2.0**-53


@dataclass(frozen=True)
class Draws:
    """The random numbers of one corruption of one split.

    `parts` name the corpus, the noise model without its rate (its stream), and the
    seed; `ids` are the examples'.
    """

    parts: tuple[str | int, ...]
    split: str
    ids: Sequence[str]

    def uniform(self, purpose: str) -> FloatArray:
        """One uniform draw an example, its own stream for each split and purpose.

        Shape (N,).
        """
        return uniform_by_id(self.ids, *self.parts, self.split, purpose)

    def shared(self, purpose: str) -> np.random.Generator:
        """A generator that is the same for every split, for what a mechanism has only
        once.
        """
        return generator(*self.parts, purpose)

    def with_stream(self, name: str) -> Draws:
        """The draws that a noise model of this stream name has for the same corpus,
        split and seed.
        """
        return dataclasses.replace(self, parts=(self.parts[0], name, *self.parts[2:]))

    of_stream = Renamed("with_stream")
