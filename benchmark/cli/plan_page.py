"""What `plan` prints: sums first, then methods by corpora, what is absent, trials."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmark.analysis.layout.format import duration
from benchmark.cli.output import say, shortened, tell, wrapped
from benchmark.experiment.plan import STATES, Cost, Row
from benchmark.records.machine import cores

MOST_LINES = 30
MOST_METHODS = 12
MOST_CORPORA = 5
MOST_ABSENT = 6
MOST_REASONS = 4
MOST_TRIALS = 8
LONGEST_WHY = 200
COLUMNS = ("trial", "method", "corpus", "noise", "encoder", "seed", "state")
GAP = "  "


def show(
    title: str, folder: Path, rows: Sequence[Row], cost: Cost, absent: Sequence[str], every: bool, on_a_gpu: str = ""
) -> None:
    """Print a plan on one screen; `every` lists all trials in place of some of those to
    run, and `on_a_gpu` says how trials would share a GPU.
    """
    todo = [row for row in rows if row.to_run(rerun_changed=False)]
    said = [*_sums(title, folder, rows), *(_costs(cost, len(todo)) if todo else ())]
    said += [on_a_gpu] if on_a_gpu else []
    if todo:
        said += ["", *_by_method(rows), *_missing_data(absent)]
    said += _reasons(rows)
    for line in said:
        tell(line)
    listed = rows if every else [row for row in rows if row.state != "done"]
    taken = sum(wrapped(line, 80).count("\n") + 1 for line in said)
    most = len(listed) if every else max(0, min(MOST_TRIALS, MOST_LINES - taken - 4))
    for line in _trials(listed, most):
        say(line)


def _sums(title: str, folder: Path, rows: Sequence[Row]) -> Iterator[str]:
    """Say how many trials of what there are, and in which state."""
    counts = Counter(row.state for row in rows)
    labels = [row.config.label for row in rows]
    axes = {
        "method": len({label[0] for label in labels}),
        "cell": len({label[1:3] for label in labels}),
        "encoder": len({label[3] for label in labels}),
        "seed": len({label[4] for label in labels}),
    }
    shape = " × ".join(f"{number} {word}{'' if number == 1 else 's'}" for word, number in axes.items())
    yield f"{title}: {len(rows)} trials"
    yield ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state])
    yield f"{shape}; a cell is a corpus under a noise"
    yield f"Run folder: {folder}"


def _costs(cost: Cost, trials: int) -> Iterator[str]:
    """Say what the trials to run will take, and by what it is judged."""
    known = trials - cost.unknown
    if known:
        took = f"Cost: {duration(cost.seconds / cores())} on {cores()} cores for {known} of {trials} trials"
        yield f"{took}, without preparing texts and labels"
    if cost.by_measured:
        yield (
            f"An estimate: {cost.by_measured} of these trials have no record at hand to go by. They are judged by the "
            "archives of results/measured and a short timing of this machine."
        )
    if cost.unknown:
        yield f"No estimate for {cost.unknown} trials: their encoder was never measured, here or in results/measured."


def _by_method(rows: Sequence[Row]) -> Iterator[str]:
    """Count the trials that are done by method and corpus, or by method alone where
    corpora are many.
    """
    corpora = list(dict.fromkeys(row.config.corpus for row in rows))
    columns = corpora if 1 < len(corpora) <= MOST_CORPORA else []
    every, done = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for row in rows:
        for corpus in ("all", row.config.corpus):
            every[row.config.method, corpus] += 1
            done[row.config.method, corpus] += row.state in ("done", "changed")
    names = list(dict.fromkeys(row.config.method for row in rows))
    heads = [*columns, "all" if columns else "done of all"]
    table = [["method", *heads]]
    for name in names[:MOST_METHODS]:
        keys = [(name, column) for column in (*columns, "all")]
        table.append([name, *(f"{done[key]}/{every[key]}" if every[key] else "-" for key in keys)])
    yield from _aligned(table)
    if len(names) > MOST_METHODS:
        rest = [(name, "all") for name in names[MOST_METHODS:]]
        yield (
            f"{len(rest)} more methods, {sum(done[key] for key in rest)}/{sum(every[key] for key in rest)}; "
            "--json shows all"
        )


def _missing_data(absent: Sequence[str]) -> Iterator[str]:
    if not absent:
        return
    yield "Absent; --skip-unavailable runs without what cannot be downloaded:"
    yield from (f"  {line}" for line in absent[:MOST_ABSENT])
    if len(absent) > MOST_ABSENT:
        yield f"  {len(absent) - MOST_ABSENT} more; data list shows all corpora"


def _reasons(rows: Sequence[Row]) -> Iterator[str]:
    """Say why trials are not done though they were run, the most frequent reasons
    first.
    """
    found = Counter((row.state, shortened(row.why, LONGEST_WHY)) for row in rows if row.why)
    for (state, why), count in found.most_common(MOST_REASONS):
        yield f"{count} {state}: {why}"
    if len(found) > MOST_REASONS:
        yield f"{len(found) - MOST_REASONS} more reasons; --json shows all"


def _trials(rows: Sequence[Row], most: int) -> Iterator[str]:
    """Say what all shown trials have in common, and write a line a trial."""
    if not rows or not most:
        return
    columns = [(name, [_cells(row)[place] for row in rows]) for place, name in enumerate(COLUMNS)]
    common = [(name, cells[0]) for name, cells in columns if len(set(cells)) == 1 and name != "trial"]
    yield ""
    if common:
        yield "All: " + ", ".join(f"{name} {cell}" for name, cell in common)
    varied = [[name, *cells[:most]] for name, cells in columns if (name, cells[0]) not in common]
    yield from _aligned([list(row) for row in zip(*varied, strict=True)])
    if len(rows) > most:
        yield f"{len(rows) - most} more trials; --json shows all"


def _aligned(table: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        yield GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _cells(row: Row) -> tuple[str, ...]:
    return (row.config.id, *map(str, row.config.label), row.state)
