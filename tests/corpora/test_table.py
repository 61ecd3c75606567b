import pytest

from benchmark.contracts import BenchmarkError, UnknownNameError
from benchmark.corpora.readers.table import Table


def read(tmp_path, content: str, **options: object):
    path = tmp_path / "rows"
    path.write_text(content, encoding="utf-8")
    reader = Table.model_validate({"splits": {"train": {"file": "rows", "text": ["text"], "label": "label"} | options}})
    return reader.read({"rows": path}, ("bad", "good"))["train"]


def test_labels_are_names_or_numbers(tmp_path):
    raw = read(tmp_path, "text,label\na,good\nb,0\n")
    assert raw.texts == ("a", "b")
    assert raw.clean_labels.tolist() == [1, 0]


def test_columns_without_header_are_numbers_and_texts_are_joined(tmp_path):
    raw = read(tmp_path, '2\tTitle\tbody "x"\n', header=False, text=[1, 2], label=0, first_label=1, format="tsv")
    assert raw.texts == ('Title body "x"',)
    assert raw.clean_labels.tolist() == [1]


def test_json_lines_carry_ids_and_noisy_labels(tmp_path):
    lines = (
        '{"text": "a", "label": 1, "key": "k1", "crowd": 0}\n{"text": "b", "label": 0, "key": "k2", "crowd": null}\n'
    )
    raw = read(tmp_path, lines, format="jsonl", id="key", observed={"crowd": "crowd"})
    assert raw.ids == ("k1", "k2")
    assert raw.given["crowd"].tolist() == [0, -1]


def test_ids_from_text_do_not_depend_on_the_order_of_rows(tmp_path):
    one = read(tmp_path, "text,label\na,0\nb,1\na,1\na,0\n")
    two = read(tmp_path, "text,label\na,1\na,0\na,0\nb,1\n")
    assert len(set(one.ids)) == 4
    assert set(zip(one.ids, one.texts, one.clean_labels.tolist(), strict=True)) == set(
        zip(two.ids, two.texts, two.clean_labels.tolist(), strict=True)
    )


def test_a_column_that_is_not_there_names_the_nearest(tmp_path):
    with pytest.raises(UnknownNameError, match=r"'txt'.*'text'"):
        read(tmp_path, "text,label\na,0\n", text=["txt"])


@pytest.mark.parametrize("label", ["2", "-1", "fine"])
def test_an_unknown_label_is_an_error_with_its_row(tmp_path, label):
    with pytest.raises(UnknownNameError, match=rf"'{label}'.*row 2"):
        read(tmp_path, f"text,label\na,0\nb,{label}\n")


def test_bytes_of_another_encoding_are_an_error(tmp_path):
    (tmp_path / "rows").write_bytes(b"text,label\n\xff\xfe,0\n")
    reader = Table.model_validate({"splits": {"train": {"file": "rows", "text": ["text"], "label": "label"}}})
    with pytest.raises(BenchmarkError, match="utf-8"):
        reader.read({"rows": tmp_path / "rows"}, ("bad", "good"))
