"""Which trials of an archive are run again, and what a forger risks by it.

Trials are drawn without replacement, each with the same probability, by a seed that the
sender could not know. Whoever forged some of them goes unseen with the hypergeometric
probability that none of these is drawn.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Collection
from fractions import Fraction

from benchmark.contracts.parameters.bounds import MOST_SEED
from benchmark.contracts.seeds import generator

FORGED_SHARE = Fraction(1, 10)
MOST_UNSEEN = Fraction(5, 100)


def forged_trials(trials: int) -> int:
    """Give the fewest trials that are a tenth of an archive.

    >>> forged_trials(100), forged_trials(101), forged_trials(3)
    (10, 11, 1)
    """
    return math.ceil(trials * FORGED_SHARE)


def unseen(trials: int, forged: int, rerun: int) -> Fraction:
    """Give the exact probability that no forged trial is among those run again.

    Parameters
    ----------
    trials
        How many trials the archive holds.
    forged
        How many of them are forged.
    rerun
        How many are drawn, without replacement.

    >>> unseen(10, 1, 4)
    Fraction(3, 5)
    """
    return Fraction(math.comb(trials - forged, rerun), math.comb(trials, rerun))


def fewest_reruns(trials: int) -> int:
    """Give the fewest reruns by which a forger of a tenth is found in 95 % of draws.

    >>> fewest_reruns(1), fewest_reruns(100), fewest_reruns(1_000_000)
    (1, 25, 29)
    """
    forged = forged_trials(trials)
    return next(rerun for rerun in range(trials + 1) if unseen(trials, forged, rerun) <= MOST_UNSEEN)


def fresh_seed() -> int:
    """Give a seed from the system's own entropy, which nobody knows beforehand."""
    return secrets.randbelow(MOST_SEED + 1)


def drawn(trials: Collection[str], rerun: int, seed: int) -> list[str]:
    """Draw trials without replacement; the order in which they are given is of no
    matter.
    """
    ordered = sorted(trials)
    chosen = generator("submission", seed).choice(len(ordered), size=rerun, replace=False)
    return [ordered[place] for place in sorted(chosen.tolist())]
