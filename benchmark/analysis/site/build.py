"""From archives to a static site."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.analysis.site.contents import OF_THE_CELL, Contents, contents_of
from benchmark.analysis.site.folder import refuse_foreign, write_folder
from benchmark.analysis.site.leaderboard import board_data, leaderboard
from benchmark.analysis.site.methods import words_of
from benchmark.analysis.site.names import cell_path, file_names, method_path, trials_path
from benchmark.analysis.site.render import GENERATOR, Renderer, stylesheet
from benchmark.analysis.site.rows import RULES, Rows, TrialRow, best_and_worst
from benchmark.analysis.site.selections import choices_of
from benchmark.analysis.site.shared_text import shared_text
from benchmark.analysis.verdict import opening
from benchmark.records.machine import collector_paused
from benchmark.records.schema import Record

TITLE = "Learning with noisy labels: leaderboard"


@dataclass(frozen=True, slots=True)
class SiteReport:
    """What was written: the folder, how many pages, trials and bytes."""

    folder: Path
    pages: int
    trials: int
    size: int


def write_site(
    folder: Path,
    sources: Sequence[Path],
    records_of: Callable[[Path], Iterable[Record]],
    reference: str = "cross_entropy",
) -> SiteReport:
    """Write the site of some archives; the same archives give the same bytes.

    Parameters
    ----------
    folder
        Where it goes: a folder that is missing or empty, or that holds a site as it
        was written. Anything else is a BenchmarkError, and nothing is changed.
    sources
        Archives and run folders.
    records_of
        Gives the records of one of them.
    reference
        The method that the others are compared with.
    """
    refuse_foreign(folder, GENERATOR)
    with collector_paused():
        contents = contents_of(sources, records_of, reference)
    files = dict(_files(contents, sources))
    size = write_folder(folder, files, GENERATOR)
    trials = sum(len(setting.results.trials) for setting in contents.settings)
    return SiteReport(folder, len(files) - 1, trials, size)


def _files(contents: Contents, sources: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of each file."""
    renderer = Renderer()
    names = file_names(sorted({str(name) for setting in contents.settings for name in setting.results.methods.index}))
    every = [Rows(setting) for setting in contents.settings]
    yield "site.css", stylesheet()
    yield "index.html", _index(renderer, contents, names, sources)
    for method, file in names.items():
        yield method_path(file), _method_page(renderer, every, method, names)
    for rows in every:
        for cell in dict.fromkeys(cell for cell, _ in rows.pairs):
            yield cell_path(cell), _cell_page(renderer, contents, rows, cell, names)
        for cell, method in rows.pairs:
            yield trials_path(cell, names[method]), _trials_page(renderer, contents, rows, cell, method, names)


def _index(renderer: Renderer, contents: Contents, names: dict[str, str], sources: Sequence[Path]) -> bytes:
    boards = [leaderboard(setting, choices_of(setting), names) for setting in contents.settings]
    return renderer.index(
        TITLE,
        [board_data(board) for board in boards],
        boards=boards,
        verdicts={setting.key: opening(setting.results) for setting in contents.settings},
        apart=contents.separation.sentences(),
        sources=[str(source) for source in sources],
    )


def _method_page(renderer: Renderer, every: Sequence[Rows], method: str, names: dict[str, str]) -> bytes:
    parts = []
    for rows in every:
        if mine := rows.of_method(method):
            best, worst = best_and_worst(mine)
            broken = [row for row in mine if row.broken]
            parts.append({"rows": rows, "mine": mine, "best": best, "worst": worst, "broken": broken})
    return renderer.page(
        "method.html", method, method=method, words=words_of(method), parts=parts, rules=RULES, names=names,
        trials_path=trials_path, cell_path=cell_path,
    )  # fmt: skip


def _cell_page(renderer: Renderer, contents: Contents, rows: Rows, cell: str, names: dict[str, str]) -> bytes:
    """Give the page of a cell: what the noise did under each seed, and every method."""
    seen: dict[int, str] = {}
    for one, method in rows.pairs:
        for trial in rows.trials(cell, method) if one == cell else ():
            if told := contents.trials[trial.key].parts.get(OF_THE_CELL):
                seen.setdefault(trial.seed, "\n".join((OF_THE_CELL, *told)))
    mine = rows.of_cell(cell)
    return renderer.page(
        "cell.html", f"{mine[0].corpus} under {mine[0].noise}", mine=mine, rows=rows, seen=sorted(seen.items()),
        rules=RULES, names=names, trials_path=trials_path, method_path=method_path,
    )  # fmt: skip


def _trials_page(
    renderer: Renderer, contents: Contents, rows: Rows, cell: str, method: str, names: dict[str, str]
) -> bytes:
    """Give the page of a method's trials in a cell, with what `explain` says of
    each.
    """
    trials = list(rows.trials(cell, method))
    row = rows.row(cell, method)
    common, own = shared_text({trial.key[0]: _told(contents, trial) for trial in trials})
    return renderer.page(
        "trials.html", f"{method} on {row.corpus} under {row.noise}", row=row, rows=rows, trials=trials, common=common,
        own=own, texts=contents.trials, rules=RULES, file=names[method], cell_path=cell_path, method_path=method_path,
    )  # fmt: skip


def _told(contents: Contents, trial: TrialRow) -> dict[str, tuple[str, ...]]:
    """Give what `explain` says of a trial, but for what its cell's page tells."""
    return {part: lines for part, lines in contents.trials[trial.key].parts.items() if part != OF_THE_CELL}
