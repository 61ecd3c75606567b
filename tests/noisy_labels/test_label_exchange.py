"""Export and import: the same labels come back, and what is wrong with labels made
elsewhere is named.
"""

import csv
import dataclasses
import json
import re

import pytest

from benchmark.contracts import BenchmarkError, noise_from
from benchmark.contracts.labels.files import read_labels
from benchmark.corpora.corpus import Corpus
from benchmark.noisy_labels.inject import inject_noise
from benchmark.noisy_labels.label_exchange import ExportManifest, export_labels, import_labels
from tests.support.toy_corpora import corpus_of, split_of

NOISES = ["clean()", "symmetric(0.4)", "instance(0.2)", "observed(weak)", "imbalance(4)+hub(0.2)", "open_set(0.1)"]
NOISES += ["symmetric(0.2)+open_set(0.1)", "keywords(unmatched=abstain)"]


@pytest.mark.parametrize("valid", [80, 0])
@pytest.mark.parametrize("text", NOISES)
def test_exported_labels_come_back_with_the_same_fingerprint(text, valid, tmp_path):
    corpus, noise = corpus_of(valid=valid), noise_from(text)
    made = export_labels(corpus, noise, 3, tmp_path, with_clean=False)
    back = import_labels(tmp_path / "labels.csv", corpus)
    assert made.made == inject_noise(corpus, noise, 3).manifest
    assert back.manifest.fingerprint == made.made.fingerprint
    again = inject_noise(corpus, noise_from(str(back.noise)), seed=8).manifest
    assert again.fingerprint == made.made.fingerprint
    assert again.realised_rate == made.made.realised_rate
    assert any("the same labels after import" in note and "NOT" not in note for note in back.notes)


def rows_of(path):
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_text_has_a_row_and_clean_labels_come_only_when_asked_for(tmp_path):
    corpus, noise = corpus_of(), noise_from("symmetric(0.4)")
    made = export_labels(corpus, noise, 0, tmp_path / "without", with_clean=False)
    rows = rows_of(tmp_path / "without" / "labels.csv")
    assert made.rows == {"train": 400, "valid": 80}
    assert len(rows) == 480
    assert not any("clean" in name for name in rows[0])
    assert rows[0]["noisy_label_name"] == corpus.label_names[int(rows[0]["noisy_label"])]
    export_labels(corpus, noise, 0, tmp_path / "with", with_clean=True)
    clean = [int(row["clean_label"]) for row in rows_of(tmp_path / "with" / "labels.csv") if row["split"] == "train"]
    assert clean == corpus.splits["train"].clean_labels.tolist()


def test_the_manifest_says_what_the_labels_are(tmp_path):
    export_labels(corpus_of(), noise_from("symmetric(0.4)"), 5, tmp_path, with_clean=False)
    found = ExportManifest.model_validate(json.loads((tmp_path / "manifest.json").read_text()))
    assert (found.noise, found.noise_version, found.noise_parameters) == ("symmetric(0.4)", 1, {"rate": 0.4})
    assert (found.seed, found.corpus, found.made.realised_rate) == (5, "toy", 0.4)


def test_the_same_export_may_be_repeated_and_another_one_never_replaces_it(tmp_path):
    corpus, noise = corpus_of(), noise_from("symmetric(0.4)")
    first = export_labels(corpus, noise, 0, tmp_path, with_clean=False)
    assert export_labels(corpus, noise, 0, tmp_path, with_clean=False) == first
    with pytest.raises(BenchmarkError, match=re.escape(str(tmp_path))):
        export_labels(corpus, noise, 1, tmp_path, with_clean=False)


def by_row(corpus, folder, change=lambda row: row):
    """A file of one label each, by row number."""
    rows = [change(f"train,{row},{row % 4}") for row in range(len(corpus.splits["train"]))]
    path = folder / "made elsewhere.csv"
    path.write_text("\n".join(["split,row,noisy_label", *filter(None, rows)]) + "\n")
    return path


def test_row_numbers_become_ids_in_a_file_that_can_be_run(tmp_path):
    corpus = corpus_of(valid=0)
    back = import_labels(by_row(corpus, tmp_path), corpus)
    assert str(back.noise) == f"imported({tmp_path / 'made elsewhere-by-id.csv'})"
    noisy = inject_noise(corpus, back.noise, 0)
    assert noisy.train_labels.tolist() == (noisy.train_rows % 4).tolist()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda row: "" if row.startswith("train,7,") else row, r"no row for 1 of 400 train texts: 'train7'"),
        (
            lambda row: row.replace("train,7,", "train,400,"),
            r"row 8: corpus 'toy' has no such text \(row '400'",
        ),
        (lambda row: row.replace("train,7,", "valid,7,"), r"row 8: corpus 'toy' has no such text"),
        (lambda row: row.replace("train,7,", "train,-7,"), r"row 8: corpus 'toy' has no such text"),
        (lambda row: row.replace("train,7,", "train,6,"), r"twice: rows 7 and 8"),
        (lambda row: row.replace("train,7,3", "train,7,4"), r"Unknown class '4'.*row 8"),
    ],
)
def test_rows_that_do_not_fit_the_corpus_are_named(change, message, tmp_path):
    corpus = corpus_of(valid=0)
    with pytest.raises(BenchmarkError, match=message):
        import_labels(by_row(corpus, tmp_path, change), corpus)


def test_ids_of_another_corpus_are_refused(tmp_path):
    export_labels(corpus_of(train=400), noise_from("clean()"), 0, tmp_path, with_clean=False)
    with pytest.raises(BenchmarkError, match=r"301, 302, 303, 304, 305 .*\b95\b.*'toy'"):
        import_labels(tmp_path / "labels.csv", corpus_of(train=300))


def test_labels_that_were_changed_are_no_export_any_more(tmp_path):
    corpus = corpus_of()
    export_labels(corpus, noise_from("clean()"), 0, tmp_path, with_clean=False)
    path = tmp_path / "labels.csv"
    path.write_text(path.read_text() + "\n")
    assert import_labels(path, corpus).notes == ()


@pytest.mark.parametrize("name", ["a,b=c", "labels, final", 'a "b", c', "a) (b", " a", "it's"])
def test_a_path_with_signs_of_the_grammar_stands_in_quotes(tmp_path, name):
    corpus, folder = corpus_of(), tmp_path / name
    made = export_labels(corpus, noise_from("symmetric(0.4)"), 0, folder, with_clean=False)
    back = import_labels(folder / "labels.csv", corpus)
    again = noise_from(str(back.noise))
    assert again.file == str(folder / "labels.csv")
    assert inject_noise(corpus, again, 5).manifest.fingerprint == made.made.fingerprint


def test_a_path_that_a_noise_cannot_name_is_refused(tmp_path):
    corpus = corpus_of()
    export_labels(corpus, noise_from("clean()"), 0, tmp_path / "a\nb", with_clean=False)
    with pytest.raises(BenchmarkError, match=re.escape(str(tmp_path / "a\nb"))):
        import_labels(tmp_path / "a\nb" / "labels.csv", corpus)


def test_names_that_begin_as_formulas_do_so_in_no_file_and_come_back(tmp_path):
    names = ("=1+1", "'=1+1", "@x", "-1 star", "+", "\tt", "''-", "plain", "'quoted'")
    size = 90
    splits = {
        "train": split_of("train", size, classes=len(names), weak=False),
        "test": split_of("test", 20, weak=False),
    }
    splits["train"] = dataclasses.replace(splits["train"], ids=tuple(f"={row}" for row in range(size)))
    corpus = Corpus("toy", names, splits)
    made = export_labels(corpus, noise_from("symmetric(0.4)"), 0, tmp_path, with_clean=True)
    cells = [cell for row in rows_of(tmp_path / "labels.csv") for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert import_labels(tmp_path / "labels.csv", corpus).manifest.fingerprint == made.made.fingerprint


def test_names_of_a_file_made_elsewhere_are_read_as_they_are(tmp_path):
    corpus = Corpus(
        "toy", ("=a", "'+b"), {name: split_of(name, 40, classes=2, weak=False) for name in ("train", "test")}
    )
    rows = [f"{text_id},{corpus.label_names[row % 2]}" for row, text_id in enumerate(corpus.splits["train"].ids)]
    (tmp_path / "own.csv").write_text("id,noisy_label_name\n" + "\n".join(rows) + "\n")
    table = read_labels(tmp_path / "own.csv", corpus.label_names)
    assert [row.label for row in table.rows] == [row % 2 for row in range(40)]
