"""Read workbooks (.xlsx, .xls, .ods): one sheet of them, its cells as the texts that a person sees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from core.data import arrow_files
from core.data.arrow_files import Imported, portion
from core.data.headers import header_findings
from core.data.origins import AS_DETECTED
from core.data.types import Finding, Progress
from core.data.workbook_parts import Extent, damaged, extents
from core.data_config import ReadingConfig
from core.errors import DataError
from core.said import first_of, said, said_many

Row = list[Any]

_BATCH_ROWS = 10_000
_HEAD_ROWS = 200
_SHOWN = 10
"""Names of sheets."""
_MOST_CELLS = 25_000_000
"""A sheet is held as a whole while it is read, empty cells too; this many take about 0.8 GB."""


def read_workbook(
    path: Path, target: Path, progress: Progress | None = None, chosen: ReadingConfig = AS_DETECTED
) -> Imported:
    """Write one sheet of the workbook at ``path`` to the Arrow file ``target``, all columns as texts.

    It is the sheet that was ``chosen``, else the first one with rows. Formulas are read as the results that were saved
    with them, errors such as #N/A as missing. Empty rows and columns around the table are left out.

    Raises ``DataError`` when there is no such sheet, or none with rows, or the file is damaged or locked.
    """
    import python_calamine as calamine

    report = portion(progress, 0.0, 1.0)
    report(0.0, said("Opening the workbook"))
    try:
        found = extents(path)
        with calamine.load_workbook(str(path)) as book:
            name, rows = _chosen_sheet(path, book, found, chosen)
            imported = _import_sheet(path, rows, target, report, chosen)
            names = tuple(book.sheet_names)
    except calamine.PasswordError as exc:
        raise _locked(path) from exc
    except calamine.CalamineError as exc:
        raise damaged(path, str(exc)) from exc
    except BaseException as exc:
        if type(exc).__name__ != "PanicException":  # how the reader, which is written in Rust, fails unawares
            raise
        raise damaged(path, str(exc)) from exc
    findings = imported.findings
    if found.get(name) and found[name].errors:
        findings += (_error_finding(found[name].errors),)
    if found.get(name) and found[name].unreckoned:
        findings += (_unreckoned_finding(found[name].unreckoned),)
    if len(names) > 1:
        findings += (_sheet_finding(name, names),)
    read_as = ReadingConfig(sheet=name, header=chosen.header is not False)
    return Imported(imported.rows, findings, imported.skipped, read_as, names)


def _chosen_sheet(path: Path, book: Any, found: dict[str, Extent], chosen: ReadingConfig) -> tuple[str, Any]:
    """The name of the sheet to read, and the sheet."""
    if chosen.sheet is not None:
        if chosen.sheet not in book.sheet_names:
            raise DataError(
                said("{file} has no sheet called “{sheet}”.", file=path.name, sheet=chosen.sheet),
                said("Its sheets are: {sheets}.", sheets=first_of(book.sheet_names, _SHOWN)),
            )
        names = [chosen.sheet]
    else:
        hidden = {meta.name for meta in book.sheets_metadata if "Visible" not in str(meta.visible).split(".")}
        names = sorted(book.sheet_names, key=lambda name: name in hidden)
    for name in names:
        extent = found.get(name)
        if extent and extent.cells > _MOST_CELLS:
            raise DataError(
                said(
                    "The sheet “{sheet}” of {file} reaches down to row {rows} and over {columns} columns: that is too "
                    "large to be opened as a workbook.",
                    sheet=name,
                    file=path.name,
                    rows=extent.rows,
                    columns=extent.columns,
                ),
                said(
                    "If it should be smaller, delete the lone cells far away from the table. Otherwise save the sheet "
                    "as CSV UTF-8."
                ),
            )
        sheet = book.get_sheet_by_name(name)
        if sheet.height:
            return name, sheet
    raise DataError(
        said("The sheet “{sheet}” of {file} is empty.", sheet=names[0], file=path.name)
        if chosen.sheet is not None
        else said("{file} is empty.", file=path.name),
        said("Check the export that made it, or choose another sheet or file."),
    )


def _import_sheet(path: Path, sheet: Any, target: Path, report: Progress, chosen: ReadingConfig) -> Imported:
    import pyarrow as pa

    rows = ([_shown(cell) for cell in row] for row in sheet.iter_rows())
    filled = (row for row in rows if any(row))
    above, first = _header(filled, has_header=chosen.header is not False)
    if not first:
        raise DataError(
            said("{file} is empty.", file=path.name), said("Check the export that made it, or choose another file.")
        )
    has_header = chosen.header is not False
    head = list(islice(filled, _HEAD_ROWS))
    if not has_header:
        head.insert(0, first)
    if not head:
        raise DataError(
            said("{file} holds a header and no rows.", file=path.name),
            said(
                "The first row is read as the names of the columns. Add rows below it, or choose another sheet or file."
            ),
        )
    names, _ = arrow_files.tidy_names(first if has_header else [""] * len(first))
    schema = pa.schema([(name, pa.string()) for name in names])
    total = sheet.total_height

    def batches() -> Iterator[Any]:
        for some in _some(chain(head, filled)):
            columns = [pa.array([cell or None for cell in column], pa.string()) for column in zip(*some, strict=True)]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    count = arrow_files.write(target, schema, batches(), lambda done: report(done / total, said("Reading the rows")))
    kept = _drop_bare_columns(target, first if has_header else [""] * len(first))
    _, findings = arrow_files.tidy_names([first[place] if has_header else "x" * place for place in kept])
    if above:
        findings += (_above_finding(above),)
    if chosen.header is None:
        findings += header_findings(first, [[cell[:200] for cell in row] for row in head])
    return Imported(count, findings)


def _header(rows: Iterator[Row], *, has_header: bool) -> tuple[list[str], Row]:
    """What stands above the table, such as its title, and its first row. A title is alone in its row."""
    first = next(rows, [])
    if not has_header:
        return [], first
    above: list[str] = []
    waiting = first
    while sum(map(bool, waiting)) == 1 and len(waiting) > 2 and len(above) < 10:
        above.append(next(filter(None, waiting)))
        waiting = next(rows, [])
    if sum(map(bool, waiting)) < 2 and above:
        return [], first  # never a wider row: those were rows of one column
    return above, waiting


def _some(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while some := list(islice(rows, _BATCH_ROWS)):
        yield some


def _drop_bare_columns(target: Path, header: list[str]) -> list[int]:
    """Leave out columns without a name and without a value; returns the places of those that stay."""
    bare = [place for place, name in enumerate(header) if not name]
    if bare:
        table = arrow_files.read(target)
        bare = [place for place in bare if table.column(place).null_count == table.num_rows]
    kept = [place for place in range(len(header)) if place not in bare]
    if bare and kept:
        smaller = target.with_suffix(".smaller")
        chosen = table.select(kept)
        arrow_files.write(smaller, chosen.schema, chosen.to_batches())
        smaller.replace(target)
    return kept


def _shown(cell: Any) -> str:
    """A cell as a person sees it: whole numbers without a point, fifteen digits at most, dates as 2026-01-31."""
    match cell:
        case str():
            return cell.encode("utf-8", "replace").decode("utf-8")
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
        case dt.datetime():
            return cell.isoformat(" ")
        case dt.date() | dt.time():
            return cell.isoformat()
        case None:
            return ""
        case _:
            return str(cell)


def _sheet_finding(name: str, names: tuple[str, ...]) -> Finding:
    others = [other for other in names if other != name]
    return Finding(
        "sheets",
        "info",
        said("The workbook has {sheets} sheets; “{sheet}” is read.", sheets=len(names), sheet=name),
        said("The others are: {sheets}.", sheets=first_of(others, _SHOWN)),
        said("Choose another sheet if the table stands there."),
        len(names),
    )


def _error_finding(count: int) -> Finding:
    return Finding(
        "cell-errors",
        "warning",
        said_many(count, "{count} cell holds an error, such as #N/A.", "{count} cells hold an error, such as #N/A."),
        said(
            "Its formula gave no result, so it is missing in the table."
            if count == 1
            else "Their formulas gave no result, so they are missing in the table."
        ),
        said("Correct the formulas in the workbook, if these cells matter."),
        count,
    )


def _unreckoned_finding(count: int) -> Finding:
    return Finding(
        "formulas-without-results",
        "warning",
        said_many(
            count, "{count} cell holds a formula without a result.", "{count} cells hold formulas without a result."
        ),
        said(
            "What wrote the workbook did not reckon, so it is missing in the table."
            if count == 1
            else "What wrote the workbook did not reckon, so they are missing in the table."
        ),
        said("Open the workbook in your spreadsheet program, save it once, and use that file."),
        count,
    )


def _above_finding(above: list[str]) -> Finding:
    shown = " | ".join(text[:60] for text in above[:3])
    return Finding(
        "rows-above",
        "info",
        said_many(
            len(above),
            "{count} row stands above the table and is not part of it.",
            "{count} rows stand above the table and are not part of it.",
        ),
        said("A row with a single cell above the names of the columns is read as a title: {title}.", title=shown),
        "",
        len(above),
    )


def _locked(path: Path) -> DataError:
    return DataError(
        said("{file} is locked with a password.", file=path.name), said("Save it without one, then use that file.")
    )
