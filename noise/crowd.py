"""Crowd noise: labels that simulated annotators of different skill agreed on."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt

from benchmark.contracts import (
    BenchmarkError,
    Draws,
    LabelArray,
    NoiseInputs,
    NoiseModel,
    NoiseRate,
    Within,
    at_least,
    register_noise,
)
from benchmark.contracts.arrays import FloatArray
from noise._counts import check_classes, chosen_overall, flip_count

EXPERT, AVERAGE, SPAMMER = 0, 1, 2
SKILL = {EXPERT: 0.9, AVERAGE: 0.7}
"""Mean chance that an annotator of the kind names the true class of a text of mean
difficulty; spammers guess.
"""

EXPERT_SHARE, SPAMMER_SHARE = 0.3, 0.2
CONCENTRATION = 10.0
"""Of the Dirichlet rows of a confusion matrix: how much annotators of a kind are
alike.
"""

Votes = npt.NDArray[np.int64]


@register_noise
class Crowd(NoiseModel):
    """P(vote = y | a, y, i) = σ((logit Π_a[y, y] + λ) · b_i); a wrong vote is j with
    Π_a[y, j] / (1 - Π_a[y, y]).

    Π_a: annotator a's confusion matrix, rows Dirichlet around the skill of its kind
    (experts, average ones; spammers guess evenly); b_i = exp(difficulty · z_i), z_i
    normal. `votes` of the `annotators` label each text; `aggregate` takes the majority
    (at a tie the label that was cast first) or one vote at random. Dawid & Skene, J. R.
    Statist. Soc. C 28, 1979; difficulty after GLAD: Whitehill et al., NeurIPS 2009.

    λ is set so that round(rate · N) aggregated labels are wrong: each turns wrong below
    a λ of its own, and the count is cut there. Counts by class follow from the
    annotators. A class may vanish. The set of wrong labels is nested across rates, the
    labels in it are not, since a lower λ changes votes. At rates below what spammers
    alone bring about the surplus is put right. Above what votes can reach a wrong label
    is drawn evenly.
    """

    name = "crowd"
    family = "simulated labellers"
    citation = """@article{dawid1979maximum,
  title = {Maximum Likelihood Estimation of Observer Error-Rates Using the {EM} Algorithm},
  author = {Dawid, A. P. and Skene, A. M.},
  journal = {Journal of the Royal Statistical Society: Series C (Applied Statistics)}, volume = {28}, year = {1979}}"""
    rate: NoiseRate
    annotators: Annotated[int, Within(1, 1_000)] = 10
    votes: Annotated[int, Within(1, 1_000)] = 3
    aggregate: Literal["majority", "random"] = "majority"
    difficulty: Annotated[float, at_least(0)] = 1.0

    def __post_init__(self) -> None:
        if self.votes > self.annotators:
            raise BenchmarkError(
                f"Noise '{self}': votes is {self.votes}; each text is labelled by 1 to {self.annotators} annotators."
            )

    def corrupt(self, inputs: NoiseInputs) -> LabelArray:
        """Give the noisy labels, int64 (N,), exactly round(rate · N) of them wrong."""
        clean, classes, draws = inputs.clean_labels.astype(np.int64), inputs.num_classes, inputs.draws
        check_classes(self.rate, classes)
        count = flip_count(self.rate, len(clean))
        if count == 0:
            return clean.copy()
        used = self.votes if self.aggregate == "majority" else 1
        who = voters(draws, self.annotators, used, len(clean))
        wrong_votes, turning = self._votes(inputs, who)
        own = aggregate_turning(wrong_votes, turning, clean)
        chosen = chosen_overall(count, -own, draws.uniform("residual"))
        votes = np.where(turning < own[chosen].min(), clean[:, None], wrong_votes)
        noisy = np.where(chosen, majority(votes), clean)
        unreached = np.flatnonzero(chosen & (noisy == clean))
        step = 1 + np.floor(draws.uniform("unreached")[unreached] * (classes - 1)).astype(np.int64)
        noisy[unreached] = (clean[unreached] + step) % classes
        return noisy

    def rate_bound(self, num_classes: int) -> float:
        """Give one half: from there on annotators may agree on a wrong class more often
        than on the true one.
        """
        return 0.5

    def _votes(self, inputs: NoiseInputs, who: Votes) -> tuple[Votes, FloatArray]:
        """Give what each vote is below its own λ, and that λ, both (N, R).

        The λ of a spammer's vote is ∞.
        """
        clean, classes, draws = inputs.clean_labels, inputs.num_classes, inputs.draws
        kinds = annotator_kinds(self.annotators)
        skills = {a: confusions(draws, a, SKILL[kinds[a]], classes) for a in range(len(kinds)) if kinds[a] != SPAMMER}
        wrong_votes, turning = np.empty(who.shape, dtype=np.int64), np.empty(who.shape)
        scale = np.exp(self.difficulty * _normal(draws.uniform("difficulty")))
        for r in range(who.shape[1]):
            correct, target = draws.uniform(f"correct {r}"), draws.uniform(f"target {r}")
            groups = who[:, r] * classes + clean
            order = np.argsort(groups, kind="stable")
            found, starts = np.unique(groups[order], return_index=True)
            for group, rows in zip(found, np.split(order, starts[1:]), strict=True):
                a, k = divmod(int(group), classes)
                if kinds[a] == SPAMMER:
                    wrong_votes[rows, r] = np.floor(target[rows] * classes).astype(np.int64)
                    turning[rows, r] = np.inf
                    continue
                skill, cumulative = skills[a][0][k], skills[a][1][k]
                wrong = np.searchsorted(cumulative, target[rows], side="right")
                wrong_votes[rows, r] = wrong + (wrong >= k)
                turning[rows, r] = _logit(correct[rows]) / scale[rows] - _logit(skill)
        return wrong_votes, turning


def annotator_kinds(annotators: int) -> list[int]:
    """Give the kind of each annotator by their shares, experts first, spammers last.

    >>> [annotator_kinds(10).count(kind) for kind in (EXPERT, AVERAGE, SPAMMER)]
    [3, 5, 2]
    """
    experts, spammers = round(EXPERT_SHARE * annotators), round(SPAMMER_SHARE * annotators)
    return [EXPERT] * experts + [AVERAGE] * (annotators - experts - spammers) + [SPAMMER] * spammers


def confusions(draws: Draws, annotator: int, skill: float, classes: int) -> tuple[FloatArray, FloatArray]:
    """Draw one annotator's Π.

    Its diagonal is (C,). The cumulative distribution over the wrong classes, in order,
    is (C, C - 1).
    """
    shared = draws.shared(f"annotator {annotator}")
    diagonal = shared.beta(CONCENTRATION * skill, CONCENTRATION * (1.0 - skill), classes)
    off = np.full(classes - 1, CONCENTRATION * (1.0 - skill) / (classes - 1))
    cumulative = np.cumsum(shared.dirichlet(off, classes), axis=1)
    # The last step closes at more than any uniform draw, whatever the rounding.
    cumulative[:, -1] = np.inf
    return np.clip(diagonal, 0.01, 0.99), cumulative


def voters(draws: Draws, annotators: int, votes: int, rows: int) -> Votes:
    """Draw the annotators of each text, without replacement, int64 (N, R)."""
    pool = np.tile(np.arange(annotators), (rows, 1))
    every = np.arange(rows)
    for r in range(votes):
        place = r + np.floor(draws.uniform(f"annotator {r}") * (annotators - r)).astype(np.int64)
        pool[every, place], pool[:, r] = pool[:, r].copy(), pool[every, place]
    return pool[:, :votes]


def majority(votes: Votes) -> LabelArray:
    """Give the most frequent label of each row of (N, R), int64 (N,), at a tie the
    first to be cast.

    >>> majority(np.array([[2, 1, 1], [3, 1, 2]])).tolist()
    [1, 3]
    """
    agreeing = (votes[:, :, None] == votes[:, None, :]).sum(axis=2)
    chosen: LabelArray = votes[np.arange(len(votes)), np.argmax(agreeing, axis=1)]
    return chosen


def aggregate_turning(wrong_votes: Votes, turning: FloatArray, clean: LabelArray) -> FloatArray:
    """Give the λ up to which the majority of each text is wrong, float64 (N,).

    It is ∞ where the majority always is, -∞ where it never is.

    Each vote is `wrong_votes` up to its `turning` and right above. A vote that turns
    right never turns the majority wrong.
    """
    order = np.argsort(turning, axis=1, kind="stable")
    votes, found = wrong_votes.copy(), np.full(len(clean), -np.inf)
    wrong = np.flatnonzero(majority(votes) != clean)
    for r in range(votes.shape[1]):
        place = order[wrong, r]
        level = turning[wrong, place]
        votes[wrong, place] = np.where(level < np.inf, clean[wrong], votes[wrong, place])
        righted = majority(votes[wrong]) == clean[wrong]
        found[wrong[righted]] = level[righted]
        wrong = wrong[~righted]
    found[wrong] = np.inf
    return found


def _logit(chance: FloatArray) -> FloatArray:
    inside = np.clip(chance, 1e-12, 1.0 - 1e-12)
    odds: FloatArray = np.log(inside) - np.log1p(-inside)
    return odds


def _normal(uniforms: FloatArray) -> FloatArray:
    from scipy.special import ndtri

    quantiles: FloatArray = ndtri(np.clip(uniforms, 1e-12, 1.0 - 1e-12))
    return quantiles
