"""Runs do not overwrite each other: with other options they have other run folders."""

import pytest

from benchmark.experiment.grid import load_grid
from benchmark.experiment.options import DEFAULT_OUT
from benchmark.records.run_folder import RunFolder
from benchmark.running.request import make_request

GRID = load_grid("demo")


def name_of(grid="demo", **options):
    return make_request(grid, None, options).out.name


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"seeds": GRID.seeds},
        {"seeds": list(range(GRID.seeds))},
        {"methods": GRID.methods[::-1]},
        {"encoders": GRID.encoders},
        {"workers": 2, "max_hours": 1.0, "curves": True, "allow_unidentifiable": True},
    ],
)
def test_options_that_change_nothing_of_a_grid_leave_its_name(options):
    assert make_request("demo", None, options).out == DEFAULT_OUT / "demo"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"settings": ["gce.q=0.4"]}, "demo-gce.q-0.4-"),
        ({"methods": ["gce[q=0.4]", "elr"]}, "demo-elr-gce-q-0.4-"),
        ({"noises": ["symmetric(0.2)"], "epochs": 4}, "demo-symmetric-0.2-epochs-4-"),
        ({"seeds": [0, 7]}, "demo-seeds-0-7-"),
        ({"seeds": 1}, "demo-seeds-1-"),
        ({"limit_examples": 64}, "demo-limit-64-"),
        ({"threads_per_trial": 2}, "demo-threads-2-"),
    ],
)
def test_options_that_change_what_runs_name_the_folder(options, words):
    assert name_of(**options).startswith(words)
    assert name_of(**options) == name_of(**options)


def test_different_options_have_different_folders():
    many = [{"methods": ["gce"]}, {"methods": ["gce"], "seeds": 7}, {"settings": ["gce.q=0.4"]}, {"epochs": 4}]
    many += [{"methods": [f"gce[q=0.{place}]" for place in range(1, last)]} for last in (8, 9)]
    assert len({name_of(**options) for options in many}) == len(many)


def test_a_list_has_one_folder_in_any_order():
    assert name_of(methods=["gce", "elr"]) == name_of(methods=["elr", "gce"])


def test_grids_of_one_name_in_two_places_have_two_folders(tmp_path):
    text = 'title = "t"\nmethods = ["gce"]\nencoders = ["scratch:tiny"]\nseeds = 1\n[[cells]]\ncorpora = ["apidocs"]\n'
    paths = [tmp_path / place / "demo.toml" for place in "ab"]
    for path in paths:
        path.parent.mkdir()
        path.write_text(text + 'noises = ["clean()"]\n')
    assert len({name_of(), *(name_of(str(path)) for path in paths)}) == 3


def test_a_table_of_ones_own_has_a_folder_for_each_choice_of_columns(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"text {letter},{letter in 'abcd'},{letter in 'abcd'}" for letter in "abcdefghij"]
    (tmp_path / "mine.csv").write_text("\n".join(["text,label,checked", *rows]))
    common = {"data": "mine.csv", "text_columns": ["text"], "label_column": "label"}
    first, again = name_of(**common), name_of(**common | {"data": tmp_path / "mine.csv"})
    other = name_of(**common, clean_column="checked")
    assert first == again
    assert first != other
    assert {name.rpartition("-")[0] for name in (first, other)} == {"mine"}


def test_a_parameter_that_is_set_leaves_the_report_of_the_earlier_run(command, tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = [word for word in tiny if word != "--no-report"]
    options += ["--methods", "gce", "--seeds", "1", "--executor", "inline"]
    first, other = command("run", *options), command("run", *options, "--set", "gce.q=0.4")
    folders = sorted((tmp_path / "results" / "runs").iterdir(), key=lambda folder: folder.stat().st_ctime_ns)
    assert len(folders) == 2
    for folder, ended in zip(folders, (first, other), strict=True):
        assert ended.code == 0, ended.err
        assert "".join(ended.err.split()).count(f"results/runs/{folder.name}") == 2
        assert (folder / "report" / "report.html").exists()
        assert len(RunFolder(folder).read().records) == 1
    assert "gce[q=0.4]" not in (folders[0] / "report" / "table.md").read_text(encoding="utf-8")
    assert command("plan", *options[:-2], "--set", "gce.q=0.4").out.count("1 done") == 1


def test_one_recorded_trial_has_a_folder_of_its_own(run_copy):
    from benchmark.records.config import TrialConfig

    record = next(iter(RunFolder(run_copy).read().records.values()))
    config = TrialConfig.model_validate(record.config)
    assert make_request("demo", None, {}, (config,)).out.name == f"trial-{config.id}"
