"""Observed noise: the labels that a source outside the benchmark gave."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from benchmark.contracts import (
    BenchmarkError,
    LabelArray,
    Matching,
    NoiseInputs,
    NoiseModel,
    PathText,
    UnknownNameError,
    register_noise,
)
from benchmark.contracts.labels.votes import Ties, agreeing, fill, majority, one_vote, untied
from noise._dawid_skene import dawid_skene, fit_dawid_skene


@register_noise
class Observed(NoiseModel):
    """ỹ = the label of `source` (weak rules, crowds, a language model), -1 where it
    gave none.

    A parameter that is None stands for what the corpus's card says: majority, ties by
    hash of the id, drop. For a source of votes, `votes` makes one label of many:
    `majority`, where `ties` go to the `lowest` or `highest` class or by `hash_of_id`;
    `untied` and `agreeing` label no other rows; `random` takes one vote; `dawid_skene`
    is a label model fitted to the training split. `abstain`: rows without a label are
    dropped (`drop`), get a class at random (`random`), or are handed without a label to
    methods that need `unlabelled_texts` (`keep`). The rate is what it is. The manifest
    reports it.
    """

    name = "observed"
    family = "labels from elsewhere"
    reads_clean_labels = False
    source: Annotated[str, Matching(PathText, "the name of a source")]
    votes: Literal["majority", "untied", "agreeing", "random", "dawid_skene"] | None = None
    ties: Ties | None = None
    abstain: Literal["drop", "random", "keep"] | None = None

    def __post_init__(self) -> None:
        if self.ties is not None and self.votes not in (None, "majority"):
            raise BenchmarkError(f"{self}: ties are decided by the majority vote alone. Leave out ties or votes.")

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Give the source's labels, int64 (N,), in [0, C) or -1."""
        labels = self._labels(inputs)
        if self.abstain != "random":
            return labels
        return fill(labels, inputs.num_classes, inputs.draws.uniform("abstain"))

    def stream_name(self) -> str:
        """Name the source, so that two choices of one source differ only where they
        must.
        """
        return f"observed({self.source})"

    @property
    def keeps_unlabelled(self) -> bool:
        """Whether methods may be handed the rows without a label."""
        return self.abstain == "keep"

    def _labels(self, inputs: NoiseInputs) -> LabelArray:
        if self.source not in inputs.observed:
            hint = "" if inputs.observed else "This corpus has clean labels alone."
            raise UnknownNameError("source of observed labels", self.source, inputs.observed, hint)
        if self.votes is None and self.ties is None:
            return np.array(inputs.observed[self.source], dtype=np.int64)
        if self.source not in inputs.votes:
            which = ", ".join(inputs.votes) or "no source of this corpus"
            raise BenchmarkError(
                f"{self}: source '{self.source}' gives one label a row, so there are no votes to choose from; votes "
                f"has {which}. Leave out votes and ties."
            )
        votes, classes = inputs.votes[self.source], inputs.num_classes
        if self.votes == "untied":
            return untied(votes, classes)
        if self.votes == "agreeing":
            return agreeing(votes, classes)
        if self.votes == "random":
            return one_vote(votes, inputs.draws.uniform("vote"))
        if self.votes == "dawid_skene":
            return dawid_skene(votes, fit_dawid_skene(inputs.train_votes.get(self.source, votes), classes))
        return majority(votes, inputs.draws.ids, classes, self.ties or "hash_of_id")
