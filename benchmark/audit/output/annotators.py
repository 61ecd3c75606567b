"""What is said of annotators and of what they say together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmark.audit.audit import Audit


@dataclass(frozen=True)
class Annotator:
    """One annotator: how many votes they gave, how good they are, how many of the votes
    are the consensus, and the label of which the fewest are.
    """

    name: str
    votes: int
    quality: float
    agreement: float
    worst: str

    @property
    def cells(self) -> tuple[str | int | float, ...]:
        """The row of `annotators.csv`."""
        return self.name, self.votes, round(self.quality, 4), round(self.agreement, 4), self.worst


def annotator_rows(audit: Audit) -> Iterator[Annotator]:
    """Yield the annotators with votes, the lowest quality first; without a consensus
    there are none.
    """
    found, names = audit.consensus, audit.table.label_names
    if found is None:
        return
    for place in np.argsort(found.annotator_quality, kind="stable").tolist():
        if found.votes[place]:
            yield Annotator(
                audit.table.annotators[place],
                int(found.votes[place]),
                float(found.annotator_quality[place]),
                float(found.agreement[place]),
                names[int(found.worst[place])],
            )


def on_votes(audit: Audit) -> Iterator[str]:
    """Say what was done with votes, a sentence each."""
    if not audit.table.annotators:
        return
    if audit.consensus is None:
        yield "No row has votes of two annotators, so nothing is said of how good they are."
        return
    yield (
        "The given label is the most frequent vote. The consensus is the likeliest label by CROWDLAB (Goh et al. "
        "2022), which weighs each annotator by the agreement with others, and the linear models, too. An annotator's "
        "quality is the mean of how likely their votes are right by that and of how often they are the consensus."
    )
    if audit.consensus.is_telling:
        yield (
            "Here the votes of a row outweigh the models: p_wrong is one minus CROWDLAB's quality of the given label, "
            "or is fitted to checked rows. It was too high on all tables on which it was measured."
        )
    else:
        yield "Here the votes of a row do not outweigh the models, so the order is that of the models alone."
