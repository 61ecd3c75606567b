import json

import pytest

from benchmark.contracts import BenchmarkError
from benchmark.corpora.tables.cells import cell, found_cell
from benchmark.corpora.tables.reading import read_table
from benchmark.corpora.tables.sniffing import sniff

ROWS = [{"text": "a", "label": "good"}, {"text": "b", "label": "bad"}]


def rows_of(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return [row.cells for row in read_table(path, sniff(path).layout)]


@pytest.mark.parametrize("end", ["json", "jsonl"])
@pytest.mark.parametrize(
    "content",
    [
        json.dumps(ROWS),
        json.dumps(ROWS, indent=1),
        "".join(json.dumps(row) + "\n" for row in ROWS),
        "\n".join(json.dumps(row) for row in ROWS),
    ],
)
def test_lists_and_lines_are_told_apart_whatever_the_name(tmp_path, end, content):
    assert rows_of(tmp_path, f"mine.{end}", content) == ROWS


@pytest.mark.parametrize(
    "content",
    [
        {"version": 1, "data": ROWS},
        {"text": {"0": "a", "1": "b"}, "label": {"0": "good", "1": "bad"}},
        {"text": ["a", "b"], "label": ["good", "bad"]},
        {"text": {"x": "a", "y": "b"}, "label": {"x": "good", "y": "bad"}},
        {"columns": ["text", "label"], "index": [0, 1], "data": [["a", "good"], ["b", "bad"]]},
    ],
)
def test_what_pandas_and_others_wrap_rows_in(tmp_path, content):
    assert rows_of(tmp_path, "mine.json", json.dumps(content)) == ROWS


def test_rows_that_each_have_a_key_are_read(tmp_path):
    rows = [{"text": "a", "label": "good"}, {"text": "b"}, {"text": "c", "label": "bad"}]
    content = json.dumps({f"-N{number}": row for number, row in enumerate(rows)})
    assert rows_of(tmp_path, "firebase.json", content) == rows


@pytest.mark.parametrize("content", ["3", '{"a": 1}', "[", "[" * 100_000])
def test_json_that_is_no_table_is_refused(tmp_path, content):
    with pytest.raises(BenchmarkError, match=r"mine\.json"):
        rows_of(tmp_path, "mine.json", content)


def test_points_lead_into_objects_and_lists():
    row = {"data": {"text": "a"}, "annotations": [{"result": [{"value": {"choices": ["good"]}}]}]}
    assert cell(row, "data.text", "") == "a"
    assert cell(row, "annotations.0.result.0.value.choices", "") == ["good"]
    assert found_cell(row, "annotations.1.result") is None


def test_a_name_with_points_goes_first():
    row = {"label.responses": ["x", "y"], "label": {"responses": ["z"]}}
    assert cell(row, "label.responses", "") == ["x", "y"]
    assert cell(row, "label.responses.1", "") == "y"
