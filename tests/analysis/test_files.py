"""Tables as CSV read back as they are and hold no formula."""

import io

import numpy as np
import pandas as pd

from benchmark.analysis.files import csv_bytes

TABLE = pd.DataFrame(
    {
        "number": [0.1, -0.0, 0.0, np.nan, 1e-7, 1e22],
        "count": pd.array([1, None, 3, 3, 2**60, 6], dtype="Int64"),
        "holds": [True, False] * 3,
        "text": ["plain", "a,b", 'a "b"', None, "two\nlines", "plain"],
    }
)


def test_a_table_is_written_as_pandas_writes_it():
    assert csv_bytes(TABLE).decode() == TABLE.to_csv(index=False, lineterminator="\n")


def test_a_format_for_numbers_leaves_counts_and_texts_alone():
    expected = TABLE.to_csv(index=False, lineterminator="\n", float_format="%.6g")
    assert csv_bytes(TABLE, float_format="%.6g").decode() == expected


def test_numbers_read_back_to_the_bit():
    read = pd.read_csv(io.BytesIO(csv_bytes(TABLE)))
    assert read["number"].to_numpy().tobytes() == TABLE["number"].to_numpy().tobytes()


def test_a_table_without_rows_keeps_its_names():
    assert csv_bytes(TABLE[:0]) == b"number,count,holds,text\n"


def test_no_name_and_no_text_is_a_formula():
    (head, cell) = csv_bytes(pd.DataFrame({"=name": ["=1+1"]})).decode().splitlines()
    assert not head.startswith("=")
    assert not cell.startswith("=")
