import csv
import json
import re
from pathlib import Path

import pytest

from benchmark.contracts import BenchmarkError, UnknownNameError, noise_from
from benchmark.corpora import card_digest, catalogue, corpus_names, is_own, load_card, load_corpus
from benchmark.corpora.own import OwnData, add_own_data, own_remarks
from benchmark.experiment.choices import Choices
from benchmark.experiment.expansion import expand
from benchmark.experiment.grid import load_grid
from benchmark.noisy_labels.inject import inject_noise

TEXTS = [f"text number {i} — ünïcode 文字 🙂" for i in range(40)]
LABELS = ["good", "bad"] * 20


@pytest.fixture(autouse=True)
def own_cards(monkeypatch):
    monkeypatch.setattr(catalogue, "_own", {})


def write(path: Path, columns: dict[str, list[object]]) -> Path:
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    if path.suffix in (".csv", ".tsv"):
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(columns), delimiter="," if path.suffix == ".csv" else "\t")
            writer.writeheader()
            writer.writerows(rows)
    elif path.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.table(columns), path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def own(path: Path, text=("text",), label="label", clean=None, **more) -> OwnData:
    return OwnData(path, text, label, clean, **more)


def refused(data: OwnData) -> str:
    with pytest.raises(BenchmarkError) as caught:
        add_own_data(data)
    assert not any(map(is_own, corpus_names()))
    return str(caught.value)


@pytest.mark.parametrize("end", ["csv", "tsv", "jsonl", "ndjson", "parquet"])
def test_every_kind_of_file_gives_the_same_corpus(tmp_path, end):
    name = add_own_data(own(write(tmp_path / f"mine.{end}", {"text": TEXTS, "label": LABELS})))
    corpus = load_corpus(name)
    assert (name, corpus.label_names) == ("mine", ("bad", "good"))
    found = {
        text: corpus.label_names[label]
        for split in corpus.splits.values()
        for text, label in zip(split.texts, split.observed["given"].tolist(), strict=True)
    }
    assert found == dict(zip(TEXTS, LABELS, strict=True))
    assert 0 < len(corpus.splits["test"]) < len(corpus.splits["train"])


def test_without_clean_labels_none_are_made_up(tmp_path):
    corpus = load_corpus(add_own_data(own(write(tmp_path / "mine.csv", {"text": TEXTS, "label": LABELS}))))
    assert not any(split.has_clean_labels for split in corpus.splits.values())
    noisy = inject_noise(corpus, noise_from("observed(given)"), seed=0)
    told = noisy.manifest
    assert (told.realised_rate, told.realised_valid_rate, told.rate_by_class, told.transition_matrix) == (None,) * 4
    with pytest.raises(BenchmarkError, match="clean labels"):
        inject_noise(corpus, noise_from("symmetric(0.2)"), seed=0)


def test_with_clean_labels_the_rate_is_known(tmp_path):
    clean = ["bad", "bad", *LABELS[2:]]
    path = write(tmp_path / "mine.csv", {"text": TEXTS, "label": LABELS, "gold": clean})
    test = write(tmp_path / "other.csv", {"text": ["a", "b"], "gold": ["good", "bad"]})
    corpus = load_corpus(add_own_data(own(path, clean="gold", test=test)))
    train = corpus.splits["train"]
    assert train.clean_labels.tolist() == [corpus.label_names.index(label) for label in clean]
    assert (train.observed["given"] != train.clean_labels).sum() == 1
    assert corpus.splits["test"].texts == ("a", "b")
    assert corpus.splits["test"].has_clean_labels


def test_clean_labels_may_be_known_for_test_alone(tmp_path):
    path = write(tmp_path / "mine.csv", {"text": TEXTS, "label": LABELS})
    test = write(tmp_path / "test.csv", {"text": ["a", "b"], "gold": ["good", "bad"]})
    corpus = load_corpus(add_own_data(own(path, clean="gold", test=test)))
    assert not corpus.splits["train"].has_clean_labels
    assert corpus.splits["test"].has_clean_labels


def test_clean_labels_may_be_known_for_some_rows_alone(tmp_path):
    clean = ["bad", "bad", *[""] * 34, *LABELS[36:]]
    corpus = load_corpus(
        add_own_data(own(write(tmp_path / "mine.csv", {"text": TEXTS, "label": LABELS, "gold": clean}), clean="gold"))
    )
    known = {
        text: corpus.label_names[label]
        for split in corpus.splits.values()
        for text, label in zip(split.texts, split.clean_labels.tolist(), strict=True)
        if label >= 0
    }
    assert known == {text: label for text, label in zip(TEXTS, clean, strict=True) if label}
    assert sum(len(split.checked_rows) for split in corpus.splits.values()) == 6
    assert not any(split.has_clean_labels for split in corpus.splits.values())
    assert any("6 of 40 rows" in remark for remark in own_remarks("mine"))
    assert inject_noise(corpus, noise_from("observed(given)"), seed=0).manifest.realised_rate is None


def test_noise_is_not_injected_where_a_clean_label_is_missing(tmp_path):
    path = write(tmp_path / "mine.csv", {"text": TEXTS, "gold": ["", *LABELS[1:]]})
    assert "row 1." in refused(own(path, label=None, clean="gold"))


def test_rows_without_a_label_are_never_test_rows_of_a_carved_table(tmp_path):
    path = write(tmp_path / "mine.csv", {"text": TEXTS, "label": [*[""] * 30, *LABELS[30:]]})
    splits = load_corpus(add_own_data(own(path))).splits
    assert (splits["test"].observed["given"] >= 0).all()
    assert (splits["train"].observed["given"] < 0).sum() == 30


def test_labels_to_learn_from_may_be_missing_and_are_not_made_up(tmp_path):
    path = write(tmp_path / "mine.csv", {"text": TEXTS, "label": ["", *LABELS[1:]]})
    test = write(tmp_path / "test.csv", {"text": ["a", "b"], "label": ["good", "bad"]})
    corpus = load_corpus(add_own_data(own(path, test=test)))
    assert corpus.splits["train"].observed["given"][0] == -1
    assert inject_noise(corpus, noise_from("observed(given)"), seed=0).manifest.unlabelled_rows == 1


def test_a_label_of_minus_one_is_a_class_like_any_other(tmp_path):
    path = write(tmp_path / "mine.csv", {"text": TEXTS, "label": [-1, 1] * 20})
    corpus = load_corpus(add_own_data(own(path)))
    assert corpus.label_names == ("-1", "1")
    assert all((split.observed["given"] >= 0).all() for split in corpus.splits.values())


def test_whole_numbers_are_sorted_by_value_and_read_alike_from_every_file(tmp_path):
    numbers = [float(i % 12) for i in range(48)]
    texts = [f"t{i}" for i in range(48)]
    path = write(tmp_path / "mine.parquet", {"text": texts, "label": numbers})
    test = write(tmp_path / "test.csv", {"text": ["a", "b"], "label": ["2", "11"]})
    corpus = load_corpus(add_own_data(own(path, test=test)))
    assert corpus.label_names == tuple(map(str, range(12)))
    assert corpus.splits["test"].observed["given"].tolist() == [2, 11]


def test_pairs_are_joined_and_long_texts_are_read_whole(tmp_path):
    long = "word " * 100_000
    path = write(
        tmp_path / "mine.csv",
        {"question": [f"{long}{i}" for i in range(8)], "answer": ["yes"] * 8, "label": LABELS[:8]},
    )
    test = write(tmp_path / "test.csv", {"question": ["q"], "answer": ["no"], "label": ["good"]})
    corpus = load_corpus(add_own_data(own(path, text=("question", "answer"), test=test)))
    assert corpus.splits["test"].texts == ("q | no",)
    assert all(len(text) > 500_000 and text.endswith(" | yes") for text in corpus.splits["train"].texts)


def test_equal_texts_never_stand_on_both_sides_of_the_split(tmp_path):
    path = write(tmp_path / "mine.csv", {"text": TEXTS[:20] * 2, "label": LABELS})
    splits = load_corpus(add_own_data(own(path))).splits
    assert not set(splits["train"].texts) & set(splits["test"].texts)


def test_the_split_does_not_depend_on_the_order_of_rows(tmp_path):
    tests = []
    for order in (1, -1):
        path = write(tmp_path / "mine.csv", {"text": TEXTS[::order], "label": LABELS[::order]})
        tests.append(set(load_corpus(add_own_data(own(path))).splits["test"].texts))
    assert tests[0] == tests[1]


def test_two_thousand_classes(tmp_path):
    labels = [f"class {i % 2000:04}" for i in range(8000)]
    path = write(tmp_path / "mine.csv", {"text": [f"text {i}" for i in range(8000)], "label": labels, "gold": labels})
    corpus = load_corpus(add_own_data(own(path, clean="gold")))
    assert corpus.num_classes == 2000
    told = inject_noise(corpus, noise_from("symmetric(0.4)"), seed=0).manifest
    assert told.realised_rate == pytest.approx(0.4, abs=0.06)
    assert told.transition_matrix is None
    assert len(told.model_dump_json()) < 100_000


def test_the_id_follows_the_bytes_of_the_file_and_its_columns_not_its_place(tmp_path):
    columns = {"text": TEXTS, "label": LABELS, "other": LABELS[::-1]}
    (tmp_path / "deep").mkdir()
    digests = []
    for path, label in ((tmp_path, "label"), (tmp_path / "deep", "label"), (tmp_path, "other")):
        add_own_data(own(write(path / "mine.csv", columns), label=label))
        digests.append(card_digest("mine"))
    columns["text"] = [*TEXTS[:-1], "changed"]
    add_own_data(own(write(tmp_path / "mine.csv", columns)))
    assert digests[0] == digests[1]
    assert len({*digests, card_digest("mine")}) == 3


@pytest.mark.parametrize(
    ("label", "clean", "digest"),
    [("label", None, "d329861a9c263aeb"), ("label", "gold", "02843fdc08e556f1"), (None, "gold", "651666a538755c8b")],
)
def test_a_plain_table_has_the_id_that_it_always_had(tmp_path, label, clean, digest):
    rows = [f"text number {n},{['good', 'bad'][n % 2]},{['good', 'bad'][n // 2 % 2]}" for n in range(40)]
    (tmp_path / "mine.csv").write_text("text,label,gold\n" + "\n".join(rows) + "\n")
    assert card_digest(add_own_data(own(tmp_path / "mine.csv", label=label, clean=clean))) == digest


def test_a_grid_takes_the_labels_as_they_are_and_injects_into_clean_ones_alone(tmp_path):
    path = write(tmp_path / "mine.csv", {"text": TEXTS, "label": LABELS})
    chosen = Choices(corpora=(add_own_data(own(path)),), methods=("gce",), seeds=1)
    assert [config.noise for config in expand(load_grid("demo"), chosen)] == ["observed(given)"]
    with pytest.raises(BenchmarkError, match=r"symmetric\(0\.2\).*'mine' has none.*--clean-column"):
        expand(load_grid("demo"), Choices(corpora=("mine",), noises=("symmetric(0.2)",), methods=("gce",)))
    add_own_data(own(path, label=None, clean="label"))
    assert "symmetric(0.4)" in [config.noise for config in expand(load_grid("demo"), chosen)]


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({"text": TEXTS, "label": LABELS}, {"text": ("txt",)}, r"column 'txt'\. Did you mean 'text'.*mine\.csv"),
        ({"text": TEXTS, "label": LABELS}, {"label": "lable"}, r"column 'lable'\. Did you mean 'label'"),
        ({"text": TEXTS, "label": LABELS}, {"clean": "labels"}, r"column 'labels'\. Did you mean 'label'.*--clean"),
        ({"text": ["", " ", *TEXTS[2:]], "label": LABELS}, {}, r"no text in column 'text'.*row 1, 2\."),
        ({"text": TEXTS, "label": [*LABELS[:-1], "odd"]}, {}, r"classes seen once: 'odd' \(row 40\)"),
        ({"text": TEXTS, "label": ["one"] * 40}, {}, r"labels of 1 class; two are needed"),
        (
            {"text": TEXTS, "label": ["", *LABELS[1:]]},
            {"label": None, "clean": "label"},
            r"no label in column 'label'.*row 1\.",
        ),
        ({"text": TEXTS[:0], "label": []}, {}, r"has no rows"),
        ({"text": TEXTS, "label": LABELS}, {"label": None}, r"needs --text-column, and --label-column"),
        ({"text": TEXTS[:4], "label": LABELS[:4]}, {"test": Path("no.csv")}, r"no file no\.csv"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path, columns, options, message):
    said = refused(own(write(tmp_path / "mine.csv", columns), **options))
    assert re.search(message, said), said


def test_bytes_of_another_encoding_are_named_by_their_lines(tmp_path):
    lines = [
        b"text,label",
        *(f"tëxt {i},{LABELS[i]}".encode("latin-1" if i in (3, 17) else "utf-8") for i in range(40)),
    ]
    (tmp_path / "mine.csv").write_bytes(b"\n".join(lines))
    said = refused(own(tmp_path / "mine.csv"))
    assert "lines 5, 19." in said
    assert all(name in said for name in ("cp1252", "latin-1"))


def test_a_byte_order_mark_is_no_part_of_a_column(tmp_path):
    path = write(tmp_path / "mine.csv", {"text": TEXTS, "label": LABELS})
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert add_own_data(own(path)) == "mine"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("mine.csv", "text,label\na,good\nb, c,bad\n", r"row 2 \(ends in line 3\) has 3 cells, its header 2"),
        ("mine.csv", "text,text,label\na,b,good\n", r"two columns of one name: text"),
        ("mine.jsonl", '{"text": "a", "label": "x"}\n{"text": \n', r"line 2\) is not JSON"),
        ("mine.jsonl", '["a", "x"]\n', r"line 1\) must be an object"),
        ("mine.jsonl", '{"text": "a", "label": "x"}\n{"label": "x"}\n', r"'text'.*row 2"),
        ("mine.parquet", "no parquet", r"Cannot read .*mine\.parquet as parquet"),
        ("mine.docx", "", r"kind of table '\.docx'.*\.csv"),
    ],
)
def test_a_damaged_file_is_named_with_its_place(tmp_path, name, content, message):
    (tmp_path / name).write_text(content, encoding="utf-8")
    said = refused(own(tmp_path / name))
    assert re.search(message, said), said


def test_a_name_that_a_card_has_is_refused(tmp_path):
    assert "'trec'" in refused(own(write(tmp_path / "trec.csv", {"text": TEXTS, "label": LABELS})))


def test_a_name_is_letters_digits_and_underscores(tmp_path):
    path = write(tmp_path / "my tickets (2024).csv", {"text": TEXTS, "label": LABELS})
    assert add_own_data(own(path)) == "my_tickets_2024"
    assert load_card("my_tickets_2024").title == path.name
    with pytest.raises(UnknownNameError, match="--data"):
        load_card("my_tickets_2025")


def test_too_few_rows_to_take_a_test_from(tmp_path):
    path = write(tmp_path / "mine.csv", {"text": ["same"] * 4, "label": LABELS[:4]})
    add_own_data(own(path))
    with pytest.raises(BenchmarkError, match=r"\b4 rows"):
        load_corpus("mine")
