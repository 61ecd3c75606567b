"""A table as an .xlsx workbook of one sheet, whose cells are texts and numbers, and
never formulas.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape

Value = str | int | float | None

LONGEST_CELL = 32_767
"""The most letters that a cell of a workbook may hold."""

UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold."""

MOMENT = (1980, 1, 1, 0, 0, 0)
NAMESPACE = "http://schemas.openxmlformats.org"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{NAMESPACE}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        '<Override PartName="/xl/styles.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{NAMESPACE}/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{NAMESPACE}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>"
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{NAMESPACE}/spreadsheetml/2006/main" '
        f'xmlns:r="{NAMESPACE}/officeDocument/2006/relationships">'
        '<sheets><sheet name="suspects" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{NAMESPACE}/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{NAMESPACE}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{NAMESPACE}/officeDocument/2006/relationships/styles" Target="styles.xml"/>'
        "</Relationships>"
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{NAMESPACE}/spreadsheetml/2006/main"><fonts count="2"><font><sz val="11"/>'
        '<name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
        '</fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1">'
        '<alignment vertical="top" wrapText="1"/></xf><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" '
        'applyFont="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    ),
}

POINTS_A_LINE = 15
MOST_LINES = 5
"""Rows are no higher, so that many stay in view where texts are long."""

COMMON, BOLD = 0, 1
"""Places of the styles of cells."""


def workbook(columns: Sequence[str], rows: Iterable[Sequence[Value]], widths: Sequence[int]) -> bytes:
    """Give the bytes of a workbook, the same for the same content.

    The first row, the columns' names, is bold, stays in view and filters the others.
    Texts are broken into lines, cut at the 32,767 letters of a cell, and letters that
    XML cannot hold become U+FFFD.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in PARTS.items():
            archive.writestr(zipfile.ZipInfo(name, MOMENT), HEAD + part, zipfile.ZIP_DEFLATED)
        sheet = "".join(_sheet(columns, rows, widths))
        archive.writestr(zipfile.ZipInfo("xl/worksheets/sheet1.xml", MOMENT), HEAD + sheet, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _sheet(columns: Sequence[str], rows: Iterable[Sequence[Value]], widths: Sequence[int]) -> Iterator[str]:
    yield f'<worksheet xmlns="{NAMESPACE}/spreadsheetml/2006/main"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
    yield '<sheetViews><sheetView workbookViewId="0">'
    yield '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>'
    for number, width in enumerate(widths, start=1):
        yield f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
    yield "</cols><sheetData>"
    yield _row(1, columns, 1, BOLD)
    number = 1
    for number, row in enumerate(rows, start=2):
        yield _row(number, row, _lines(row, widths), COMMON)
    yield f'</sheetData><autoFilter ref="A1:{_letters(len(columns) - 1)}{number}"/>'
    yield '<pageSetup orientation="landscape" fitToWidth="1" fitToHeight="0"/></worksheet>'


def _lines(row: Sequence[Value], widths: Sequence[int]) -> int:
    """Estimate how many lines the longest text of a row takes, up to the most shown."""
    taken = (-(-len(value) // width) for value, width in zip(row, widths, strict=True) if isinstance(value, str))
    return max(1, min(MOST_LINES, max(taken, default=1)))


def _row(number: int, values: Sequence[Value], lines: int, style: int) -> str:
    cells = (_cell(f"{_letters(place)}{number}", value, style) for place, value in enumerate(values))
    height = f'ht="{lines * POINTS_A_LINE}" customHeight="1"'
    return f'<row r="{number}" {height}>{"".join(cells)}</row>'


def _cell(place: str, value: Value, style: int) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        shown = escape(UNWRITABLE.sub("�", value)[:LONGEST_CELL])
        return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'
    return f'<c r="{place}" s="{style}"><v>{value}</v></c>'


def _letters(place: int) -> str:
    """Write the letters of a column, which is counted from 0.

    >>> _letters(0), _letters(25), _letters(26)
    ('A', 'Z', 'AA')
    """
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
