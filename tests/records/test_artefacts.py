"""Damage to what trials share is said, quarantined and made again.

No trial gives a wrong number of it.
"""

import contextlib
import json
import shutil

import numpy as np
import pytest

from benchmark.records.artefacts import QUARANTINE, ArtefactCache, DamagedArtefactError
from benchmark.records.sums import SUMS
from benchmark.running import run as running
from benchmark.running.executors import executor
from benchmark.running.executors.shipping import pack, unpack
from tests.support.bits import flipped

INLINE, SERIAL = (("--executor", name) for name in ("inline", "serial"))


def a(folder):
    (folder / "a").write_bytes(b"first content")


def harm(place):
    """Turn over a bit of the largest file in a folder."""
    path = max((path for path in place.iterdir() if path.name != SUMS), key=lambda path: path.stat().st_size)
    content = path.read_bytes()
    path.write_bytes(flipped(content, 8 * (len(content) // 2)))


@pytest.fixture
def artefacts(tmp_path):
    return ArtefactCache(tmp_path / "artefacts")


def test_an_artefact_that_was_changed_is_quarantined_when_it_is_used(artefacts):
    place = artefacts.make("one", a)
    assert artefacts.use("one") == place
    harm(place)
    with pytest.raises(DamagedArtefactError, match=r"one.*\ba\b.*sha256"):
        artefacts.use("one")
    assert (artefacts.root / QUARANTINE / "one" / "a").exists()
    assert not place.exists()


def test_an_artefact_that_was_changed_is_made_again(artefacts):
    harm(artefacts.make("one", a))
    assert artefacts.trouble("one")
    assert (artefacts.make("one", a) / "a").read_bytes() == b"first content"
    assert artefacts.trouble("one") == ""


def test_an_artefact_of_an_older_version_without_sums_is_made_again(artefacts):
    place = artefacts.place("one")
    place.mkdir(parents=True)
    (place / "a").write_bytes(b"nobody knows")
    assert (artefacts.make("one", a) / "a").read_bytes() == b"first content"


def test_what_is_made_from_a_changed_artefact_is_made_again(artefacts):
    artefacts.make("corpus", a)
    artefacts.make("labels", a, ("corpus",))
    assert artefacts.trouble("labels", ("corpus",)) == ""
    artefacts.forget("corpus")
    artefacts.make("corpus", lambda folder: (folder / "a").write_bytes(b"other content"))
    assert "corpus" in artefacts.trouble("labels", ("corpus",))


@pytest.mark.parametrize("name", ["../out", "/absolute", "a/b"])
def test_the_name_of_an_artefact_cannot_lead_out_of_its_folder(artefacts, name):
    from benchmark.contracts import BenchmarkError

    with pytest.raises(BenchmarkError, match="name"):
        artefacts.make(name, a)


def test_a_copy_that_arrives_damaged_is_refused(artefacts, tmp_path):
    place = artefacts.make("one", a)
    there = ArtefactCache(tmp_path / "there")
    there.make("one", lambda folder: unpack(pack(place), folder))
    assert there.use("one")
    there.forget("one")
    harm(place)
    with pytest.raises(DamagedArtefactError, match="arrived"):
        there.make("one", lambda folder: unpack(pack(place), folder))


@pytest.fixture
def unfinished(run_copy):
    """The finished run with its artefacts and without its records."""
    shutil.rmtree(run_copy / "records")
    return run_copy


def artefact_of(folder, kind):
    return sorted(path for path in (folder / "artefacts").glob(f"{kind}-*"))[0]


@pytest.mark.parametrize("kind", ["corpus", "noise", "inputs"])
def test_a_run_makes_a_damaged_artefact_again_and_gives_the_same_results(
    command, unfinished, finished_run, two_methods, content, kind
):
    place = artefact_of(unfinished, kind)
    harm(place)
    ended = command("run", *two_methods, *INLINE, "--out", unfinished)
    assert ended.code == 0, ended.err
    assert place.name in ended.err
    assert "sha256" in ended.err
    assert (place.parent / QUARANTINE / place.name).is_dir()
    assert content(unfinished) == content(finished_run)


def test_rows_of_stored_inputs_in_another_order_are_noticed(command, unfinished, finished_run, two_methods, content):
    path = artefact_of(unfinished, "inputs") / "train.tokens.npy"
    np.save(path, np.load(path)[::-1])
    ended = command("run", *two_methods, *INLINE, "--out", unfinished)
    assert path.name in ended.err
    assert content(unfinished) == content(finished_run)


def before_trials(action):
    """An executor that calls `action` after everything is prepared and before the first
    trial.
    """

    @contextlib.contextmanager
    def acting(*given):
        with executor(*given) as execute:

            def run(driver):
                action()
                execute(driver)

            yield run

    return acting


@pytest.mark.parametrize(("kind", "where"), [("corpus", INLINE), ("noise", INLINE), ("inputs", SERIAL)])
def test_damage_after_the_drivers_check_gives_no_wrong_number_and_the_trial_runs_once_more(
    command, unfinished, finished_run, two_methods, content, monkeypatch, kind, where
):
    harmed = []

    def harm_first():
        if not harmed:
            harmed.append(artefact_of(unfinished, kind))
            harm(harmed[0])

    monkeypatch.setattr(running, "executor", before_trials(harm_first))
    ended = command("run", *two_methods, *where, "--out", unfinished)
    assert ended.code == 0, ended.err
    assert harmed[0].name in ended.err
    assert content(unfinished) == content(finished_run)


def test_an_artefact_that_is_damaged_again_and_again_ends_in_failed_records_with_true_words(
    command, unfinished, two_methods, monkeypatch
):
    monkeypatch.setattr(running, "executor", before_trials(lambda: harm(artefact_of(unfinished, "inputs"))))
    ended = command("run", *two_methods, *INLINE, "--out", unfinished)
    assert ended.code == 1
    failures = [json.loads(path.read_text())["failure"] for path in (unfinished / "records").iterdir()]
    assert {failure["error_class"] for failure in failures} == {"DamagedArtefactError"}
    assert all("inputs-" in failure["message"] for failure in failures)
