"""What becomes of a run in which something goes wrong; in this process."""

import errno
import re
import signal

import pytest

from benchmark.records.run_folder import RunFolder
from benchmark.training.encoders.names import Encoder
from tests.support.cache import with_apidocs

INLINE = ("--executor", "inline")
TINY_AXES = ("--corpora", "apidocs", "--encoder", "scratch:tiny")


@pytest.fixture
def statuses():
    def read(folder):
        return {record.method: record.status for record in RunFolder(folder).read().records.values()}

    return read


@pytest.mark.usefixtures("own_registry")
def test_a_failing_method_does_not_stop_the_others(command, tiny, plugin, tmp_path, statuses):
    out = tmp_path / "run"
    options = [option for option in tiny if option != "--no-report"]
    ended = command(
        "run", *options, *INLINE, "--plugin", plugin, "--methods", "raises,cross_entropy,halved", "--seeds", "1",
        "--out", out, "--reference", "cross_entropy",
    )  # fmt: skip
    assert ended.code == 1
    assert statuses(out) == {"raises": "failed", "cross_entropy": "done", "halved": "done"}
    assert "ValueError: on purpose" in " ".join(ended.err.split())
    assert "1 left (1 failed)" in ended.err
    assert re.search(r"\b2 finished.*\b1 failed", ended.out)
    record = next(r for r in RunFolder(out).read().records.values() if r.method == "raises")
    assert record.failure.traceback_tail
    assert not record.selections


@pytest.mark.usefixtures("own_registry")
def test_fail_fast_stops_at_the_first_failure(command, tiny, plugin, tmp_path, statuses):
    out = tmp_path / "run"
    ended = command(
        "run", *tiny, *INLINE, "--plugin", plugin, "--methods", "raises,cross_entropy", "--seeds", "1", "--fail-fast",
        "--out", out,
    )  # fmt: skip
    assert ended.code == 1
    assert statuses(out) == {"raises": "failed"}
    assert "stopped by --fail-fast" in ended.err


@pytest.mark.usefixtures("own_registry")
def test_a_trial_past_its_time_is_a_failed_record_and_others_go_on(command, tiny, plugin, tmp_path, statuses):
    out = tmp_path / "run"
    ended = command(
        "run", *tiny, *INLINE, "--plugin", plugin, "--methods", "endless,cross_entropy", "--seeds", "1",
        "--trial-hours", 4 / 3600, "--out", out,
    )  # fmt: skip
    assert ended.code == 1
    assert statuses(out) == {"endless": "failed", "cross_entropy": "done"}
    assert "TrialTimeoutError" in ended.err


def test_max_hours_stops_before_the_next_trial(command, two_methods, tmp_path, content):
    ended = command("run", *two_methods, *INLINE, "--max-hours", 1e-9, "--out", tmp_path / "run")
    assert ended.code == 1
    assert re.search(r"--max-hours.*\b0 trials", ended.err)
    assert "4 left" in ended.err


def test_a_full_disk_stops_the_run_and_keeps_what_is_written(
    command, two_methods, tmp_path, monkeypatch, content, finished_run
):
    import benchmark.running.run
    from benchmark.files.disk import disk_errors

    out = tmp_path / "run"
    written = []

    class Filling(RunFolder):
        def write(self, record):
            if written:
                with disk_errors(self.path):
                    raise OSError(errno.ENOSPC, "No space left on device")
            written.append(record.trial)
            super().write(record)

    monkeypatch.setattr(benchmark.running.run, "RunFolder", Filling)
    ended = command("run", *two_methods, *INLINE, "--out", out)
    assert ended.code == 2
    assert "disk" in ended.err
    assert "stay" in ended.err
    assert list(content(out)) == written
    monkeypatch.undo()
    assert command("run", *two_methods, *INLINE, "--out", out).code == 0
    assert content(out) == content(finished_run)


def test_ctrl_c_ends_the_running_trial_says_what_is_left_and_frees_the_lock(
    command, two_methods, tmp_path, monkeypatch, content
):
    from benchmark.running.executors import inline

    real, out = inline.run_task, tmp_path / "run"

    def interrupted(task):
        signal.raise_signal(signal.SIGINT)
        return real(task)

    monkeypatch.setattr(inline, "run_task", interrupted)
    ended = command("run", *two_methods, *INLINE, "--out", out)
    assert ended.code == 130
    assert len(content(out)) == 1
    assert re.search(r"Ctrl-C.*\b1 trial\b", ended.err)
    assert "3 left" in ended.err
    with RunFolder(out).locked():
        pass


def test_a_second_ctrl_c_stops_at_once(command, two_methods, tmp_path, monkeypatch, content):
    from benchmark.running.executors import inline

    def interrupted(task):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("not reached")

    monkeypatch.setattr(inline, "run_task", interrupted)
    before = signal.getsignal(signal.SIGINT)
    ended = command("run", *two_methods, *INLINE, "--out", tmp_path / "run")
    assert ended.code == 130
    assert "Interrupted" in ended.err
    assert not content(tmp_path / "run")
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_while_preparing_starts_no_trial(command, two_methods, tmp_path, monkeypatch, content):
    from benchmark.cli.progress import Progress

    monkeypatch.setattr(Progress, "preparing", lambda self, what: signal.raise_signal(signal.SIGINT))
    ended = command("run", *two_methods, *INLINE, "--out", tmp_path / "run")
    assert ended.code == 130
    assert "0 trials run" in ended.err
    assert not content(tmp_path / "run")


def test_weights_that_are_fetched_enter_the_id_before_the_trial_runs(tmp_path, two_methods, command, monkeypatch):
    """A record under the id of absent weights would be stale on the next run."""
    from benchmark.experiment.choices import Choices
    from benchmark.experiment.expansion import expand
    from benchmark.experiment.grid import load_grid

    there = []
    monkeypatch.setattr(Encoder, "at_hand", lambda self: bool(there))
    monkeypatch.setattr(Encoder, "fetch", lambda self: there.append(self.name))
    monkeypatch.setattr(Encoder, "weights_digest", lambda self: "fetched" if there else "absent")
    out = tmp_path / "run"
    assert command("run", *two_methods, *INLINE, "--methods", "gce", "--seeds", "1", "--out", out).code == 0
    chosen = Choices(("gce",), ("apidocs",), ("symmetric(0.4)",), ("scratch:tiny",), 1, (), 16, 1)
    assert set(RunFolder(out).read().records) == {config.id for config in expand(load_grid("demo"), chosen)}


def test_what_is_not_at_hand_is_left_out_when_asked(command, two_methods, tmp_path, monkeypatch, content):
    monkeypatch.setenv("BENCHMARK_DATA", str(tmp_path))
    monkeypatch.setenv("BENCHMARK_CACHE", str(with_apidocs(tmp_path / "cache")))
    monkeypatch.setenv("BENCHMARK_OFFLINE", "1")
    options = (*two_methods, "--corpora", "apidocs,trec", "--encoder", "scratch:tiny,frozen:some/encoder")
    options += (*INLINE, "--seeds", "1", "--out", tmp_path / "run")
    refused = command("run", *options)
    assert refused.code == 2
    assert not content(tmp_path / "run")
    for part in ("corpus trec:", "encoder frozen:some/encoder:", "At hand are", "apidocs", "--skip-unavailable"):
        assert part in refused.err
    ended = command("run", *options, "--skip-unavailable")
    assert ended.code == 0
    assert len(content(tmp_path / "run")) == 2
    assert re.search(r"without 6\b", ended.err)
    assert "6 left out" in ended.err


def test_noise_that_hides_the_classes_is_refused_with_its_bound_unless_it_is_allowed(command, tiny, tmp_path, content):
    chosen = ("--noises", "symmetric(0.9),clean()", "--methods", "cross_entropy", "--seeds", "1")
    options = (*tiny, *INLINE, *chosen, "--out", tmp_path / "run")
    for verb, given in (("run", options), ("plan", (*TINY_AXES, *chosen))):
        refused = command(verb, *given)
        assert refused.code == 2
        assert "apidocs: symmetric(0.9)" in refused.err
        assert "0.875" in refused.err
        assert "--allow-unidentifiable" in refused.err
        assert not content(tmp_path / "run")
    allowed = command("plan", *TINY_AXES, *chosen, "--allow-unidentifiable")
    assert allowed.code == 0
    assert "0.875" in allowed.err
    assert "2 trials" in allowed.out
    ended = command("run", *options, "--allow-unidentifiable")
    assert ended.code == 0
    assert "Warning" in ended.err
    assert "0.875" in ended.err
    assert len(content(tmp_path / "run")) == 2


def test_mixtures_run_to_a_report_and_score_the_texts_of_remaining_classes(command, tiny, tmp_path):
    noises = "symmetric(0.2)+open_set(0.05),imbalance(4)+hub(0.3)"
    options = [option for option in (*tiny, *INLINE) if option != "--no-report"]
    options += ["--noises", noises, "--methods", "cross_entropy,co_teaching", "--seeds", "1"]
    ended = command("run", *options, "--out", tmp_path / "run")
    records = list(RunFolder(tmp_path / "run").read().records.values())
    assert ended.code == 0, ended.err
    assert len(records) == 4
    assert {record.status for record in records} == {"done"}
    for record in records:
        manifest = record.manifest
        held_out = "open_set" in record.noise
        assert manifest.known_classes == (6 if held_out else None)
        assert manifest.num_classes == 8
        assert manifest.test_rows < 16 if held_out else manifest.test_rows == 16
        for selection in record.selections.values():
            right = selection.correctness(manifest.test_rows).mean()
            assert right == pytest.approx(selection.metrics["test_accuracy"])
    table = (tmp_path / "run" / "report" / "table.md").read_text()
    assert all(noise in table for noise in noises.split(","))
    again = command("run", *options, "--out", tmp_path / "run")
    assert again.code == 0
    assert len(RunFolder(tmp_path / "run").read().records) == 4


def test_an_oracle_is_refused_as_the_reference_before_anything_runs(command, tiny, tmp_path):
    leaky = "dygen[mode=released_leaky]"
    ended = command(
        "run", *tiny, "--methods", f"cross_entropy,{leaky}", "--reference", leaky, "--out", tmp_path / "run"
    )
    assert ended.code == 2
    assert "never ranked" in ended.err
    assert not (tmp_path / "run" / "records").exists()
