"""The leaderboards of one encoder and recipe, as text for a page and its script."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmark.analysis.layout.format import NONE, gain_range, metric_gain, number
from benchmark.analysis.layout.grid import label
from benchmark.analysis.site.contents import Setting
from benchmark.analysis.site.methods import words_of
from benchmark.analysis.site.names import method_path, trials_path
from benchmark.analysis.site.selections import ALL, Choices
from benchmark.analysis.site.standings import Standing
from benchmark.analysis.verdict.sentences import times


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a leaderboard as text; `link` leads to what its gain is made of."""

    method: str
    place: str
    gain: str
    interval: str
    rank: str
    cost: str
    blocks: str
    link: str


@dataclass(frozen=True, slots=True)
class Board:
    """The leaderboards of a setting.

    `methods` holds label, page and needs by name. `boards` holds each leaderboard's
    sentence and lines, and `places` finds them by choice. `unranked` names oracles and
    controls.
    """

    key: str
    name: str
    unit: str
    reference: str
    labels: str
    choices: Choices
    methods: Mapping[str, tuple[str, str, str]]
    boards: tuple[tuple[str, tuple[Line, ...]], ...]
    unranked: tuple[str, ...]

    @property
    def first(self) -> tuple[str, tuple[Line, ...]]:
        """The leaderboard where nothing is chosen; empty where all cells are clean."""
        place = self.choices.places.get((ALL, ALL, ALL))
        return ("There is no noisy cell here.", ()) if place is None else self.boards[place]


def leaderboard(setting: Setting, choices: Choices, files: Mapping[str, str]) -> Board:
    """Give the leaderboards of a setting; `files` names the page of each method."""
    results = setting.results
    boards = tuple(
        (found.words, tuple(_line(setting, row, cells, files) for row in found.rows)) for found, cells in choices.boards
    )
    methods = {
        str(name): (label(str(name), traits), method_path(files[str(name)]), words_of(str(name)).needs)
        for name, traits in results.methods.iterrows()
    }
    return Board(
        key=setting.key,
        name=results.name,
        unit=results.metric.unit,
        reference=results.reference,
        labels=setting.labels,
        choices=choices,
        methods=methods,
        boards=boards,
        unranked=tuple(name for name in methods if name not in results.ranked),
    )


def board_data(board: Board) -> dict[str, Any]:
    """Give the leaderboards as what the script reads."""
    order = {name: place for place, name in enumerate(board.methods)}
    return {
        "key": board.key,
        "methods": list(board.methods.values()),
        "boards": [
            {
                "words": words,
                "lines": [
                    [order[it.method], it.place, it.gain, it.interval, it.rank, it.cost, it.blocks, it.link]
                    for it in lines
                ],
            }
            for words, lines in board.boards
        ],
        "places": {"\n".join(choice): place for choice, place in board.choices.places.items()},
    }


def _line(setting: Setting, row: Standing, cells: tuple[str, ...], files: Mapping[str, str]) -> Line:
    results = setting.results
    own = f"{method_path(files[row.method])}#{setting.key}"
    return Line(
        method=row.method,
        place=NONE if row.place is None else str(row.place),
        gain="reference" if row.method == results.reference else metric_gain(results.metric, row.gain),
        interval=gain_range(results.metric, row.low, row.high),
        rank=number(row.rank, 1),
        cost=NONE if math.isnan(row.ratio) else times(row.ratio).removesuffix(" times"),
        blocks=str(row.blocks),
        link=trials_path(cells[0], files[row.method]) if len(cells) == 1 else own,
    )
