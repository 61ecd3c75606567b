"""The label model of Dawid & Skene, fitted by expectation-maximisation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.contracts import UNLABELLED, LabelArray
from benchmark.contracts.arrays import FloatArray
from benchmark.contracts.labels.votes import shares

MOST_STEPS = 100
TOLERANCE = 1e-6
PRIOR_COUNT = 0.01
"""Added to every count, so that an answer never seen is unlikely and not impossible."""


@dataclass(frozen=True)
class LabelModel:
    """The chances p_k = P(class k), (C,), and pi[r, k, a] = P(voter r answers a | class
    k), (R, C, C + 1).

    The last answer is silence. Rules are silent on purpose, and a rule that only ever
    names one class says something by nothing else than whether it fires. With silence
    left out, its votes would weigh nothing.
    """

    prior: FloatArray
    confusion: FloatArray

    def posterior(self, votes: LabelArray) -> FloatArray:
        """Give P(class | votes) of each row, float64 (N, C): q_ik ∝ p_k · prod_r pi[r,
        k, a_ir].
        """
        answers = _answers(votes, len(self.prior))
        log_likelihood = np.log(self.prior)[None, :].repeat(len(votes), axis=0)
        for voter, confusion in enumerate(np.log(self.confusion)):
            log_likelihood += confusion[:, answers[:, voter]].T
        likelihood = np.exp(log_likelihood - log_likelihood.max(axis=1, keepdims=True))
        belief: FloatArray = likelihood / likelihood.sum(axis=1, keepdims=True)
        return belief


def fit_dawid_skene(votes: LabelArray, num_classes: int) -> LabelModel:
    """Fit the label model to a vote matrix, int64 (N, R), from the shares of its votes
    on.

    Maximisation: p_k = mean_i q_ik and pi[r, k, a] = sum_i q_ik [a_ir = a] / sum_i
    q_ik, each count with 0.01 added. Expectation: `posterior`. Rows without a vote take
    no part. Dawid & Skene, Applied Statistics 28(1), 1979, eqs. 2.3 to 2.5.

    Departures: silence is an answer, a count is added, and there are at most 100 steps.
    """
    votes = votes[(votes != UNLABELLED).any(axis=1)]
    answers = _answers(votes, num_classes)
    belief = shares(votes, num_classes)
    model = _maximise(answers, belief)
    for _ in range(MOST_STEPS):
        before, belief = belief, model.posterior(votes)
        model = _maximise(answers, belief)
        if len(votes) == 0 or np.abs(belief - before).max() < TOLERANCE:
            break
    return model


def dawid_skene(votes: LabelArray, model: LabelModel) -> LabelArray:
    """Give the likeliest class of each row, the lowest of several, or -1 where nobody
    voted.
    """
    labels = model.posterior(votes).argmax(axis=1)
    return np.where((votes != UNLABELLED).any(axis=1), labels, UNLABELLED).astype(np.int64)


def _answers(votes: LabelArray, num_classes: int) -> LabelArray:
    """Give the votes with silence as answer C."""
    return np.where(votes == UNLABELLED, num_classes, votes)


def _maximise(answers: LabelArray, belief: FloatArray) -> LabelModel:
    """Give the model of which the beliefs (N, C) are the expected counts."""
    classes = belief.shape[1]
    prior = belief.sum(axis=0) + PRIOR_COUNT
    confusion = np.empty((answers.shape[1], classes, classes + 1))
    for voter in range(answers.shape[1]):
        chosen = answers[:, voter, None] == np.arange(classes + 1)
        confusion[voter] = belief.T @ chosen + PRIOR_COUNT
    return LabelModel(prior / prior.sum(), confusion / confusion.sum(axis=2, keepdims=True))
