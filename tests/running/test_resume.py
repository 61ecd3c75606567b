"""What a second run does: nothing that is finished, everything that is not."""

import re

import pytest

from benchmark.experiment import plan
from benchmark.records.run_folder import RunFolder

INLINE = ("--executor", "inline")


@pytest.fixture
def again(command, run_copy, two_methods, content):
    """Runs the finished grid again.

    Gives how it ended, and the records whose files were written.
    """

    def run(*more, out=run_copy):
        before = {path.name: path.stat().st_mtime_ns for path in (out / "records").glob("*.json")}
        ended = command("run", *two_methods, *INLINE, "--out", out, *more)
        after = {path.name: path.stat().st_mtime_ns for path in (out / "records").glob("*.json")}
        return ended, {name for name in after if before.get(name) != after[name]}

    return run


def test_a_finished_grid_runs_nothing(again):
    ended, written = again()
    assert ended.code == 0
    assert not written
    assert "4 trials, 4 done, 0 to run" in ended.err
    assert "0 trials run" in ended.err


def test_an_enlarged_grid_runs_the_new_trials_alone(again):
    ended, written = again("--seeds", "3")
    assert ended.code == 0
    assert len(written) == 2
    assert "6 trials, 4 done, 2 to run" in ended.err


def test_a_changed_parameter_runs_its_method_alone(again, command, run_copy, two_methods):
    planned = command("plan", *two_methods[:-5], "--seeds", "2", "--methods", "gce[q=0.5]", "--out", run_copy)
    assert "2 stale" in planned.out
    assert "method: gce → gce[q=0.5]" in planned.out
    assert len(again("--set", "gce.q=0.5")[1]) == 2


def test_a_truncated_record_is_quarantined_said_and_redone(again, run_copy, finished_run, content):
    path = sorted((run_copy / "records").iterdir())[0]
    path.write_text(path.read_text()[:100])
    ended, written = again()
    assert written == {path.name}
    assert (run_copy / "quarantine" / path.name).exists()
    assert re.search(r"\b1 .*quarantine", " ".join(ended.err.split()))
    assert path.name in ended.err
    assert content(run_copy) == content(finished_run)


def test_a_record_under_another_trials_name_is_redone(again, run_copy, finished_run, content):
    first, second = sorted((run_copy / "records").iterdir())[:2]
    first.write_text(second.read_text())
    assert again()[1] == {first.name}
    assert content(run_copy) == content(finished_run)


def test_a_failed_trial_is_tried_again(again, run_copy, finished_run, content):
    folder = RunFolder(run_copy)
    record = next(iter(folder.read().records.values()))
    folder.write(record.model_copy(update={"status": "failed", "selections": {}}))
    ended, written = again()
    assert ended.code == 0
    assert written == {f"{record.trial}.json"}
    assert content(run_copy) == content(finished_run)


def test_changed_code_is_said_and_redone_only_when_asked(again, command, run_copy, two_methods, monkeypatch):
    real = plan.code_digest
    monkeypatch.setattr(plan, "code_digest", lambda cls: "x" if cls.name == "gce" else real(cls))
    planned = command("plan", *[o for o in two_methods if o != "--no-report"], "--out", run_copy)
    assert "2 done, 2 changed" in planned.out
    assert "version" in planned.out
    ended, written = again()
    assert not written
    assert "2 finished trial(s)" in ended.err
    assert "--rerun-changed" in ended.err
    ended, written = again("--rerun-changed")
    assert len(written) == 2
    assert "4 trials, 2 done, 2 to run" in ended.err


def test_an_archive_counts_as_finished(again, command, run_copy, tmp_path):
    archive = tmp_path / "measured.parquet"
    assert command("archive", run_copy, archive).code == 0
    empty = tmp_path / "other"
    ended, written = again("--archive", archive, "--seeds", "3", out=empty)
    assert ended.code == 0
    assert len(written) == 2
    assert "6 trials, 4 done, 2 to run" in ended.err


def test_a_trial_gives_the_same_alone_and_after_another(command, two_methods, tmp_path, finished_run, content):
    alone = tmp_path / "alone"
    assert command("run", *two_methods, *INLINE, "--out", alone, "--methods", "gce", "--seeds", "1,").code == 0
    (trial,) = content(alone)
    assert content(alone)[trial] == content(finished_run)[trial]


def test_explains_command_runs_just_that_trial_with_the_same_numbers(command, run_copy, content, monkeypatch, tmp_path):
    import shlex

    trial = next(iter(content(run_copy)))
    explained = command("explain", trial[:6], "--from", run_copy)
    line = explained.out.strip().splitlines()[-1].strip()
    assert line.startswith("python -m benchmark run --trial")
    monkeypatch.chdir(tmp_path)
    ended = command(*shlex.split(line)[3:], "--no-report", *INLINE)
    assert ended.code == 0, ended.err
    again = content(tmp_path / f"run-{trial}")
    assert again == {trial: content(run_copy)[trial]}
