"""How a run goes, on a terminal as a bar, elsewhere as a line now and then."""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar
from rich.text import Text

from benchmark.analysis.layout.format import duration, plural
from benchmark.cli.output import shortened
from benchmark.cli.terminal import make_console, show_text
from benchmark.cli.time_left import TimeLeft
from benchmark.records.schema import Record
from benchmark.running.run import Outcome

SECONDS_BETWEEN_LINES = 15.0
SECONDS_BETWEEN_TEXTS = 10.0
LONGEST_MESSAGE = 200
UNKNOWN = "--:--"


class Clock(TimeRemainingColumn):
    """The time left, or the time taken of what has no known length.

    A task with a field `left` is shown that.
    """

    def render(self, task: Task) -> Text:
        """Show the one that there is."""
        if task.total is None:
            return TimeElapsedColumn().render(task)
        if "left" in task.fields:
            return Text(f"{task.fields['left'] or UNKNOWN} left", "progress.remaining")
        return Text.assemble(super().render(task), " left")


class Progress:
    """A listener that shows done, failed, left, the time left and the last result.

    Before the first trial it shows what is prepared, and of texts that are encoded how
    many are done and the time left.
    """

    def __init__(self, title: str, folder: Path) -> None:
        self.console = make_console(error=True)
        self._title, self._folder = title, folder
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(bar_width=16),
            MofNCompleteColumn(),
            TextColumn("{task.fields[state]}"),
            Clock(compact=True),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self._prepared: set[str] = set()
        self._what = ""
        self._before: TaskID | None = None
        self._task: TaskID | None = None
        self._ran = self._failed = self._total = self._done = 0
        self._said = 0.0
        self._opened = self._began = self._told = time.monotonic()
        self._time_left = TimeLeft()

    def __enter__(self) -> Self:
        show_text(self.console, self._title, "bold")
        show_text(self.console, f"Run folder: {self._folder}")
        self._bar.start()
        self._show_before("starting", None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hide_before()
        self._bar.stop()

    def warn(self, text: str) -> None:
        """Print a warning above the bar."""
        show_text(self.console, text, mark="Warning  ", mark_style="yellow")

    def preparing(self, what: str) -> None:
        """Name the artefact that is being made, once for all seeds.

        The time of trials counts from the last one.
        """
        self._began = self._told = time.monotonic()
        self._time_left = TimeLeft()
        self._what = what
        self._show_before("before the first trial", None)
        if what in self._prepared:
            return
        self._prepared.add(what)
        show_text(self.console, f"preparing {what}", "dim")

    def encoded(self, texts: int, every: int, share: float) -> None:
        """Show how many texts are done and the time left; without a terminal, print a
        line from time to time.
        """
        now = time.monotonic()
        left = self._time_left.after(now, share)
        if self.console.is_terminal:
            if self._before is None or self._bar.tasks[-1].total != every:
                self._show_before("encoding texts", every)
            if self._before is not None:
                # The time left goes by the work done, which the longest texts begin.
                self._bar.update(self._before, completed=round(share * every), left=left)
            return
        if left is not None and now - self._told >= SECONDS_BETWEEN_TEXTS:
            self._told = now
            show_text(self.console, f"{self._what}: {texts} of {every} texts, {left} left")

    def started(self, total: int, done: int) -> None:
        """Start the bar where the finished trials end."""
        self._hide_before()
        self._total, self._done = total, done
        show_text(self.console, f"{plural(total, 'trial')}, {done} done, {total - done} to run")
        if total > done:
            self._task = self._bar.add_task("trials", total=total, completed=done, state="")

    def finished(self, record: Record) -> None:
        """Move the bar; without a terminal, print a line from time to time."""
        self._hide_before()
        self._ran += 1
        self._failed += record.status == "failed"
        state = f"{self._failed} failed  {escape(_result(record, record.method))}"
        if self._task is not None:
            self._bar.update(self._task, advance=1, state=state)
        finished = self._done + self._ran
        now = time.monotonic()
        if record.status == "failed" and record.failure is not None:
            message = shortened(record.failure.message, LONGEST_MESSAGE)
            self.warn(f"{_name(record)} failed: {record.failure.error_class}: {message}")
        if not self.console.is_terminal and (now - self._said > SECONDS_BETWEEN_LINES or finished == self._total):
            self._said = now
            left = duration((now - self._began) / self._ran * (self._total - finished))
            ended = f"{finished}/{self._total} ended, {self._failed} failed, {left} left; {_result(record)}"
            show_text(self.console, ended)

    def close(self, outcome: Outcome) -> None:
        """Say how the run ended and what is left."""
        ended = f"stopped by {outcome.stopped_by}; " if outcome.stopped_by else ""
        left = (
            f"{outcome.left} left ({len(outcome.failed)} failed); the same command goes on"
            if outcome.left
            else "none left"
        )
        if outcome.skipped:
            left += f", {outcome.skipped} left out (not at hand)"
        seconds = time.monotonic() - self._opened
        show_text(self.console, f"{ended}{plural(outcome.ran, 'trial')} run in {duration(seconds)}, {left}.")
        show_text(self.console, f"Run folder: {self._folder}")

    def _show_before(self, description: str, total: int | None) -> None:
        """Show what is done before the first trial, with the time that it has taken."""
        self._hide_before()
        self._before = self._bar.add_task(description, total=total, state="")

    def _hide_before(self) -> None:
        if self._before is not None:
            self._bar.remove_task(self._before)
            self._before = None


def _name(record: Record) -> str:
    return f"{record.method} · {record.corpus} · {record.noise} · seed {record.seed}"


def _result(record: Record, name: str | None = None) -> str:
    last = record.selections.get("last")
    found: str = record.status
    if last is not None:
        clean = "test_accuracy" in last.metrics
        share = last.metrics["test_accuracy" if clean else "noisy_test_accuracy"]
        found = f"{100 * share:.1f} %" + ("" if clean else " of noisy test labels")
    return f"{name or _name(record)}: {found}"
