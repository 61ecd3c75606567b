import zipfile

import pytest

from benchmark.contracts import BenchmarkError
from benchmark.corpora.tables.reading import read_table
from benchmark.corpora.tables.sniffing import sniff

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def workbook(path, **sheets):
    """A spreadsheet as Excel writes it, as small as it can be."""
    with zipfile.ZipFile(path, "w") as book:
        numbers = range(1, len(sheets) + 1)
        listed = "".join(
            f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in zip(numbers, sheets, strict=True)
        )
        book.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>'
        )
        first = f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        book.writestr("_rels/.rels", f'<Relationships xmlns="{PACKAGE}/relationships">{first}</Relationships>')
        related = "".join(
            f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>'
        )
        book.writestr("[Content_Types].xml", f'<Types xmlns="{PACKAGE}/content-types"/>')
        for number, rows in zip(numbers, sheets.values(), strict=True):
            body = "".join(
                f'<row r="{r}">{"".join(_cell(r, c, value) for c, value in enumerate(row))}</row>'
                for r, row in enumerate(rows, 1)
            )
            sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'
            book.writestr(f"xl/worksheets/sheet{number}.xml", sheet)
    return path


def _cell(row, column, value):
    place = f"{'ABCDEFG'[column]}{row}"
    if value is None:
        return ""
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def test_the_first_sheet_with_rows_is_read_and_said(tmp_path):
    pytest.importorskip("python_calamine", reason="spreadsheets are read by python-calamine")
    rows = [("text", "label", None), ("a text", 1.0, None), (7.5, 2.0, None), ("text", "label", None)]
    found = sniff(workbook(tmp_path / "mine.xlsx", empty=[], answers=rows))
    read = list(read_table(tmp_path / "mine.xlsx", found.layout))
    assert [row.cells for row in read[:2]] == [{"text": "a text", "label": 1}, {"text": 7.5, "label": 2}]
    assert read[2].problem
    assert "answers" in found.remarks[0]


def test_a_workbook_is_known_whatever_its_name(tmp_path):
    pytest.importorskip("python_calamine", reason="spreadsheets are read by python-calamine")
    path = workbook(tmp_path / "mine.csv", one=[("text", "label"), ("a", "good")])
    assert [row.cells for row in read_table(path, sniff(path).layout)] == [{"text": "a", "label": "good"}]


def test_a_damaged_workbook_is_refused(tmp_path):
    (tmp_path / "mine.xlsx").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(BenchmarkError, match=r"mine\.xlsx"):
        sniff(tmp_path / "mine.xlsx")
