"""Workbooks written by hand, part by part, so that tests can put anything into them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

_NAMES = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
# Styles 1 to 3 show a number as a day, as a moment, and as a time.
_STYLES = (
    f"{_HEAD}<styleSheet {_NAMES}><fonts><font/></fonts><fills><fill/></fills><borders><border/></borders>"
    '<cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/>'
    '<xf numFmtId="22" applyNumberFormat="1"/><xf numFmtId="21" applyNumberFormat="1"/></cellXfs></styleSheet>'
)

Cell = str
"""What stands in ``<c r="A1" …>``: its attributes and content, as made by the functions here; empty for no cell."""


def text(value: str) -> Cell:
    return f' t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is>'


def number(value: float | str) -> Cell:
    return f"><v>{value}</v>"


def date(serial: float | str, style: int = 1) -> Cell:
    """A number that is shown as a day (1), a moment (2) or a time (3)."""
    return f' s="{style}"><v>{serial}</v>'


def boolean(value: bool) -> Cell:
    return f' t="b"><v>{int(value)}</v>'


def error(value: str) -> Cell:
    return f' t="e"><v>{escape(value)}</v>'


def formula(code: str, value: str | None) -> Cell:
    """A formula with the text that it gave when the workbook was saved, or None where it was never reckoned."""
    kept = "" if value is None else f"<v>{escape(value)}</v>"
    return f' t="str"><f>{escape(code)}</f>{kept}'


def rows_of(rows: Iterable[Sequence[str]]) -> list[list[Cell]]:
    """Rows of plain texts."""
    return [[text(value) for value in row] for row in rows]


def sheet(rows: Iterable[Sequence[Cell]], merged: Iterable[str] = (), first_row: int = 1, first_column: int = 0) -> str:
    lines = []
    for at, row in enumerate(rows, start=first_row):
        cells = [f'<c r="{_column(place)}{at}"{cell}</c>' for place, cell in enumerate(row, first_column) if cell]
        lines.append(f'<row r="{at}">{"".join(cells)}</row>')
    areas = "".join(f"<mergeCell ref={quoteattr(area)}/>" for area in merged)
    merging = f"<mergeCells>{areas}</mergeCells>" if areas else ""
    return f"{_HEAD}<worksheet {_NAMES}><sheetData>{''.join(lines)}</sheetData>{merging}</worksheet>"


def workbook(sheets: dict[str, str], hidden: Sequence[str] = ()) -> bytes:
    """A workbook of sheets that ``sheet`` made, by their names."""
    numbered = list(enumerate(sheets.items(), start=1))
    listed = "".join(_listed(n, name, name in hidden) for n, (name, _) in numbered)
    kind = f"{_RELATIONS}/worksheet"
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{kind}" Target="worksheets/sheet{n}.xml"/>' for n, _ in numbered
    )
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    types = "".join(f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kinds}.worksheet+xml"/>'
                    for n, _ in numbered)  # fmt: skip
    parts = {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kinds}.styles+xml"/>{types}</Types>',
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_HEAD}<workbook {_NAMES} xmlns:r="{_RELATIONS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{relations}'
        f'<Relationship Id="rId0" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _STYLES,
        **{f"xl/worksheets/sheet{n}.xml": made for n, (_, made) in numbered},
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _listed(number: int, name: str, is_hidden: bool) -> str:
    state = ' state="hidden"' if is_hidden else ""
    return f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"{state}/>'


def _column(place: int) -> str:
    """A, B, …, Z, AA, AB, …"""
    name = ""
    while place >= 0:
        name = chr(65 + place % 26) + name
        place = place // 26 - 1
    return name
