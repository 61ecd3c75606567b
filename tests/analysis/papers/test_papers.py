import re

import numpy as np
import pandas as pd
import pytest

from benchmark.analysis.formats import latex
from benchmark.analysis.papers import load_paper, paper_names, write_paper
from benchmark.analysis.papers.mean_gain import mean_gain
from benchmark.analysis.papers.published import COLUMNS, published, published_folder
from benchmark.analysis.statistics import paired_comparison
from benchmark.contracts.errors import BenchmarkError, UnknownNameError
from tests.support.records import Factory

SYNTHETIC = [f"{kind}({rate})" for kind in ("symmetric", "asymmetric", "instance") for rate in (0.2, 0.4)]
METHODS = ["cross_entropy", "gce", "dygen", "ensemble_ce"]


def fine_tuned():
    factory = Factory()
    factory.recipe, factory.encoder = "fine-tuned", "bert-base-uncased"
    factory.skills = {"dygen": 0.6, "gce": 0.3}
    factory.networks = {"dygen": 2, "ensemble_ce": 2}
    return factory


@pytest.fixture
def tuned():
    return fine_tuned()


def everything(factory, seeds):
    injected = factory.grid(METHODS, SYNTHETIC, seeds, ["20news", "agnews_12k"])
    return injected + factory.grid(METHODS, ["observed(weak)"], seeds, ["chemprot", "trec", "semeval"])


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The paper's tables of two seeds in every cell."""
    return write_paper("dygen", everything(fine_tuned(), [1, 2]), tmp_path_factory.mktemp("paper"))


@pytest.mark.parametrize("path", sorted(published_folder().glob("*.csv")), ids=lambda path: path.stem)
def test_every_published_figure_has_a_source_and_a_metric(path):
    frame = published(path.stem)
    assert len(frame)
    assert not (frame[["source", "metric", "method"]] == "").any().any()
    assert frame["value"].between(0, 100).all()
    assert not frame.duplicated(["table", "corpus", "noise", "method", "metric", "protocol"]).any()


def test_the_published_gains_of_dygen_are_those_of_its_abstract_and_nothing_more():
    found = published("dygen").set_index("table")["value"].to_dict()
    assert found == {"synthetic": 3.10, "real": 1.48}


def test_every_file_of_published_figures_is_described():
    text = (published_folder() / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in published_folder().glob("*.csv") if f"`{path.name}`" not in text] == []


@pytest.mark.parametrize(
    ("row", "words"),
    [("t,,,,m,1,,x,,,,true", "needs 'source'"), ("t,,,,m,one,,x,,,s,true", "one"), ("t,,,,m,1,,x,,,s,yes", "true or")],
)
def test_a_figure_without_source_number_or_mark_is_refused(tmp_path, row, words):
    (tmp_path / "a.csv").write_text(",".join(COLUMNS) + f"\n{row}\n")
    with pytest.raises(BenchmarkError, match=words):
        published("a", tmp_path)


@pytest.mark.parametrize("name", paper_names())
def test_every_method_and_corpus_of_a_paper_is_known_here_by_that_name(name):
    from benchmark.contracts import method_from

    paper = load_paper(name)
    names = [*paper.methods, *(row.method for row in paper.ablation.rows)]
    names += [pair.ours for anchors in paper.anchors for pair in anchors.pairs]
    assert [str(method_from(method)) for method in names] == names


def test_an_unknown_paper_names_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean 'dygen'"):
        load_paper("dygan")


def gain_of(results, rivals=("cross_entropy", "gce"), **more):
    return mean_gain(results, "last", list(results.cells.index), "dygen", rivals, **more)


def test_the_gain_in_one_cell_is_the_paired_comparison_with_its_best_baseline(tuned, result_set_of):
    results = result_set_of(tuned.grid(METHODS, ["symmetric(0.4)"], [1, 2, 3]))
    found = gain_of(results)
    cell = results.cells.index[0]
    assert found.against == {cell: "gce"}
    assert found.examples
    assert found.rivals == 2
    rows = results.values("last", "test_accuracy").set_index(["method", "seed"]).sort_index()
    records = {(r.method, r.seed): r for r in tuned.grid(METHODS, ["symmetric(0.4)"], [1, 2, 3])}
    bits = [np.stack([records[m, s].selections["last"].correctness(200) for s in (1, 2, 3)]) for m in ("dygen", "gce")]
    expected = paired_comparison(
        rows.loc["dygen", "value"].to_numpy(), rows.loc["gce", "value"].to_numpy(), (bits[0], bits[1])
    )
    assert (found.difference, found.low, found.high) == pytest.approx(
        (expected.difference, expected.low, expected.high)
    )


def test_the_mean_gain_takes_the_best_baseline_of_each_cell_or_one_for_all(factory, result_set_of):
    accuracies = {
        "symmetric(0.2)": {"cross_entropy": 0.8, "gce": 0.7, "dygen": 0.85},
        "symmetric(0.4)": {"cross_entropy": 0.5, "gce": 0.7, "dygen": 0.72},
    }
    records = [
        factory.record(method, noise, seed, accuracy=accuracy)
        for noise, row in accuracies.items()
        for method, accuracy in row.items()
        for seed in (1, 2)
    ]
    results = result_set_of(records)
    assert gain_of(results).difference == pytest.approx((0.05 + 0.02) / 2)
    one = gain_of(results, one_rival=True)
    assert set(one.against.values()) == {"gce"}
    assert one.difference == pytest.approx((0.15 + 0.02) / 2)


def test_a_cell_without_every_seed_stays_out_of_the_mean_gain_and_is_counted(tuned, result_set_of):
    records = tuned.grid(METHODS, ["symmetric(0.2)", "symmetric(0.4)"], [1, 2])
    records = [r for r in records if not (r.method == "dygen" and r.noise == "symmetric(0.2)" and r.seed == 2)]
    found = gain_of(result_set_of(records))
    assert len(found.against) == 1
    assert found.wanted == 2


def test_one_seed_gives_a_gain_without_an_interval(tuned, result_set_of):
    found = gain_of(result_set_of(tuned.grid(METHODS, ["symmetric(0.4)"], [1])))
    assert np.isfinite(found.difference)
    assert np.isnan(found.low)


def test_a_paper_beside_fine_tuned_runs_says_what_was_claimed_and_what_was_measured(written):
    assert set(written.paths) == {"paper-dygen.md", "paper-dygen.csv", "paper-dygen.tex"}
    synthetic, real = written.sentences[:2]
    assert "published as +3.10" in synthetic
    assert "12 of 12 cells" in synthetic
    assert "2 of 11 baselines" in synthetic
    assert "published as +1.48" in real
    assert "3 of 3 cells" in real
    (headline,) = written.headline
    assert headline.rows[0].cells[0].text == "+3.10 [a]"
    assert "arxivlens" in headline.caption
    frame = pd.read_csv(written.paths["paper-dygen.csv"])
    cells = frame[frame["table"].isin(["synthetic", "real"])]
    assert cells["published"].isna().all(), "no cell of the paper's own tables is known"
    assert set(frame.loc[frame["published"].notna(), "published"]) == {3.10, 1.48}


def test_the_table_says_which_corpus_was_measured(written):
    table = next(table for table in written.tables if "-synthetic-last" in table.key)
    assert {column.sub for column in table.columns} <= {"20news", "agnews_12k"}
    assert {column.group for column in table.columns} <= {"20newsgroup", "AG News"}


def test_frozen_heads_have_tables_of_their_own_and_nothing_published_beside_them(factory, tuned, tmp_path):
    fine = everything(tuned, [1])
    factory.recipe, factory.encoder = "frozen", "frozen:minilm"
    made = write_paper("dygen", everything(factory, [1]) + fine, tmp_path)
    apart = [table for table in made.tables if "frozen-minilm" in table.key]
    assert len(made.headline) == 2
    assert apart
    for table in apart:
        assert "no published figure" in table.caption
        assert "published" not in [column.name for column in table.columns]
    frame = pd.read_csv(tmp_path / "paper-dygen.csv")
    assert frame.loc[frame["recipe"] == "frozen", "published"].isna().all()


def test_missing_cells_are_blank_or_k_of_n(tuned, tmp_path):
    records = tuned.grid(METHODS, ["symmetric(0.2)"], [1, 2], ["20news"])
    made = write_paper("dygen", [r for r in records if (r.method, r.seed) != ("gce", 2)], tmp_path)
    table = next(table for table in made.tables if "-synthetic-last-1" in table.key)
    rows = {row.label.split(" ")[0]: [cell.text for cell in row.cells] for row in table.rows}
    assert rows["mixup"][:2] == ["(0/2)", ""]
    assert rows["gce"][0].endswith("(1/2)")
    assert "(1/12)" in made.headline[0].rows[0].cells[1].text


def test_trials_on_part_of_a_corpus_are_never_set_beside_a_paper(tuned, tmp_path):
    whole = everything(tuned, [1])
    small = [r.model_copy(update={"config": {"limits": {"train": 600}}, "trial": f"{r.trial}x"}) for r in whole[:3]]
    made = write_paper("dygen", whole + small, tmp_path)
    assert any(f"3 of {len(whole) + 3} records" in sentence for sentence in made.sentences)
    with pytest.raises(BenchmarkError, match="whole corpora"):
        write_paper("dygen", small, tmp_path)


def test_the_ablation_appears_when_a_variant_was_measured(written, tuned, tmp_path):
    records = tuned.grid([*METHODS, "dygen[score=random]"], ["symmetric(0.4)"], [1, 2], ["trec"])
    made = write_paper("dygen", records, tmp_path)
    (table, _) = [table for table in made.tables if "ablation" in table.key]
    assert any("dygen[score=random]" in row.label for row in table.rows)
    assert not [table for table in written.tables if "ablation" in table.key]


def test_weak_label_anchors_stand_beside_the_nearest_method(written):
    table = next(table for table in written.tables if "anchors-boxwrench" in table.key)
    row = next(row for row in table.rows if row.label == "trec: MV + BERT hard")
    texts = [cell.text for cell in row.cells]
    assert texts[0] == "66.36 ± 1.68 [a]"
    assert texts[3] == "cross_entropy"
    assert "±" in texts[4]
    reprinted = next(table for table in written.tables if "anchors-weaker" in table.key)
    assert reprinted.rows[0].cells[0].text == "93.0 [a*]"
    assert "reprint" in reprinted.caption


def test_the_same_records_in_another_order_give_the_same_bytes_and_keys_are_unique(written, tuned, tmp_path):
    second = write_paper("dygen", everything(tuned, [1, 2])[::-1], tmp_path)
    for name in written.paths:
        assert written.paths[name].read_bytes() == second.paths[name].read_bytes(), name
    labels = re.findall(r"\\label\{(.*?)\}", "".join(map(latex, written.tables)))
    assert len(labels) == len(set(labels))
