"""Workbooks: formulas, errors, dates, merged and far-away cells, sheets that are empty or hidden, and broken parts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence

from tests.nasty.record import HEADER, Nasty, Row, padding, refused, table
from tests.nasty.xlsx import Cell, boolean, date, error, formula, number, rows_of, sheet, text, workbook

SHEET = "xl/worksheets/sheet1.xml"
PLAIN = rows_of([HEADER, *padding()])


def _with(name: str, cells: Iterable[Sequence[Cell]], rows: Iterable[Row], *findings: str) -> Nasty:
    """A workbook of one sheet: a header, nasty rows, and ordinary rows under them."""
    made = workbook({"Data": sheet([PLAIN[0], *cells, *PLAIN[1:]])})
    return table(name, made, HEADER, [*rows, *padding()], *findings)


def _without(part: str) -> bytes:
    """A workbook in which a part is missing."""
    return with_part(part, None)


def with_part(part: str, content: bytes | None) -> bytes:
    """A workbook in which a part holds something else, or is missing."""
    return packed({name: kept for name, kept in {**parts(), part: content}.items() if kept is not None})


def parts() -> dict[str, bytes]:
    """The parts of a plain workbook."""
    with zipfile.ZipFile(io.BytesIO(workbook({"Data": sheet(PLAIN)}))) as whole:
        return {name: whole.read(name) for name in whole.namelist()}


def packed(made: dict[str, bytes]) -> bytes:
    """Parts as a workbook."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in made.items():
            archive.writestr(name, content)
    return out.getvalue()


WORKBOOKS: tuple[Nasty, ...] = (
    table("plain.xlsx", lambda: workbook({"Data": sheet(PLAIN)}), HEADER, padding()),
    table("workbook-called.csv", lambda: workbook({"Data": sheet(PLAIN)}), HEADER, padding()),
    _with("formulas.xlsx", [[formula("1+1", "2"), formula('"a"&"b"', "ab")]], [("2", "ab")]),
    _with("formulas-without-results.xlsx", [[formula("1+1", None), formula("A1", "a")], [text("b"), formula("2", "")]],
          [(None, "a"), ("b", None)], "formulas-without-results"),
    _with("texts-like-formulas.xlsx", [[text("=1+1"), text("@SUM(A1)")], [text("+cmd"), text("-2")]],
          [("=1+1", "@SUM(A1)"), ("+cmd", "-2")]),
    _with("errors.xlsx", [[error("#DIV/0!"), text("a")], [text("b"), error("#N/A")]],
          [(None, "a"), ("b", None)], "cell-errors"),
    _with("days.xlsx", [[date(45351), date(45351.5, 2)], [date(0.75, 3), text("a")]],
          [("2024-02-29", "2024-02-29 12:00:00"), ("18:00:00", "a")]),
    _with("a-day-after-all-days.xlsx", [[date(10_000_000), text("b")]], [("10000000", "b")]),
    _with("truths.xlsx", [[boolean(True), boolean(False)]], [("TRUE", "FALSE")]),
    _with("numbers.xlsx", [[number(7.0), number(0.1)], [number(1e20), number("12345678901234567")],
                           [number(-0.0), number("1E-7")], [number(1 / 3), number(0.1 + 0.2)]],
          [("7", "0.1"), ("1e+20", "1.23456789012346e+16"), ("0", "1e-07"), ("0.333333333333333", "0.3")]),
    _with("texts-like-numbers.xlsx", [[text("007"), text("1e5")], [text("NA"), text("null")]],
          [("007", "1e5"), ("NA", "null")]),
    _with("lines-and-signs.xlsx", [[text("one\ntwo\tthree"), text("שלום 👨‍👩‍👧 e\u0301")],
                                   [text("<&>\"'"), text("  spaces  ")]],
          [("one\ntwo\tthree", "שלום 👨‍👩‍👧 e\u0301"), ("<&>\"'", "  spaces  ")]),
    table("empty-rows-between.xlsx", lambda: workbook({"Data": sheet([PLAIN[0], [], PLAIN[1], ["", ""], *PLAIN[2:]])}),
          HEADER, padding()),
    table("away-from-the-corner.xlsx", lambda: workbook({"Data": sheet(PLAIN, first_row=5, first_column=3)}), HEADER,
          padding()),
    table("merged-cells.xlsx", lambda: workbook({"Data": sheet([*PLAIN, [text("one for two"), ""]], ["A26:B26"])}),
          HEADER, [*padding(), ("one for two", None)]),
    table("title-above.xlsx", lambda: workbook({"Data": sheet([[text("Answers of 2024"), "", ""], [],
          *rows_of([("text", "label", "more"), *padding(3)])])}), ["text", "label", "more"], padding(3), "rows-above"),
    table("columns-without-anything.xlsx", lambda: workbook({"Data": sheet([[row[0], "", row[1]] for row in PLAIN])}),
          HEADER, padding()),
    table("columns-without-a-name.xlsx", lambda: workbook({"Data": sheet([["", PLAIN[0][1]], *PLAIN[1:]])}),
          ["column_1", "label"], padding(), "column-without-name"),
    table("same-name-twice.xlsx", lambda: workbook({"Data": sheet(rows_of([("text", "text"), *padding()]))}),
          ["text", "text_2"], padding(), "duplicate-column"),
    table("first-sheet-empty.xlsx", lambda: workbook({"Notes": sheet([]), "Data": sheet(PLAIN)}), HEADER, padding(),
          "sheets"),
    table("first-sheet-hidden.xlsx", lambda: workbook({"Lists": sheet(rows_of([("a", "b"), ("c", "d")])),
          "Data": sheet(PLAIN)}, ["Lists"]), HEADER, padding(), "sheets"),
    refused("no-cells.xlsx", lambda: workbook({"Data": sheet([])}), "is empty"),
    refused("header-only.xlsx", lambda: workbook({"Data": sheet(PLAIN[:1])}), "holds a header and no rows"),
    refused("no-sheets.xlsx", lambda: workbook({}), "is empty"),
    refused("a-cell-far-away.xlsx", lambda: workbook({"Data": sheet(PLAIN).replace("</sheetData>",
            '<row r="1048576"><c r="XFD1048576" t="b"><v>1</v></c></row></sheetData>')}), "too large"),
    refused("a-cell-far-away-in-other-quotes.xlsx", lambda: workbook({"Data": sheet(PLAIN).replace("</sheetData>",
            "<row r='1048576'><c r = 'XFD1048576' t='b'><v>1</v></c></row></sheetData>")}), "too large"),
    refused("a-cell-beyond-all-sheets.xlsx", lambda: workbook({"Data": sheet(PLAIN).replace("</sheetData>",
            '<row r="9"><c r="ZZZZZZ99999999"><v>1</v></c></row></sheetData>')}), "too large"),
    refused("cells-without-a-place.xlsx", lambda: workbook({"Data": sheet(PLAIN).replace("</sheetData>",
            f'<row r="90">{"<c/>" * 2000}</row><row r="1000000"><c><v>1</v></c></row></sheetData>')}), "too large"),
    refused("cut-off.xlsx", lambda: workbook({"Data": sheet(PLAIN)})[:-200], "damaged zip archive"),
    refused("sheet-missing.xlsx", lambda: _without(SHEET), "could not be opened"),
    refused("list-of-sheets-missing.xlsx", lambda: _without("xl/workbook.xml"), "is empty"),
    refused("broken-sheet.xlsx", lambda: with_part(SHEET, b"<worksheet><row"), "could not be opened"),
    refused("sheet-of-noise.xlsx", lambda: with_part(SHEET, bytes(range(256))), "could not be opened"),
    refused("entities-without-end.xlsx", lambda: with_part("xl/workbook.xml", _entities()), "could not be opened"),
)  # fmt: skip


def _entities() -> bytes:
    """A text of XML that would unfold to a billion words."""
    named = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY e0 "word">{named}]><workbook>&e9;</workbook>'.encode()
