"""The verb `noise`, on the embedded corpus."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
ON = ("--corpus", "apidocs")


def test_without_arguments_it_helps(command):
    said = command("noise")
    assert all(name in said.out + said.err for name in ("show", "export", "import"))


@pytest.mark.usefixtures("every_format")
def test_show_prints_and_writes_what_the_noise_does(command, tmp_path):
    said = command("noise", "show", "symmetric(0.4)", *ON, "--out", tmp_path).out
    found = json.loads((tmp_path / "summary.json").read_text())
    for part in ("asked for: 0.4", "Transition matrix", "first to turn wrong", "seeds 0 and 1", "by chance"):
        assert part in said
    assert found["manifest"]["fingerprint"] in said
    assert len(found["texts"]) == 20
    ElementTree.parse(tmp_path / "transition.svg")
    assert (tmp_path / "transition.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads(command("noise", "show", "symmetric(0.4)", *ON, "--json").out) == found


def test_exported_labels_are_imported_and_run(command, tmp_path):
    assert command("noise", "export", "asymmetric(0.3)", *ON, "--seed", "2", "--out", tmp_path).code == 0
    said = json.loads(command("noise", "import", tmp_path / "labels.csv", *ON, "--json").out)
    exported = json.loads((tmp_path / "manifest.json").read_text())["made"]
    assert said["manifest"]["fingerprint"] == exported["fingerprint"]
    run = ("run", "--noises", said["noise"], "--corpora", "apidocs", "--methods", "cross_entropy", "--seeds", "1")
    tiny = ("--encoder", "scratch:tiny", "--limit-examples", "16", "--epochs", "1", "--out", tmp_path / "run")
    assert command(*run, *tiny, "--executor", "inline").code == 0
    (record,) = (tmp_path / "run" / "records").glob("*.json")
    record = json.loads(record.read_text())
    assert record["status"] == "done"
    assert "file_sha256" in record["config"]["noise_parameters"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("show", "symetric(0.4)", *ON), "Did you mean 'symmetric'"),
        (("show", "symmetric(0.4)", "--corpus", "apidoc"), "Did you mean 'apidocs'"),
        (("show", "observed(weak)", *ON), "weak"),
        (("import", "nowhere.csv", *ON), "cannot be read"),
    ],
)
def test_what_cannot_be_is_refused(refused, words, message):
    assert message in refused("noise", *words)


def test_importing_the_verb_is_light():
    code = (
        "import sys, benchmark.cli.noise; "
        "print([m for m in ('pandas', 'torch', 'ray', 'sklearn', 'pydantic', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
