"""How many labels are wrong: a range without checked rows, an interval with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmark.audit.heads import Features
from benchmark.audit.held_out import HeldOut, softmax
from benchmark.audit.opinions.posterior import class_shares
from benchmark.audit.progress import chunks
from benchmark.contracts import LabelArray, generator, uniform_by_id
from benchmark.contracts.arrays import BoolArray, FloatArray
from methods.shared.noise_rates import anchor_agreement, excess_loss_rate, joint_rate

ROWS_OF_ESTIMATE = 20_000
WIDEST_RELIABLE = 0.15
"""Estimators whose answers lie further apart tell nothing; see
results/measured/detection.
"""

MARGIN = 0.1
"""By how much the estimators can miss together, measured there, too."""

FEWEST_A_CLASS = 100
"""With fewer labelled rows a class, estimators take hard rows for wrong ones. So it was
on subsets of trec and agnews_12k, where the labels are known.
"""

LEAST_ABOVE_CHANCE = 3.0
"""Standard errors by which classes must be more probable for their own rows."""

TO_CHECK = 50
SLOPE = 0.7
"""How the log-odds of a wrong label rise with those of the rule, measured on injected
noise.
"""

FEWEST_CHECKED = 10
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Count:
    """The share of wrong labels: an estimate between two bounds.

    Without checked rows the bounds are the lowest and the highest answer of several
    estimators and a margin, and `reliable` says whether they agree and can be trusted.
    They cannot where `few_rows`, fewer than a hundred a class, make them too high, and
    `at_chance`, where models tell held-out labels no better than chance. With checked
    rows the bounds are those of a confidence interval of 95 %.
    """

    share: float
    lowest: float
    highest: float
    reliable: bool
    checked: int = 0
    few_rows: bool = False
    at_chance: bool = False

    def number(self, rows: int) -> tuple[int, int, int]:
        """Give the expected number of wrong labels among so many rows, with its
        bounds.
        """
        return round(self.share * rows), round(self.lowest * rows), round(self.highest * rows)


def estimated_count(models: HeldOut, features: Features, labels: LabelArray, num_classes: int) -> Count:
    """Estimate the count by estimators that read no clean label.

    Anchor agreement, a mixture on the excess loss and the confident joint, each from
    held-out probabilities as they are and divided by the given labels' shares. The
    estimate is the mean of the first two. On systematic mistakes, such as those of
    labelling rules, all of them can be wrong at once.

    Parameters
    ----------
    models : models that were fitted without each row.
    features : float32 (N, D).
    labels : the given labels, int64 (N,), in [0, C).
    num_classes : C.
    """
    return count_by(*_sampled(models, features, labels, num_classes), rows=len(labels))


def is_chance(plain: FloatArray, own: LabelArray) -> bool:
    """Say whether held-out probabilities, (M, C), tell labels, (M,), no better than
    chance.

    In the mean over the classes, a class is hardly more probable for its rows than for
    all. Its error is that of rows drawn at random.
    """
    sizes = np.bincount(own, minlength=plain.shape[1])
    sums = np.bincount(own, weights=plain[np.arange(len(own)), own], minlength=plain.shape[1])
    met = np.flatnonzero(sizes)
    above = sums[met] / sizes[met] - plain[:, met].mean(axis=0)
    error = float((plain[:, met].var(axis=0) / sizes[met]).sum()) ** 0.5
    return bool(above.sum() <= LEAST_ABOVE_CHANCE * error)


def count_by(plain: FloatArray, own: LabelArray, rows: int) -> Count:
    """Estimate the count as `estimated_count` does, from held-out probabilities (M, C)
    and labels (M,) of some of so many rows.
    """
    num_classes = plain.shape[1]
    level = softmax(np.log(plain + 1e-9) - np.log(class_shares(own, num_classes)))
    anchors, mixture = 1.0 - anchor_agreement(plain, own), excess_loss_rate(plain, own)
    answers = [anchors, mixture, 1.0 - anchor_agreement(level, own)]
    if num_classes <= len(own) ** 0.5:
        answers.append(joint_rate(plain, own))
    lowest, highest = float(np.clip(min(answers) - MARGIN, 0, 1)), float(np.clip(max(answers) + MARGIN, 0, 1))
    share = float(np.clip((anchors + mixture) / 2, 0, 1))
    few, chance = rows < FEWEST_A_CLASS * num_classes, is_chance(plain, own)
    reliable = max(answers) - min(answers) <= WIDEST_RELIABLE and not few and not chance
    return Count(share, lowest, highest, reliable, few_rows=few, at_chance=chance)


def checked_count(wrong: BoolArray) -> Count:
    """Give the count by rows that were drawn at random and reviewed, with the interval
    of Clopper & Pearson (Biometrika 1934).

    `wrong`: bool (M,), M >= 1, whether the given label of each is wrong. In at least 95
    of 100 draws the interval holds the true share.

    >>> found = checked_count(np.array([True] * 10 + [False] * 40))
    >>> round(found.lowest, 3), round(found.highest, 3)
    (0.1, 0.337)
    """
    from scipy.stats import beta

    rows, errors, tail = len(wrong), int(wrong.sum()), (1.0 - CONFIDENCE) / 2
    lowest = float(beta.ppf(tail, errors, rows - errors + 1)) if errors else 0.0
    highest = float(beta.ppf(1.0 - tail, errors + 1, rows - errors)) if errors < rows else 1.0
    return Count(errors / rows, lowest, highest, rows >= FEWEST_CHECKED, rows)


def rows_to_check(texts: tuple[str, ...], labels: LabelArray, wanted: int = TO_CHECK) -> LabelArray:
    """Draw labelled rows at random, by hash of the table's texts and of the row's
    number.

    The same table has the same draw, so that a reviewed file can be told to be one.
    """
    labelled = np.flatnonzero(labels >= 0)
    name = str(generator("audit check", *texts[:50], len(texts)).integers(2**62))
    draws = uniform_by_id([str(row) for row in labelled], "to check", name)
    return np.sort(labelled[np.argsort(draws, kind="stable")[:wanted]])


def calibrated(of_given: FloatArray, count: Count, checked: Mapping[int, bool] | None = None) -> FloatArray:
    """Give the probability that each label is wrong, float64 (N,), in the order of the
    rule.

    It is a logistic function of the rule's log-odds, whose mean is the expected share.
    Its slope is one that was measured on injected noise, or fitted to the checked rows
    (Platt 1999), held near that one by a normal prior.

    Parameters
    ----------
    of_given : the rule's probability of each given label, (N,).
    count : the expected share of wrong labels.
    checked : whether the label is wrong, by place in `of_given`.
    """
    odds = log_odds(of_given)
    slope = SLOPE if not checked else _slope(odds, checked)
    return logistic(slope * odds + _intercept(slope * odds, count.share))


def in_order(of_given: FloatArray, score: FloatArray) -> FloatArray:
    """Give the same probabilities to other rows, the lowest to the highest score.

    So the calibration keeps the spread of the rule's probabilities and the order of
    its score.
    """
    found = np.empty_like(of_given)
    found[np.argsort(-score, kind="stable")] = np.sort(of_given)
    return found


def log_odds(of_given: FloatArray) -> FloatArray:
    """Give the log-odds that the given label is wrong, by the rule, (N,)."""
    kept = np.clip(of_given, 1e-12, 1 - 1e-12)
    return np.asarray(np.log1p(-kept) - np.log(kept), dtype=np.float64)


def logistic(values: FloatArray) -> FloatArray:
    """Give 1 / (1 + exp(-values))."""
    return np.asarray(0.5 * (1.0 + np.tanh(values / 2)), dtype=np.float64)


def _intercept(values: FloatArray, share: float) -> float:
    """Find the number that, added to all values, makes the mean of their logistic the
    share.
    """
    wanted = float(np.clip(share, 1e-4, 1 - 1e-4))
    low, high = -60.0, 60.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if float(logistic(values + middle).mean()) < wanted else (low, middle)
    return (low + high) / 2


def _slope(odds: FloatArray, checked: Mapping[int, bool]) -> float:
    from scipy.optimize import minimize

    values = odds[np.array(list(checked))]
    wrong = np.array(list(checked.values()), dtype=np.float64)

    def loss(parameters: FloatArray) -> float:
        margin = np.exp(parameters[0]) * values + parameters[1]
        likelihood = (np.logaddexp(0.0, margin) - wrong * margin).sum()
        return float(likelihood + 2.0 * (parameters[0] - np.log(SLOPE)) ** 2)

    found = minimize(loss, np.array([np.log(SLOPE), 0.0]), method="Nelder-Mead")
    return float(np.exp(found.x[0]))


def _sampled(
    models: HeldOut, features: Features, labels: LabelArray, num_classes: int
) -> tuple[FloatArray, LabelArray]:
    """Give held-out probabilities and labels of all rows, or of some of many."""
    most = max(1, min(ROWS_OF_ESTIMATE, 20_000_000 // num_classes))
    chosen = np.sort(generator("audit count").permutation(len(labels))[:most])
    sample = HeldOut(models.mean, models.deviation, models.weights, models.fold_of[:, chosen], models.sharpness)
    parts = [sample.probabilities(features[chosen[part]], part) for part in chunks(len(chosen), num_classes)]
    return np.concatenate(parts), labels[chosen]
