import shlex

import pytest
from typer.testing import CliRunner

from benchmark.analysis.frame import comparable_groups, tidy
from benchmark.analysis.points import details_of
from benchmark.analysis.report import write_report
from benchmark.analysis.reproduce import command_for, commands
from benchmark.analysis.result_set import ResultSet
from benchmark.experiment.choices import Choices
from benchmark.experiment.expansion import expand
from benchmark.experiment.grid import load_grid
from benchmark.speed.made_records import made_record

WITH = {
    "the demo grid": ("demo", Choices()),
    "other epochs, one seed": ("demo", Choices(epochs=2, seeds=(7,))),
    "another batch size and precision": ("demo", Choices(batch_size=16, precision="bfloat16")),
    "other threads, a parameter": ("demo", Choices(threads_per_trial=2, methods=["cross_entropy", "gce[q=0.4]"])),
}


def result_set_of(records):
    kept = comparable_groups(tidy(records)).kept
    return ResultSet(kept["encoder"].iloc[0], kept["recipe"].iloc[0], kept, "cross_entropy", details_of(records))


def asked_by(command, folder):
    """The trials that a command of the report asks for."""
    words = dict(zip(*[iter(shlex.split(command.line)[4:])] * 2, strict=True))
    (folder / command.file).write_text(command.grid, encoding="utf-8")
    return expand(
        load_grid(str(folder / words["--grid"])),
        Choices(
            seeds=[int(seed) for seed in words["--seeds"].split(",") if seed],
            epochs=int(words["--epochs"]),
            batch_size=int(words["--batch-size"]) if "--batch-size" in words else None,
            precision=words.get("--precision"),
            threads_per_trial=int(words["--threads-per-trial"]),
        ),
    )


@pytest.mark.parametrize("name", WITH)
def test_the_command_of_a_report_asks_for_its_trials_and_no_others(name, tmp_path):
    grid, choices = WITH[name]
    wanted = expand(load_grid(grid), choices)
    (command,) = commands(result_set_of([made_record(config) for config in wanted]))
    assert {config.id for config in asked_by(command, tmp_path)} == {config.id for config in wanted}


def test_methods_of_a_plug_in_are_asked_for_beside_the_others():
    wanted = expand(load_grid("demo"), Choices(seeds=2, methods=["cross_entropy", "gce"]))
    records = [made_record(config) for config in wanted]
    own = [
        one.model_copy(update={"config": one.config | {"method_source": "5eed"}})
        for one in records
        if one.method == "gce"
    ]
    results = result_set_of([*(one for one in records if one.method != "gce"), *own])
    (command,) = commands(results)
    assert "--plugin YOUR_FILE.py" in command.line
    assert all(f'"{method}"' in command.grid for method in ("cross_entropy", "gce"))
    line = command_for(results, "apidocs", ["symmetric(0.4)"], ["gce", "cross_entropy"], [2, 3])
    assert all(words in line for words in ("--seeds 2,3", "--methods gce,cross_entropy", "--plugin YOUR_FILE.py"))


def test_corpora_trained_for_other_lengths_have_a_command_each(tmp_path):
    long = expand(load_grid("demo"), Choices(seeds=1, methods=["gce"], noises=["symmetric(0.4)"]))
    short = expand(load_grid("demo"), Choices(seeds=1, epochs=3, methods=["cross_entropy"], corpora=["trec"]))
    found = commands(result_set_of([made_record(config) for config in [*long, *short]]))
    assert [command.file for command in found] == ["grid-1.toml", "grid-2.toml"]
    asked = {config.id for command in found for config in asked_by(command, tmp_path)}
    assert asked == {config.id for config in [*long, *short]}


def test_the_command_line_takes_the_command_as_it_stands(tmp_path, monkeypatch):
    from benchmark.cli import app

    wanted = expand(load_grid("demo"), Choices(seeds=1, methods=["cross_entropy"]))
    report = write_report([made_record(config) for config in wanted], tmp_path)
    page = report.paths["report.html"].read_text()
    line = page.split("<pre>")[1].split("</pre>")[0]
    monkeypatch.chdir(tmp_path)
    words = shlex.split(line)[3:]
    ended = CliRunner().invoke(app, ["plan", *words[1:], "--out", str(tmp_path / "run")])
    assert ended.exit_code == 0, ended.output
    assert "4" in ended.output


def test_records_without_a_configuration_have_no_command(factory):
    assert commands(result_set_of([factory.record()])) == ()
