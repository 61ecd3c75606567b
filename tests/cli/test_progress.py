"""What a run shows before its first trial and while texts are encoded."""

import io

import pytest
from rich.console import Console

from benchmark.cli import progress
from benchmark.cli.progress import Progress


class Time:
    """A clock that a test moves."""

    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Time()
    monkeypatch.setattr(progress, "time", made)
    return made


@pytest.fixture
def shown(tmp_path, monkeypatch):
    """Makes a progress on a terminal or a pipe, with what it has written."""

    def make(terminal):
        written = io.StringIO()
        console = Console(file=written, width=80, force_terminal=terminal, color_system=None)
        monkeypatch.setattr(progress, "make_console", lambda error: console)
        return Progress("A title", tmp_path / "run"), written

    return make


def encode(listener, clock, seconds):
    """Encode 1,000 texts, of which the first tenth holds half of the work."""
    listener.preparing("trec through frozen:minilm")
    for texts, share in ((100, 0.5), (500, 0.75), (1000, 1.0)):
        clock.now += seconds
        listener.encoded(texts, 1000, share)


def test_a_pipe_is_told_of_texts_done_and_time_left(clock, shown):
    listener, written = shown(terminal=False)
    with listener:
        encode(listener, clock, 20.0)
    lines = [line for line in written.getvalue().splitlines() if " texts, " in line]
    assert lines == ["trec through frozen:minilm: 500 of 1000 texts, 20 s left"]


def test_the_time_left_goes_by_the_work_of_this_run_alone(clock, shown):
    """Texts of the cache, and those that another process has encoded before, take no
    time.
    """
    listener, written = shown(terminal=False)
    with listener:
        listener.preparing("trec through frozen:minilm")
        for seconds, share in ((5.0, 0.5), (0.1, 0.8), (20.0, 0.9)):
            clock.now += seconds
            listener.encoded(round(1000 * share), 1000, share)
    assert "900 of 1000 texts, 20 s left" in written.getvalue()


def test_a_pipe_has_at_most_a_line_each_ten_seconds(clock, shown):
    listener, written = shown(terminal=False)
    with listener:
        listener.preparing("trec through frozen:minilm")
        for texts in range(1, 500):
            clock.now += 0.1
            listener.encoded(texts, 1000, texts / 1000)
    assert written.getvalue().count("left") == 4


def test_a_terminal_shows_a_bar_of_the_texts_and_then_of_the_trials(shown):
    listener, written = shown(terminal=True)
    with listener:
        listener.started(12, 0)
        listener.preparing("trec through frozen:minilm")
        listener.encoded(100, 1000, 0.5)
        listener._bar.refresh()
        texts = written.getvalue()
        listener._hide_before()
        assert [task.description for task in listener._bar.tasks] == ["trials"]
    assert "encoding texts" in texts
    assert "500/1000" in texts
    assert "left" in texts
    assert "0/12" in texts


def test_a_terminal_is_told_the_same_time_left_as_a_pipe_and_none_after_the_first_batches(clock, shown):
    """Batches on several cores end together, which says nothing of their pace."""
    listener, written = shown(terminal=True)
    with listener:
        listener.preparing("trec through frozen:minilm")
        for seconds, texts in ((9.0, 100), (0.01, 200)):
            clock.now += seconds
            listener.encoded(texts, 1000, texts / 1000)
        listener._bar.refresh()
        assert "--:-- left" in written.getvalue()
        clock.now += 10.0
        listener.encoded(400, 1000, 0.4)
        listener._bar.refresh()
    assert "30 s left" in written.getvalue()


def test_a_run_says_its_folder_when_it_starts(shown, tmp_path):
    listener, written = shown(terminal=False)
    with listener:
        assert f"run folder: {tmp_path}/run" in " ".join(written.getvalue().split()).lower()
