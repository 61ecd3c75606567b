"""Tables as downloads pack them."""

import bz2
import io
import lzma
import zipfile

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from benchmark.contracts import BenchmarkError
from benchmark.corpora.tables.reading import read_table
from benchmark.corpora.tables.sniffing import sniff, stem_of

TSV = "text\tlabel\na, b\tgood\n"
ROW = {"text": "a, b", "label": "good"}


def rows_of(path):
    return [row.cells for row in read_table(path, sniff(path, ("text", "label")).layout)]


def packed(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(("end", "compress"), [("bz2", bz2.compress), ("xz", lzma.compress)])
def test_other_compressions_are_read_as_the_inner_name_says(tmp_path, end, compress):
    path = tmp_path / f"mine.tsv.{end}"
    path.write_bytes(compress(TSV.encode()))
    assert rows_of(path) == [ROW]
    assert stem_of(path) == "mine"


@pytest.mark.parametrize("name", ["Tickets.zip", "Tickets.csv.zip", "Tickets.tsv"])
def test_the_only_table_of_a_zip_is_read_whatever_lies_beside_it(tmp_path, name):
    files = {"out/train.tsv": TSV, "__MACOSX/out/._train.tsv": "x", "readme.md": "hello", "out/.DS_Store": "x"}
    path = packed(tmp_path / name, files)
    assert rows_of(path) == [ROW]
    assert stem_of(path) == "Tickets"


@pytest.mark.parametrize(("files", "named"), [({"a.csv": TSV, "b.csv": TSV}, "a.csv, b.csv"), ({}, "nothing")])
def test_a_zip_of_several_tables_or_none_is_refused_with_their_names(tmp_path, files, named):
    path = packed(tmp_path / "mine.zip", files)
    with pytest.raises(BenchmarkError, match=named):
        sniff(path)


@pytest.mark.parametrize("end", ["csv.bz2", "csv.xz", "zip"])
def test_a_damaged_download_is_named(tmp_path, end):
    whole = packed(tmp_path / "whole.zip", {"t.csv": TSV * 99}).read_bytes()
    content = {"csv.bz2": bz2.compress(b"text" * 99), "csv.xz": lzma.compress(b"text" * 99), "zip": whole}[end]
    path = tmp_path / f"mine.{end}"
    path.write_bytes(content[:-20])
    with pytest.raises(BenchmarkError, match=rf"mine\.{end}"):
        sniff(path)


def test_what_is_packed_in_a_zip_must_be_a_table(tmp_path):
    path = packed(tmp_path / "mine.zip", {"letter.docx": "x"})
    with pytest.raises(BenchmarkError, match=r"'\.docx'.*letter\.docx in .*mine\.zip.*\.bz2"):
        sniff(path)


@pytest.mark.parametrize("end", ["arrow", "feather", "parquet", "parquet.bz2"])
def test_columnar_files_are_read(tmp_path, end):
    table, path, sink = pa.table({"text": ["a, b"], "label": ["good"]}), tmp_path / f"mine.{end}", io.BytesIO()
    if end == "arrow":
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
    elif end == "feather":
        pa.feather.write_feather(table, sink)
    else:
        pa.parquet.write_table(table, sink)
    path.write_bytes(bz2.compress(sink.getvalue()) if end.endswith("bz2") else sink.getvalue())
    assert rows_of(path) == [ROW]


@pytest.mark.parametrize("separator", ["\t", ","])
def test_a_text_that_is_called_a_spreadsheet_is_read_as_text(tmp_path, separator):
    (tmp_path / "mine.xls").write_text(f"text{separator}label\na b{separator}good\n", encoding="utf-8")
    assert rows_of(tmp_path / "mine.xls") == [{"text": "a b", "label": "good"}]


def test_a_page_that_is_called_a_spreadsheet_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "mine.xls").write_text("<html><table><tr><td>text</td></tr></table></html>", encoding="utf-8")
    with pytest.raises(BenchmarkError, match=r"mine\.xls is called a spreadsheet and is a page.*\.xlsx or \.csv"):
        sniff(tmp_path / "mine.xls")
