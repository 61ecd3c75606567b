"""`train` and `predict` on the command line."""

import csv
import shutil

import pytest

from benchmark.cli.options import load_plugins
from benchmark.contracts import BenchmarkError
from benchmark.model.files import save_model
from benchmark.model.request import config_of_table
from benchmark.model.training import train_model
from benchmark.records.artefacts import ArtefactCache

OPTIONS = ("--text-column", "words", "--label-column", "label", "--method", "cross_entropy")
OPTIONS += ("--encoder", "scratch:tiny", "--epochs", "1")


COLUMNS = {"text_columns": ["words"], "label_column": "label"}


def trained(table, folder, method="cross_entropy"):
    config, _ = config_of_table(table, method, "scratch:tiny", 0, COLUMNS, {"epochs": 1})
    return train_model(config, ArtefactCache(folder), ["words"], header=True)


@pytest.fixture(scope="module")
def saved(model_table, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    save_model(trained(model_table, folder / "artefacts"), folder / "model")
    return folder / "model"


@pytest.fixture
def model(saved, tmp_path):
    """What `train` saves, in the test's own folder."""
    return shutil.copytree(saved, tmp_path / "model")


def test_a_model_of_a_table_in_two_files_is_weights_and_json_and_the_same_as_of_one(command, table, tmp_path, saved):
    head, *rows = table.read_text(encoding="utf-8").splitlines()
    for path, part in ((table, rows[:70]), (tmp_path / "more.csv", rows[70:])):
        path.write_text("\n".join([head, *part]) + "\n", encoding="utf-8")
    ended = command("train", table, tmp_path / "more.csv", *OPTIONS, "--save", tmp_path / "made")
    assert ended.code == 0, ended.err
    made = {path.name: path.read_bytes() for path in (tmp_path / "made").iterdir()}
    assert made == {name: (saved / name).read_bytes() for name in ("model.json", "model.safetensors")}


def test_every_row_gets_a_label_and_probabilities_that_a_spreadsheet_does_not_run(command, model, table, tmp_path):
    ended = command("predict", model, table, "--out", tmp_path / "said.csv")
    assert ended.code == 0, ended.err
    with (tmp_path / "said.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["row"] for row in rows] == [str(number) for number in range(1, 151)]
    shares = [{name: float(row[f"p({name})"]) for name in ("=place", "money", "time")} for row in rows]
    assert all(abs(sum(share.values()) - 1) < 1e-5 for share in shares)
    likeliest = [max(share, key=share.get) for share in shares]
    assert [row["predicted_label"].removeprefix("'") for row in rows] == likeliest
    assert not any(row["predicted_label"].startswith("=") for row in rows)


@pytest.mark.parametrize("name", ["model.safetensors", "model.json"])
@pytest.mark.parametrize(
    "damage", [lambda raw: raw[:-9], lambda raw: raw.replace(b"time", b"tame").replace(b"0", b"1")]
)
def test_a_damaged_model_is_refused(refused, model, table, name, damage):
    (model / name).write_bytes(damage((model / name).read_bytes()))
    assert name in refused("predict", model, table)


def test_a_folder_without_a_model_is_refused(refused, tmp_path, table):
    assert "model.json" in refused("predict", tmp_path / "nothing", table)


def test_a_folder_in_use_is_refused_before_training(refused, table, tmp_path):
    assert str(tmp_path) in refused("train", table, *OPTIONS, "--save", tmp_path).replace(" ", "")


def test_a_place_that_cannot_be_written_is_refused_before_training(refused, table, tmp_path, monkeypatch):
    monkeypatch.setattr("benchmark.model.training.train_model", lambda *given: 1 / 0)
    assert "a part of the path is a file" in refused("train", table, *OPTIONS, "--save", table / "model")


def test_a_column_that_is_not_there_is_refused_with_those_that_are(refused, model, table):
    said = refused("predict", model, table, "--text-column", "word")
    assert "words" in said
    assert "--text-column" in said


def test_the_table_is_never_written_over(refused, model, tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("words\na text\n")
    (tmp_path / "link.csv").symlink_to(path)
    assert "--out" in refused("predict", model, path, "--out", tmp_path / "link.csv")
    assert path.read_text() == "words\na text\n"


def test_rows_without_a_text_are_refused_by_number(refused, model, tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("words,x\na text,1\n,2\n")
    assert "row 2" in refused("predict", model, path)


def test_rows_without_a_text_can_be_left_out(command, model, tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("words,x\na text,1\n,2\nanother,3\n")
    ended = command("predict", model, path, "--out", tmp_path / "said.csv", "--skip-bad-rows")
    assert ended.code == 0, ended.err
    assert "row 2" in ended.err
    with (tmp_path / "said.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["row"] for row in csv.DictReader(file)] == ["1", "3"]


PLUGIN = '''
from benchmark.contracts import GradientMethod, register


@register
class OwnLoss(GradientMethod):
    """-mean of log p_k."""

    name = "own_loss"
    family = "regularisation"

    def loss(self, batch):
        return -batch.log_probabilities.mean()
'''


def test_a_method_of_a_plugin_is_trained_and_its_model_predicts_without_it(command, table, tmp_path):
    (tmp_path / "own_loss.py").write_text(PLUGIN, encoding="utf-8")
    chosen = ["own_loss" if word == "cross_entropy" else word for word in OPTIONS]
    ended = command("train", table, *chosen, "--save", tmp_path / "model", "--plugin", tmp_path / "own_loss.py")
    assert ended.code == 0, ended.err
    ended = command("predict", tmp_path / "model", table, "--out", tmp_path / "said.csv")
    assert ended.code == 0, ended.err


FAULTY = {
    "a loss for each text": ("return -batch.log_probabilities[0].max(dim=1).values", "scalar"),
    "no number": ("return 'bad'", "Error"),
    "an exception": ("raise KeyError('nothing')", "KeyError"),
    "an exit": ("raise SystemExit(0)", "SystemExit"),
    "no memory": ("raise MemoryError", "MemoryError"),
}


def with_loss(tmp_path, line):
    """The plugin with another loss."""
    path = tmp_path / "faulty.py"
    path.write_text(PLUGIN.replace("return -batch.log_probabilities.mean()", line), encoding="utf-8")
    return path


@pytest.mark.usefixtures("own_registry")
@pytest.mark.parametrize("fault", FAULTY)
def test_what_a_method_of_a_plugin_raises_in_training_is_told(table, tmp_path, fault):
    line, told = FAULTY[fault]
    load_plugins([with_loss(tmp_path, line)])
    with pytest.raises(BenchmarkError, match=f"'own_loss' failed.*{told}"):
        trained(table, tmp_path / "artefacts", "own_loss")


ENDS = {
    "an exception": ("raise KeyError('nothing')", "KeyError"),
    "the end of the process": ("import os; print('I go'); os._exit(0)", "exit code 0"),
    "a crash": ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV"),
}


@pytest.mark.parametrize("fault", ENDS)
def test_however_a_method_ends_the_training_it_is_told_and_nothing_is_written(refused, table, tmp_path, fault):
    line, told = ENDS[fault]
    chosen = ["own_loss" if word == "cross_entropy" else word for word in OPTIONS]
    plugin = with_loss(tmp_path, line)
    said = " ".join(refused("train", table, *chosen, "--save", tmp_path / "model", "--plugin", plugin).split())
    assert "'own_loss' failed" in said
    assert told in said
    assert ("I go" in said) == ("I go" in line)
    assert not (tmp_path / "model").exists()


@pytest.mark.usefixtures("own_registry")
def test_needs_of_a_plugin_that_are_none_are_told(table, tmp_path):
    lines = "return {'everything'}\n\n    def loss(self, batch):"
    faulty = PLUGIN.replace("def loss(self, batch):", f"def needs(self):\n        {lines}")
    (tmp_path / "faulty.py").write_text(faulty, encoding="utf-8")
    load_plugins([tmp_path / "faulty.py"])
    with pytest.raises(BenchmarkError, match="'own_loss' failed"):
        trained(table, tmp_path / "artefacts", "own_loss")


WITHOUT_POINTS = '''
from benchmark.contracts import Method, register


@register
class Silent(Method):
    """Yields nothing."""

    name = "silent"
    family = "regularisation"

    def fit(self, data, trainer):
        return iter(())
'''


@pytest.mark.usefixtures("own_registry")
def test_a_training_without_a_point_to_choose_is_refused(table, tmp_path):
    (tmp_path / "silent.py").write_text(WITHOUT_POINTS, encoding="utf-8")
    load_plugins([tmp_path / "silent.py"])
    with pytest.raises(BenchmarkError, match="selectable"):
        trained(table, tmp_path / "artefacts", "silent")


@pytest.mark.parametrize(
    ("first", "more", "rows"), [("text,label", (), 30), ("price 99 invoice,a", ("--no-header",), 31)]
)
def test_a_first_row_is_read_as_at_the_training_where_columns_have_numbers(command, tmp_path, first, more, rows):
    """The first row of data looks like the others, so that nothing but the training
    tells what it is.
    """
    lines = [f"{('price', 'late')[k % 2]} {k} invoice,{'ab'[k % 2]}" for k in range(30)]
    path = tmp_path / "numbered.csv"
    path.write_text("\n".join([first, *lines]) + "\n")
    options = ("--text-column", "0", "--label-column", "1", "--method", "cross_entropy", "--encoder", "scratch:tiny")
    ended = command("train", path, *options, *more, "--epochs", "1", "--save", tmp_path / "model")
    assert ended.code == 0, ended.err
    for overruled, expected in (((), rows), (("--header",), 30), (("--no-header",), 31)):
        ended = command("predict", tmp_path / "model", path, "--out", tmp_path / "said.csv", *overruled)
        assert ended.code == 0, ended.err
        assert f"{expected} rows" in ended.out
