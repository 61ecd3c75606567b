"""Parameters that the data or the recipe bound are checked by plan and run alike,
before the first trial.
"""

import re

import pytest

from benchmark.contracts import BenchmarkError, method_from
from benchmark.experiment.choices import Choices
from benchmark.experiment.expansion import expand
from benchmark.experiment.grid import load_grid
from benchmark.records.artefacts import ArtefactCache
from benchmark.trial.fitting import check_fit
from benchmark.trial.prepare import prepare

CELL = ("--corpora", "apidocs", "--encoder", "scratch:tiny", "--seeds", "1", "--limit-examples", "60")
PLAIN = (*CELL, "--noises", "symmetric(0.4)")
TOO_MUCH = [
    ("confident_learning[folds=500]", "confident_learning.folds is 500", "60"),
    ("confident_learning[keep_of_each=61]", "confident_learning.keep_of_each is 61", "60"),
    ("knn_relabel[neighbours=60]", "knn_relabel.neighbours is 60", "59"),
    ("npc[neighbours=61]", "npc.neighbours is 61", "60"),
    ("cr_npc[batch_size=61]", "cr_npc.batch_size is 61", "60"),
    ("dygen[neighbours=61]", "dygen.neighbours is 61", "60"),
    ("dygen[stage_two_batch=61]", "dygen.stage_two_batch is 61", "60"),
    ("clean_few[labels_a_class=61]", "clean_few.labels_a_class is 61", "60"),
    ("co_teaching_plus[fewest=33]", "co_teaching_plus.fewest is 33", "32"),
    ("selfmix[warmup=0.95]", "selfmix.warmup is 0.95", "0.9"),
    ("gce[truncation=0.5,prune_from=0.95]", "gce.prune_from is 0.95", "0.9"),
]
JUST_ENOUGH = [
    "confident_learning[folds=60,keep_of_each=60]",
    "knn_relabel[neighbours=59]",
    "npc[neighbours=60,batch_size=60]",
    "dygen[neighbours=60,stage_two_batch=60]",
    "co_teaching_plus[fewest=32]",
    "selfmix[warmup=0.9]",
    "gce[truncation=0.5,prune_from=0.9]",
    "gce[prune_from=0.95]",
]


@pytest.mark.parametrize("verb", [("plan",), ("run", "--executor", "serial", "--no-report")], ids=["plan", "run"])
@pytest.mark.parametrize(("method", "said", "most"), TOO_MUCH)
def test_what_the_smallest_cell_cannot_hold_is_refused(refused, tmp_path, verb, method, said, most):
    message = refused(*verb, *PLAIN, "--methods", method, "--out", tmp_path / "run")
    for part in (said, "apidocs", "symmetric(0.4)"):
        assert part in message
    assert re.search(rf"(?<![\d.]){re.escape(most)}(?![\d])", message)
    assert not list((tmp_path / "run").glob("artefacts/*"))


@pytest.mark.parametrize("method", JUST_ENOUGH)
def test_what_the_cell_just_holds_is_planned(command, tmp_path, method):
    assert command("plan", *PLAIN, "--methods", method, "--out", tmp_path).code == 0


@pytest.mark.parametrize(
    "text",
    ["co_teaching[rate=7]", "elr[momentum=5]", "selfmix[warmup=-1]", "cr[weight=-3]", "dygen[warmup=9]"],
)
@pytest.mark.parametrize("verb", ["plan", "run"])
def test_what_no_data_could_hold_is_refused_alike(refused, tmp_path, verb, text):
    name, field = text.split("=")[0].split("[")
    assert f"{name}.{field} is" in refused(verb, *PLAIN, "--methods", text, "--out", tmp_path / "run")


def configs(method, noise, limit=60):
    chosen = Choices(
        methods=(method,),
        corpora=("apidocs",),
        noises=(noise,),
        encoders=("scratch:tiny",),
        seeds=2,
        limit_examples=limit,
    )
    return expand(load_grid("demo"), chosen)


def test_texts_that_the_noise_drops_are_counted_where_a_value_was_set(tmp_path):
    wanted = configs("knn_relabel[neighbours=50]", "imbalance(50)")
    with pytest.raises(BenchmarkError, match=r"knn_relabel\.neighbours is 50"):
        check_fit(wanted, ArtefactCache(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_prepared_labels_count_where_there_are_some(tmp_path):
    wanted = configs("cross_entropy", "imbalance(50)")
    artefacts = ArtefactCache(tmp_path)
    check_fit(configs("npc", "imbalance(50)"), artefacts)
    prepare(wanted, artefacts, "cpu", lambda what: None)
    with pytest.raises(BenchmarkError, match=r"npc\.batch_size is 32 .* which is \d+ here"):
        check_fit(configs("npc", "imbalance(50)"), artefacts)


def test_a_run_counts_again_once_labels_are_made_and_trains_nothing(refused, tmp_path):
    out = tmp_path / "run"
    message = refused(
        *("run", *CELL, "--noises", "imbalance(50)", "--methods", "cross_entropy,npc"),
        *("--executor", "serial", "--epochs", "1", "--no-report", "--out", out),
    )
    assert "npc.batch_size is 32" in message
    assert not list(out.glob("records/*.json"))


def test_the_smallest_cell_is_named(tmp_path):
    small, large = (configs("npc[batch_size=70]", "symmetric(0.4)", limit) for limit in (40, 60))
    with pytest.raises(BenchmarkError, match="which is 40 here"):
        check_fit([*large, *small], ArtefactCache(tmp_path))


@pytest.fixture
def own_data(tmp_path):
    """Options of a table of the user's own with so many training texts and no
    validation split.
    """

    def write(count):
        rows = "".join(f"text number {number},{'ab'[number % 2]}\n" for number in range(count))
        (tmp_path / f"own{count}.csv").write_text("text,label\n" + rows)
        (tmp_path / "test.csv").write_text("text,label\nother one,a\nother two,b\n")
        files = ("--data", tmp_path / f"own{count}.csv", "--test-data", tmp_path / "test.csv")
        return (*files, "--text-column", "text", "--label-column", "label", "--encoder", "scratch:tiny")

    return write


def test_a_carved_validation_split_is_taken_off(command, refused, own_data, tmp_path):
    common = ("plan", *own_data(100), "--seeds", "1", "--out", tmp_path / "run", "--methods")
    assert command(*common, "knn_relabel[neighbours=89]").code == 0
    assert "89 here" in refused(*common, "knn_relabel[neighbours=90]")


def test_a_carved_validation_split_is_taken_off_for_defaults_too(command, refused, own_data, tmp_path):
    common = ("plan", "--seeds", "1", "--out", tmp_path / "run", "--methods", "npc")
    assert command(*common, *own_data(36)).code == 0
    assert "31 here" in refused(*common, *own_data(35))


def test_a_batch_has_no_more_texts_than_there_are(tmp_path):
    check_fit(configs("co_teaching_plus[fewest=20]", "symmetric(0.4)", 20), ArtefactCache(tmp_path))
    with pytest.raises(BenchmarkError, match="which is 20 here"):
        check_fit(configs("co_teaching_plus[fewest=21]", "symmetric(0.4)", 20), ArtefactCache(tmp_path))


def test_the_first_epoch_is_also_the_last_of_one(refused, tmp_path):
    message = refused("plan", *PLAIN, "--epochs", "1", "--methods", "selfmix", "--out", tmp_path)
    assert "selfmix.warmup is 0.2" in message


def test_sizes_bound_nothing_that_a_method_does_not_use():
    from benchmark.contracts import Sizes

    method_from("gce").check_sizes(Sizes(train_rows=1, classes=2, epochs=1, batch_size=1))
