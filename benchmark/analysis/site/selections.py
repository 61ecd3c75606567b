"""Every choice of corpus, noise kind and rate, with its leaderboard.

The page that filters in a browser computes nothing: each choice that leaves a cell was
computed beforehand, and choices that leave the same cells share one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from benchmark.analysis.layout.format import number
from benchmark.analysis.site.contents import Setting
from benchmark.analysis.site.standings import Standings, standings

ALL = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen of a setting, and the leaderboards of the choices.

    `boards` holds each leaderboard once with its cells, and `places` finds it by
    corpus, noise kind and rate, where an empty text stands for all.
    """

    corpora: tuple[str, ...]
    kinds: tuple[str, ...]
    rates: tuple[str, ...]
    boards: tuple[tuple[Standings, tuple[str, ...]], ...]
    places: dict[tuple[str, str, str], int]


def choices_of(setting: Setting) -> Choices:
    """Compute the leaderboard of every choice that leaves a noisy cell."""
    noisy = setting.results.noisy_cells
    axes = pd.DataFrame(
        {
            "corpus": noisy["corpus"].astype(str),
            "kind": noisy["noise_kind"].astype(str),
            "rate": [rate_text(rate) for rate in noisy["noise_rate"]],
        },
        index=noisy.index,
    )
    corpora, kinds = (tuple(dict.fromkeys(axes[name])) for name in ("corpus", "kind"))
    rates = tuple(sorted(set(axes["rate"]) - {ALL}, key=float))
    boards: list[tuple[Standings, tuple[str, ...]]] = []
    known: dict[tuple[str, ...], int] = {}
    places = {}
    for choice, chosen in _chosen(axes, corpora, kinds, rates):
        if chosen not in known:
            known[chosen] = len(boards)
            boards.append((standings(setting, noisy.loc[list(chosen)]), chosen))
        places[choice] = known[chosen]
    return Choices(corpora, kinds, rates, tuple(boards), places)


def rate_text(rate: float) -> str:
    """Give a requested rate as addresses and menus have it; empty without one.

    >>> rate_text(0.4), rate_text(float("nan"))
    ('0.4', '')
    """
    return ALL if pd.isna(rate) else number(rate, 3).rstrip("0").rstrip(".")


def _chosen(
    axes: pd.DataFrame, corpora: tuple[str, ...], kinds: tuple[str, ...], rates: tuple[str, ...]
) -> Iterator[tuple[tuple[str, str, str], tuple[str, ...]]]:
    """Yield each choice that leaves a cell, with its cells."""
    for choice in itertools.product((ALL, *corpora), (ALL, *kinds), (ALL, *rates)):
        stays = pd.Series(True, index=axes.index)
        for name, value in zip(axes.columns, choice, strict=True):
            if value != ALL:
                stays &= axes[name] == value
        if stays.any():
            yield choice, tuple(map(str, axes.index[stays]))
