"""The headline check: the mean gains that a paper claims, and those measured here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmark.analysis.computed_once import computed_once
from benchmark.analysis.layout.format import capitalised, plural, rule_name, signed
from benchmark.analysis.layout.table import Cell, Column, Row, Table
from benchmark.analysis.papers.cells import fine_tuned, narrowed, places_of
from benchmark.analysis.papers.mean_gain import Gain, mean_gain
from benchmark.analysis.papers.sources import Sources
from benchmark.analysis.papers.spec import Paper, PaperTable
from benchmark.analysis.papers.tables import APART, gain_text
from benchmark.analysis.result_set import ResultSet
from benchmark.records.schema import HEADLINE_RULES

EACH = "over the best baseline of each cell"
ONE = "over the baseline that is best on average"


@dataclass(frozen=True, slots=True)
class Check:
    """One measured gain: of which table, over what, under which rule."""

    table: PaperTable
    against: str
    rule: str
    gain: Gain


@computed_once
def checks(results: ResultSet, paper: Paper) -> tuple[Check, ...]:
    """Give every reading of every table's mean gain, the controls' too, under both
    headline rules.
    """
    return tuple(_checks(paper, results))


def _checks(paper: Paper, results: ResultSet) -> Iterator[Check]:
    shown = narrowed(results, paper.methods)
    for table in paper.tables:
        places = places_of(table, shown)
        cells = [place.cell or f"{place.corpus} {place.noise}" for place in places]
        for rule in HEADLINE_RULES:
            yield Check(table, EACH, rule, mean_gain(shown, rule, cells, paper.method, paper.baselines))
            yield Check(table, ONE, rule, mean_gain(shown, rule, cells, paper.method, paper.baselines, one_rival=True))
            for control in paper.controls:
                gain = mean_gain(shown, rule, cells, paper.method, [control])
                yield Check(table, f"over {control}, which the paper lacks", rule, gain)


def headline_table(paper: Paper, results: ResultSet, figures: pd.DataFrame) -> Table:
    """Mean gains, published (for fine-tuned models alone) and measured under both
    rules.
    """
    beside = fine_tuned(results)
    sources = Sources()
    found = checks(results, paper)
    rows: list[Row] = []
    for table in paper.tables:
        mine = [check for check in found if check.table.key == table.key]
        for place, against in enumerate(dict.fromkeys(check.against for check in mine)):
            gains = [check.gain for check in mine if check.against == against]
            texts = [*map(gain_text, gains), _rivals(paper, against, gains), _seeds(gains)]
            if beside:
                texts.insert(0, _published(figures, table, sources) if against in (EACH, ONE) else "")
            rows.append(Row(f"{table.title}: {against}", tuple(map(Cell, texts)), rule=place == 0 and bool(rows)))
    columns = [*(["published"] if beside else []), *map(rule_name, HEADLINE_RULES), "baselines", "seeds"]
    caption = _caption(paper, results, sources)
    title = f"Mean gain of {paper.method}, {results.name}"
    return Table("headline", "headline", title, caption, "points", tuple(map(Column, columns)), tuple(rows))


def sentences(paper: Paper, settings: Sequence[ResultSet], figures: pd.DataFrame) -> tuple[str, ...]:
    """Say what the paper claims and what was measured, a sentence a table and
    fine-tuned setting.
    """
    found = []
    tuned = [results for results in settings if fine_tuned(results)]
    for table in paper.tables:
        claim = f"{table.title}: the mean gain of {paper.method} over the best baseline is published as "
        claim += f"{_published(figures, table, Sources()).partition(' [')[0] or 'nothing that was found'}"
        words = [
            _measured(paper, check) for results in tuned for check in _of(paper, results, table) if check.gain.against
        ]
        found.append(f"{claim}; measured here {'; '.join(words) if words else 'not yet, in no fine-tuned run'}.")
    apart = [results.name for results in settings if not fine_tuned(results)]
    if apart:
        found.append(f"Tables of their own, with nothing published beside them: {'; '.join(apart)}.")
    return tuple(found)


def _of(paper: Paper, results: ResultSet, table: PaperTable) -> list[Check]:
    return [check for check in checks(results, paper) if check.table.key == table.key and check.against == EACH]


def _measured(paper: Paper, check: Check) -> str:
    gain = check.gain
    interval = f" ({signed(100 * gain.low, 2)} to {signed(100 * gain.high, 2)})" if np.isfinite(gain.low) else ""
    cells = f"{len(gain.against)} of {plural(gain.wanted, 'cell')}, {gain.rivals} of {len(paper.baselines)} baselines, "
    cells += plural(gain.seeds, "seed")
    return f"{signed(100 * gain.difference, 2)}{interval} at the {rule_name(check.rule)} ({cells})".replace(
        "at the best", "at the point that is best"
    )


def _published(figures: pd.DataFrame, table: PaperTable, sources: Sources) -> str:
    rows = figures[(figures["table"] == table.key) & (figures["corpus"] == "")]
    return ", ".join(f"{signed(row['value'], 2)}{sources.mark(row)}" for _, row in rows.iterrows())


def _rivals(paper: Paper, against: str, gains: Sequence[Gain]) -> str:
    """Tell how many of the paper's baselines the best was picked from, at worst."""
    if against not in (EACH, ONE):
        return ""
    return f"{min(gain.rivals for gain in gains)}/{len(paper.baselines)}"


def _seeds(gains: Sequence[Gain]) -> str:
    return str(max(gain.seeds for gain in gains))


def _caption(paper: Paper, results: ResultSet, sources: Sources) -> str:
    words = (
        f"{capitalised(results.name)}. Accuracy points, mean over the cells of the paper's table, "
        "with a 95 % interval (seeds paired; variance from test examples added). k/n: cells where the method and a "
        "baseline have every seed. Baselines: how many of the paper's were measured in full, at fewest. "
        "The best baseline is picked on the same test results, so that gains over it lean low. "
        f"The source does not say which of the two readings the published gain has. {paper.caveats.strip()} "
    )
    return words + (str(sources) if fine_tuned(results) else f"{APART} ")
