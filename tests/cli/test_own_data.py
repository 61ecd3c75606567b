import csv
import json

import pytest

from benchmark.api import load_records, load_results
from benchmark.contracts import Need
from benchmark.corpora import catalogue

SMALL = ("--encoder", "scratch:tiny", "--epochs", "1", "--executor", "inline", "--text-column", "text")


@pytest.fixture(autouse=True)
def own_cards(monkeypatch):
    monkeypatch.setattr(catalogue, "_own", {})


@pytest.fixture
def table(tmp_path):
    """Sixty tickets, every sixth with a wrong label, and a file of checked ones for
    test.
    """

    def write(name, rows):
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([("text", "label", "checked"), *rows])
        return path

    kinds = ("delivery", "refund")
    rows = [(f"about {kinds[i % 2]} {i}", kinds[(i + (i % 6 == 0)) % 2], kinds[i % 2]) for i in range(60)]
    return write("tickets.csv", rows), write("checked.csv", rows[:9])


def test_every_ranked_method_runs_on_noisy_labels_alone(command, table, tmp_path):
    files = ("--data", table[0], "--label-column", "label", "--out", tmp_path / "out")
    ended = command("run", "--methods", "ranked", "--seeds", "1", *SMALL, "--epochs", "2", *files)
    assert ended.code == 0, ended.err
    records = load_records(tmp_path / "out")
    assert len(records) >= 6
    assert {record.status for record in records} == {"done"}
    for record in records:
        assert set(record.selections) == {"last", "noisy_valid"}
        for selection in record.selections.values():
            assert "noisy_test_accuracy" in selection.metrics
            assert "noisy_valid_accuracy" in selection.metrics
            assert not [name for name in selection.metrics if name.startswith(("test_", "clean_"))]
        assert set(record.train_metrics) == {"train_accuracy_noisy_labels"}
        assert record.manifest.realised_rate is None
        assert record.rate_used is None or record.rate_used.error is None
    assert "of noisy test labels" in ended.err
    assert "Agreement with noisy test labels" in ended.out
    frame = load_results(tmp_path / "out")
    assert frame["test_accuracy"].isna().all()
    assert frame["noisy_test_accuracy"].notna().all()


def run(command, out, *more):
    return command("run", "--methods", "cross_entropy", "--seeds", "1", *SMALL, "--no-report", "--out", out, *more)


def test_clean_test_rows_give_a_true_accuracy_where_training_has_none(command, table, tmp_path):
    (tmp_path / "train.csv").write_text(table[0].read_text().replace("checked", "unused"))
    files = ("--data", tmp_path / "train.csv", "--test-data", table[1])
    assert run(command, tmp_path / "out", *files, "--label-column", "label", "--clean-column", "checked").code == 0
    (record,) = load_records(tmp_path / "out")
    assert "test_accuracy" in record.selections["last"].metrics
    assert "clean_valid" not in record.selections
    assert record.manifest.realised_rate is None
    assert "memorised" not in record.train_metrics


def test_rows_that_were_checked_are_counted_and_the_others_are_not_guessed(command, table, tmp_path):
    lines = table[0].read_text().splitlines()
    some = [lines[0], *lines[1:11], *(line.rpartition(",")[0] + "," for line in lines[11:])]
    table[0].write_text("\n".join(some))
    files = ("--data", table[0], "--label-column", "label", "--clean-column", "checked")
    ended = run(command, tmp_path / "out", *files)
    assert ended.code == 0, ended.err
    assert "10 of 60 rows are checked" in " ".join(ended.err.split())
    (record,) = load_records(tmp_path / "out")
    assert "noisy_test_accuracy" in record.selections["last"].metrics
    assert "checked_accuracy" in record.selections["last"].metrics
    assert record.selections["last"].checked.rows == 10
    assert record.manifest.realised_rate is None


def test_a_finished_trial_is_not_run_again_and_a_changed_file_is(command, table, tmp_path):
    files = ("--data", table[0], "--label-column", "label", "--clean-column", "checked")
    assert "1 trial run" in run(command, tmp_path / "out", *files).err
    assert "0 trials run" in run(command, tmp_path / "out", *files).err
    trial = ("--methods", "cross_entropy", "--seeds", "1", *SMALL[:4], *SMALL[6:])
    plan = command("plan", *trial, *files, "--out", tmp_path / "out")
    assert "1 done" in plan.out
    table[0].write_text(table[0].read_text() + "one more about refund,refund,refund\n")
    assert "1 trial run" in run(command, tmp_path / "out", *files).err


def test_a_plan_of_a_table_that_no_card_counts_has_a_cost(command, table, tmp_path):
    files = ("--data", table[0], "--text-column", "text", "--label-column", "label", "--out", tmp_path / "out")
    planned = command("plan", "--methods", "gce", "--seeds", "1", "--encoder", "frozen:minilm", "--json", *files)
    assert planned.code == 0, planned.err
    cost = json.loads(planned.out)
    assert cost["without_estimate"] == 0
    assert cost["seconds"] > 0


def test_clean_labels_alone_meet_the_noises_asked_for(command, table, tmp_path):
    files = ("--data", table[0], "--clean-column", "checked", "--noises", "symmetric(0.4)")
    assert run(command, tmp_path / "out", *files).code == 0
    (record,) = load_records(tmp_path / "out")
    assert (record.corpus, record.noise) == ("tickets", "symmetric(0.4)")
    assert record.manifest.realised_rate == pytest.approx(0.4, abs=0.05)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--label-column", "lable"), "Did you mean 'label'"),
        (("--label-column", "label", "--noises", "symmetric(0.4)"), "starts from clean labels"),
        (("--label-column", "label", "--noises", "observed(weak)"), "Known: given"),
        (("--label-column", "label", "--noises", "observed(given,votes=untied)"), "one label a row"),
        ((), "needs --text-column, and --label-column"),
        ((), "data show"),
    ],
)
def test_what_cannot_be_run_is_said_before_anything_starts(refused, table, tmp_path, options, words):
    assert words in refused("run", "--data", table[0], *SMALL, *options, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_columns_without_data_are_refused(refused, tmp_path):
    assert "--data" in refused("run", "--text-column", "text", "--out", tmp_path / "out")


KEEPER = '''
from typing import ClassVar

from benchmark.contracts import Need, register
from benchmark.contracts import GradientMethod


@register
class Keeper(GradientMethod):
    """Fails unless it is handed the texts without a label, and no others."""

    name = "keeper"
    expected: int = 0

    def needs(self):
        return frozenset({Need.UNLABELLED_TEXTS})

    def fit(self, view, kit):
        found = view.granted[Need.UNLABELLED_TEXTS]
        assert len(found) == self.expected, found
        assert not set(found) & (set(view.train.texts) | set(view.valid.texts))
        yield from super().fit(view, kit)

    def loss(self, batch):
        return batch.losses.mean()
'''


@pytest.mark.parametrize(("noise", "expected"), [("observed(given)", 0), ("observed(given,abstain=keep)", 3)])
def test_texts_without_a_label_reach_a_method_that_asks_for_them_where_they_are_kept(
    command, table, tmp_path, own_registry, noise, expected
):
    (tmp_path / "keeper.py").write_text(KEEPER)
    with table[0].open("a", encoding="utf-8") as stream:
        stream.writelines(f"nobody knows what this is {i},,delivery\n" for i in range(3))
    files = ("--data", table[0], "--label-column", "label", "--test-data", table[1], "--noises", noise)
    ended = command(
        *("run", "--plugin", tmp_path / "keeper.py", "--methods", f"keeper[expected={expected}]", "--seeds", "1"),
        *(*SMALL, *files, "--no-report", "--out", tmp_path / "out"),
    )
    assert ended.code == 0, ended.err
    (record,) = load_records(tmp_path / "out")
    assert record.ranked
    assert record.needs == [Need.UNLABELLED_TEXTS]
    assert record.manifest.unlabelled_rows == 3
