"""A corpus in memory: texts with clean labels, and observed noisy labels for some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from benchmark.contracts import LabelArray
from benchmark.contracts.hashes import sha256_hex

SPLITS = ("train", "valid", "test")


@dataclass(frozen=True)
class Split:
    """One split, row by row.

    `ids`: unique within the split and stable, whatever the order of rows.
    `clean_labels`: int64 (N,), in [0, C), or -1 where a row's is not known.
    `observed`: by source name (`weak`, `llm`, …), int64 (N,), -1 where the source gave
    no label. `votes`: for sources of votes, int64 (N, R), -1 where a voter is silent.
    `groups`: int64 (N,), equal for rows that stay in one split since an encoder sees
    their texts alike, or None where nobody compared them.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    clean_labels: LabelArray
    observed: Mapping[str, LabelArray] = field(default_factory=dict)
    votes: Mapping[str, LabelArray] = field(default_factory=dict)
    groups: LabelArray | None = None

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def has_clean_labels(self) -> bool:
        """Whether the clean label of every row is known."""
        return len(self) > 0 and bool(self.clean_labels.min() >= 0)

    @property
    def is_partly_checked(self) -> bool:
        """Whether the clean labels of some rows are known, and those of others not."""
        return len(self) > 0 and int(self.clean_labels.min()) < 0 <= int(self.clean_labels.max())

    @property
    def checked_rows(self) -> LabelArray:
        """Numbers of the rows whose clean label is known, int64 (n,)."""
        return np.flatnonzero(self.clean_labels >= 0)

    def rows(self, chosen: LabelArray) -> Split:
        """The split cut to the chosen row numbers, in their order."""
        return Split(
            ids=tuple(self.ids[i] for i in chosen),
            texts=tuple(self.texts[i] for i in chosen),
            clean_labels=self.clean_labels[chosen],
            observed={name: labels[chosen] for name, labels in self.observed.items()},
            votes={name: votes[chosen] for name, votes in self.votes.items()},
            groups=None if self.groups is None else self.groups[chosen],
        )


@dataclass(frozen=True)
class Corpus:
    """Named splits (`train` and `test` always, `valid` where the source has one) and
    the names of the classes.
    """

    name: str
    label_names: tuple[str, ...]
    splits: Mapping[str, Split]

    @property
    def num_classes(self) -> int:
        """How many classes there are, absent ones included."""
        return len(self.label_names)

    def fingerprint(self) -> str:
        """A hash of every id, text, label and class name: 16 hexadecimal digits.

        Labels stand for their votes.
        """
        return sha256_hex(*self._content(), digits=16)

    def _content(self) -> Iterator[str | bytes]:
        """Everything that the fingerprint stands for, in its order."""
        yield "\x1f".join(self.label_names)
        for name in SPLITS:
            split = self.splits.get(name)
            if split is None:
                continue
            yield f"\x1e{name}\x1e{len(split)}"
            yield from (f"{text}\x1f" for text in (*split.ids, *split.texts))
            yield split.clean_labels.astype("<i8").tobytes()
            for source in sorted(split.observed):
                yield source
                yield np.asarray(split.observed[source]).astype("<i8").tobytes()
