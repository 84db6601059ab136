"""Workbooks come in as a person sees them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from core.data.origins import Origin
from core.data.preview import preview
from core.data.tables import LoadedTable, open_table
from core.data_config import ReadingConfig
from core.errors import DataError
from tests import processes
from tests.workbook_making import row, table, text, write_workbook


def rows(loaded: LoadedTable) -> list[tuple[object, ...]]:
    return [tuple(one.values()) for one in loaded.table.to_pylist()]


def test_cells_are_read_as_they_are_seen(tmp_path: Path) -> None:
    names = ["text", "n", "date", "time", "clock", "yes", "bad", "sum"]
    head = row(3, *(text(f"{column}3", name) for column, name in zip("BCDEFGHI", names, strict=True)))
    first = row(
        4,
        text("B4", "hello"),
        '<c r="C4"><v>3</v></c><c r="D4" s="1"><v>45000</v></c><c r="E4" s="2"><v>45000.5</v></c>',
        '<c r="F4" s="3"><v>0.5</v></c><c r="G4" t="b"><v>1</v></c><c r="H4" t="e"><v>#N/A</v></c>',
        '<c r="I4"><f>1+2</f><v>3.5</v></c>',
    )
    last = row(6, text("B6", "#N/A"), '<c r="C6"><v>0.30000000000000004</v></c>')
    loaded = open_table(str(write_workbook(tmp_path / "t.xlsx", {"One": head + first + last})))
    assert loaded.table.column_names == names
    assert rows(loaded) == [
        ("hello", "3", "2023-03-15", "2023-03-15 12:00:00", "12:00:00", "TRUE", None, "3.5"),
        ("#N/A", "0.3", None, None, None, None, None, None),
    ]
    [errors] = [finding for finding in loaded.meta.findings if finding.code == "cell-errors"]
    assert errors.count == 1 and loaded.meta.format == "workbook"


def test_the_first_sheet_with_rows_unless_another_is_chosen(tmp_path: Path) -> None:
    sheets = {"Empty": "", "One": table(("text", "label"), ("a", "x")), "Two": table(("other",), ("b",))}
    path = write_workbook(tmp_path / "t.xlsx", sheets)
    found = preview(str(path))
    assert found.sheets == ("Empty", "One", "Two") and found.read_as == ReadingConfig(sheet="One", header=True)
    assert "“One” is read" in next(one.title for one in found.findings if one.code == "sheets")
    other = open_table(Origin(str(path), ReadingConfig(sheet="Two")))
    assert other.table.to_pydict() == {"other": ["b"]}
    plain = open_table(Origin(str(path), ReadingConfig(sheet="One", header=False)))
    assert plain.table.to_pydict() == {"column_1": ["text", "a"], "column_2": ["label", "x"]}
    with pytest.raises(DataError, match="no sheet called “Three”") as caught:
        open_table(Origin(str(path), ReadingConfig(sheet="Three")))
    assert "Empty, One, Two" in caught.value.advice and "as found" in caught.value.advice
    with pytest.raises(DataError, match="“Empty” of"):
        open_table(Origin(str(path), ReadingConfig(sheet="Empty")))


def test_a_title_above_the_table_and_bare_columns_are_left_out(tmp_path: Path) -> None:
    sheet = table(("Reviews of May", "", "", ""), ("text", "", "label", ""), ("a", "", "x", ""), ("b", "", "y", ""))
    loaded = open_table(str(write_workbook(tmp_path / "t.xlsx", {"One": sheet})))
    assert loaded.table.to_pydict() == {"text": ["a", "b"], "label": ["x", "y"]}
    assert {finding.code for finding in loaded.meta.findings} == {"rows-above"}


def test_a_lone_cell_far_away_is_an_error_and_not_the_end_of_the_memory(tmp_path: Path) -> None:
    sheet = table(("text",), ("a",)) + row(1_048_576, text("XFD1048576", "lost"))
    with pytest.raises(DataError, match="reaches down to row 1,048,576") as caught:
        open_table(str(write_workbook(tmp_path / "t.xlsx", {"One": sheet})))
    assert "CSV" in caught.value.advice


@pytest.mark.parametrize("content", [b"PK\x03\x04xl/workbook.xml", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)])
def test_what_only_looks_like_a_workbook(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.xlsx").write_bytes(content)
    with pytest.raises(DataError, match=r"t\.xlsx") as caught:
        open_table(str(tmp_path / "t.xlsx"))
    assert caught.value.advice


def test_an_empty_workbook_and_one_with_a_header_alone(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is empty"):
        open_table(str(write_workbook(tmp_path / "a.xlsx", {"One": ""})))
    with pytest.raises(DataError, match="header and no rows"):
        open_table(str(write_workbook(tmp_path / "b.xlsx", {"One": table(("text", "label"))})))


def write_open_document(path: Path, lines: str) -> Path:
    """A workbook as LibreOffice writes it, with one sheet of these rows as XML."""
    base = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = " ".join(f'xmlns:{name}="{base}:{name}:1.0"' for name in ("office", "table", "text"))
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    body = f'<office:body><office:spreadsheet><table:table table:name="One">{lines}</table:table>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<m:manifest xmlns:m="{base}:manifest:1.0">'
            f'<m:file-entry m:full-path="/" m:media-type="{kind}"/></m:manifest>',
        )
        ends = "</office:spreadsheet></office:body></office:document-content>"
        archive.writestr("content.xml", f"<office:document-content {spaces}>{body}{ends}")
    return path


def open_cell(value: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'


def test_a_libreoffice_workbook(tmp_path: Path) -> None:
    lines = "".join(f"<table:table-row>{open_cell(one)}</table:table-row>" for one in "ta")
    assert open_table(str(write_open_document(tmp_path / "t.ods", lines))).table.to_pydict() == {"t": ["a"]}


def test_a_workbook_that_its_reader_does_not_survive_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.data.workbook_child.MOST_MEMORY", 1 << 30)
    cells = open_cell("a").replace("table-cell ", 'table-cell table:number-columns-repeated="900" ', 1)
    lines = f'<table:table-row table:number-rows-repeated="100000">{cells}</table:table-row>'
    with pytest.raises(DataError, match=r"t\.ods could not be opened .*: its reader broke down") as caught:
        open_table(str(write_open_document(tmp_path / "t.ods", lines)))
    assert "CSV" in caught.value.advice and "exit code" in caught.value.cause


def test_reading_a_workbook_can_be_broken_off(tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def stop(fraction: float, words: str) -> None:
        if "Opening" in words:
            raise Enough

    path = write_workbook(tmp_path / "t.xlsx", {"One": table(("text",), ("a",))})
    others = set(processes.living())
    with pytest.raises(Enough):
        open_table(str(path), stop)
    assert set(processes.living()) <= others
