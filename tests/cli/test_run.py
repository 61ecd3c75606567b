"""`run` refuses what is wrong before anything starts.

How runs go is tested in test_running and test_resume.
"""

import errno
import json
import os
import re
from pathlib import Path

import pytest

from benchmark.files.disk import DISK_TROUBLE
from benchmark.records.config import TrialConfig
from benchmark.records.run_folder import RunFolder


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--methods", "gec"), "Unknown method 'gec'. Did you mean 'gce'?"),
        (("--noises", "symetric(0.4)"), "Did you mean 'symmetric'?"),
        (("--noises", "symmetric(1.2)"), "symmetric.rate is 1.2 but must be a number in [0, 1)"),
        (("--noises", "symmetric(a)"), "symmetric.rate is 'a' but must be a number"),
        (("--corpora", "apidoc"), "Did you mean 'apidocs'?"),
        (("--encoder", "scratch:huge"), "Known: scratch:tiny"),
        (("--encoder", "frozn:minilm"), "Did you mean 'frozen:minilm'?"),
        (("--grid", "dmo"), "Did you mean 'demo'?"),
        (("--grid", "none.toml"), "Unknown grid 'none.toml'"),
        (("--set", "gce.p=1"), "Unknown parameter of method gce: 'p'"),
        (("--set", "gce.q=x"), "gce.q is 'x' but must be a number"),
        (("--methods", "elr", "--set", "gce.q=0.1"), "not among the chosen ones"),
        (("--set", "q"), "Write method.field=value"),
        (("--seeds", "0"), "--seeds is '0'"),
        (("--seeds", "two"), "--seeds is 'two'"),
        (("--seeds", "1,-1"), "--seeds is '1,-1'"),
        (("--seeds", "1.5"), "--seeds is '1.5'"),
        (("--seeds", ""), "--seeds is ''"),
        (("--methods", ","), "names nothing"),
        (("--workers", "0"), "--workers is 0"),
        (("--threads-per-trial", "0"), "--threads-per-trial is 0"),
        (("--gpus-per-trial", "64"), "64"),
        (("--gpus-per-trial", "-1"), "--gpus-per-trial is -1"),
        (("--max-hours", "-1"), "--max-hours is -1"),
        (("--trial-hours", "nan"), "--trial-hours is nan"),
        (("--executor", "rey"), "Did you mean 'ray'?"),
        (("--reference", "gec"), "'gec'. Did you mean 'gce'?"),
        (("--address", "ray://somewhere"), "HOST:PORT"),
        (("--trial", "abc"), "--source"),
        (("--plugin", "none.py"), "'none.py'"),
        (("--archive", "none.parquet"), "'none.parquet'"),
        (("--limit-examples", "2"), "--limit-examples is 2; at least 8"),
        (("--epochs", "0"), "--epochs is 0; at least 1"),
        (("--workers", "many"), "unable to parse"),
        (("--fail-fast", "False"), "unexpected extra argument"),
        (("--metods", "gce"), "No such option"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_input_is_said_and_nothing_is_started(refused, tmp_path, options, words):
    out = tmp_path / "run"
    message = refused("run", *options, "--out", out).replace("│ ", "").replace(" │", "")
    assert words in " ".join(message.split())
    assert not (out / "records").exists()
    assert not (out / "artefacts").exists()


def test_a_plugin_with_a_mistake_is_said_with_its_line(refused, tmp_path):
    path = tmp_path / "own.py"
    path.write_text("x = 1\nclass Own(:\n")
    assert re.search(r"'own\.py'.* line 2: SyntaxError", refused("run", "--plugin", path))


@pytest.mark.usefixtures("own_registry")
def test_two_plugins_of_one_name_are_said_with_both_places(refused, plugin, tmp_path):
    other = tmp_path / "other.py"
    other.write_text(plugin.read_text() + "# other\n")
    message = refused("run", "--plugin", plugin, "--plugin", other)
    assert str(plugin) in message
    assert str(other) in message


def test_a_folder_of_another_protocol_is_refused(refused, run_copy, two_methods):
    (run_copy / "run.json").write_text(json.dumps({"protocol": 99}))
    assert "protocol version 99" in refused("run", *two_methods, "--out", run_copy)


def test_a_folder_in_use_is_refused_with_its_holder(refused, run_copy, two_methods):
    with RunFolder(run_copy).locked():
        assert f"in use by process {os.getpid()}" in refused("run", *two_methods, "--out", run_copy)


def test_an_output_path_that_is_a_file_is_refused(refused, tmp_path, two_methods):
    (tmp_path / "run").write_text("")
    assert str(tmp_path / "run") in refused("run", *two_methods, "--out", tmp_path / "run")


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC])
def test_a_folder_that_cannot_be_written_is_refused(refused, tmp_path, two_methods, monkeypatch, number):
    real = Path.mkdir

    def mkdir(self, *args, **kwargs):
        if "run" in self.parts:
            raise OSError(number, "no")
        return real(self, *args, **kwargs)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    assert DISK_TROUBLE[number] in refused("run", *two_methods, "--out", tmp_path / "run")


def test_an_encoder_that_cannot_be_had_is_said_within_seconds(process, tmp_path, two_methods):
    options = ("--encoder", "frozen:some-group/no-such-encoder", "--out", tmp_path / "run")
    started = process("run", *two_methods, *options)
    _, err = started.communicate(timeout=20)
    assert started.returncode == 2
    assert "Traceback" not in err
    assert "encoder frozen:some-group/no-such-encoder" in err
    assert "apidocs" in err


def test_a_trial_that_cannot_be_made_again_says_why(refused, run_copy):
    folder = RunFolder(run_copy)
    record = next(iter(folder.read().records.values()))
    older = TrialConfig.model_validate(record.config | {"card": "older"})
    changed = {"config": older.model_dump(mode="json"), "trial": older.id, "cell": older.cell}
    folder.write(record.model_copy(update=changed))
    message = refused("run", "--trial", older.id, "--source", run_copy, "--out", run_copy.parent / "again")
    assert "card: older →" in message


def test_the_report_goes_by_the_first_method_where_the_reference_is_not_run(command, run_copy, two_methods):
    options = [option for option in two_methods if option != "--no-report"]
    ended = command("run", *options, "--methods", "gce", "--out", run_copy)
    assert ended.code == 0
    assert (run_copy / "report" / "report.html").exists()


def test_a_terminal_shows_a_bar_and_nothing_of_escape_codes_goes_to_a_pipe(command, run_copy, two_methods):
    """`script` gives the run a terminal of its own."""
    import shutil

    if shutil.which("script") is None:
        pytest.skip("needs the program script")
    words = ("run", *two_methods, "--seeds", "3", "--executor", "inline", "--out", str(run_copy))
    import shlex
    import subprocess
    import sys

    line = shlex.join([sys.executable, "-m", "benchmark", *words])
    shown = subprocess.run(
        ["script", "-qec", line, "/dev/null"], capture_output=True, text=True, timeout=100, stdin=subprocess.DEVNULL
    )
    assert shown.returncode == 0
    assert "━" in shown.stdout
    assert "6/6" in shown.stdout
    assert "0 failed" in shown.stdout
    err = command(*words).err
    assert "\x1b" not in err
    assert re.search(r"\b6 trials\b.*\b6 done\b.*\b0\b", err)
