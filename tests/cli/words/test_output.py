"""Whatever a name holds and whatever the output can show, a terminal is not steered and
nothing ends in a traceback.
"""

import errno
import io
import json
import os
import re
import subprocess
import sys

import pytest

from benchmark.cli import main
from benchmark.cli.output import UNSHOWN, defused, say, say_json
from benchmark.cli.terminal import make_console
from benchmark.files.disk import DISK_TROUBLE
from benchmark.records.config import TrialConfig
from benchmark.records.run_folder import RunFolder

HOSTILE = "a\x1b[2Jb\x9b31mc\x07d\u202ee\ud83df"
STEERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


def test_what_steers_a_terminal_is_replaced_and_all_else_stays():
    assert defused(HOSTILE) == "a�[2Jb�31mc�d�e�f"
    assert defused("ä\t→\n日本 😀") == "ä\t→\n日本 😀"


def test_lines_and_rich_texts_are_defused(capsys):
    say(HOSTILE)
    say(HOSTILE, error=True)
    make_console().print(HOSTILE, markup=False)
    make_console(error=True).print(HOSTILE, markup=False)
    shown = capsys.readouterr()
    for text in (shown.out, shown.err):
        # Rich itself leaves out one of the five letters.
        assert text.count(UNSHOWN) == 9
        assert not STEERS.search(text)


def test_json_reads_back_the_same_and_steers_nothing(capsys):
    say_json({"name": HOSTILE})
    shown = capsys.readouterr().out
    assert not STEERS.search(shown)
    assert json.loads(shown) == {"name": HOSTILE}


def test_colours_of_the_console_itself_reach_a_terminal():
    written = io.StringIO()
    console = make_console()
    console.file, console._force_terminal, console._color_system = written, True, None
    console.print("[bold]x\x1b[31m[/]")
    assert "x�[31m" in written.getvalue()


def test_names_in_records_of_others_do_not_steer_the_terminal(command, run_copy):
    folder = RunFolder(run_copy)
    names = {"corpus": HOSTILE[:-2], "encoder": HOSTILE[:-2]}
    for record in folder.read().records.values():
        config = TrialConfig.model_validate(record.config | names)
        new = {"config": config.model_dump(mode="json"), "trial": config.id, "cell": config.cell}
        folder.write(record.model_copy(update=names | new))
        (folder.records / f"{record.trial}.json").unlink()
    trial = config.id
    for words in (("report", run_copy), ("compare", "gce", "cross_entropy", "--out", run_copy)):
        shown = command(*words)
        assert shown.code == 0, shown.err
        assert UNSHOWN in shown.out
        assert not STEERS.search(shown.out + shown.err)
    for words in (("explain", trial, "--from", run_copy), ("explain", trial, "--from", run_copy, "--json")):
        shown = command(*words)
        assert shown.code == 0, shown.err
        assert not STEERS.search(shown.out + shown.err)


def test_the_message_of_a_failing_plugin_does_not_steer_the_terminal(refused, tmp_path):
    (tmp_path / "own.py").write_text("raise ValueError('a\\x1b[31mred')\n")
    assert "ValueError: a�[31mred" in refused("list", "methods", "--plugin", tmp_path / "own.py")


@pytest.mark.parametrize(
    "words", [("plan", "--grid", "a\x1b[31m"), ("a\x9b",), ("plan", "--a\x07"), ("list", "\udce9")]
)
def test_an_argument_that_cannot_be_shown_is_refused_by_its_letter(refused, words):
    message = refused(*words)
    found = next(letter for letter in "".join(words) if not letter.isprintable())
    assert f"U+{ord(found):04X}" in message
    assert not STEERS.search(message)


COMPARING = ("compare", "gce", "cross_entropy", "--out")


def test_a_process_whose_output_lacks_letters_replaces_them(run_copy):
    words = [sys.executable, "-m", "benchmark", *COMPARING, str(run_copy)]
    ended = subprocess.run(words, env={**os.environ, "PYTHONIOENCODING": "ascii"}, capture_output=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert "points" in ended.stdout.decode("ascii")


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_an_output_that_lacks_letters_replaces_them(run_copy, monkeypatch, encoding):
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setattr(sys, "argv", ["benchmark", *COMPARING, str(run_copy)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert "points" in out.buffer.getvalue().decode(encoding)


@pytest.mark.parametrize(
    "words",
    [("list", "methods", "-v"), ("list", "corpora"), ("explain", "dygen"), ("data", "list"), ("plan", "--é", "1")],
)
def test_verbs_print_on_an_ascii_output(monkeypatch, words):
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="ascii") for _ in range(2))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setattr(sys, "argv", ["benchmark", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == (2 if "--é" in words else 0)
    assert out.buffer.getvalue() or err.buffer.getvalue()


@pytest.mark.parametrize("words", ["list methods --bibtex", "list methods -v", "explain apidocs --json", "data list"])
def test_a_pipe_that_is_closed_early_ends_the_output_quietly(words):
    started = subprocess.Popen(
        [sys.executable, "-m", "benchmark", *words.split()], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    started.stdout.close()
    said = started.stderr.read()
    started.stderr.close()
    assert said == ""
    assert started.wait(timeout=60) == 0


@pytest.mark.parametrize("words", ["list methods", "explain apidocs --json"])
def test_an_output_on_a_full_disk_is_said(words):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        ended = subprocess.run(
            [sys.executable, "-m", "benchmark", *words.split()],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert ended.returncode == 2
    assert DISK_TROUBLE[errno.ENOSPC] in " ".join(ended.stderr.split())
    assert ended.stderr.count("Error") == 1
    assert len(ended.stderr.splitlines()) <= 2


def test_a_long_word_of_a_message_is_cut(refused):
    message = refused("plan", "--methods", "a" * 5000)
    assert len(message) < 2000
    assert "a…a" in message


def test_an_argument_longer_than_any_list_is_refused(refused):
    message = refused("plan", "--methods", "gce," * 5000)
    assert "20,000" in message
    assert "10,000" in message


def test_an_interrupt_of_any_verb_is_told(command, monkeypatch, tmp_path):
    def interrupted(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr("benchmark.audit.reading.read_labelled", interrupted)
    (tmp_path / "table.csv").write_text("text,label\na,b\nc,d\n")
    ended = command(
        "audit", tmp_path / "table.csv", "--text-column", "text", "--label-column", "label", "--out", tmp_path
    )
    assert ended.code == 130
    assert "Interrupted" in ended.err


def test_an_interrupt_is_told_though_a_library_has_wrapped_it(command, monkeypatch, tmp_path):
    def interrupted(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr("benchmark.records.config._later_defaults", interrupted)
    ended = command("plan", "--out", tmp_path)
    assert ended.code == 130
    assert "Interrupted" in ended.err
