"""Read CSV, TSV and their relatives: looked through once for what is wrong, then imported with pyarrow.

Every cell is kept exactly as text ("007", "NA" and "null" too); only an empty cell is missing.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.data import arrow_files
from core.data.arrow_files import EARLY, Imported, portion
from core.data.dialect import ANNOUNCED, DELIMITERS, LONGEST_CELL, Dialect, sniff
from core.data.encoding import Encoding
from core.data.headers import header_findings
from core.data.origins import AS_DETECTED
from core.data.types import Finding, Progress
from core.data_config import ReadingConfig
from core.errors import DataError
from core.said import said, said_many

_BLOCK_SIZES = (1 << 21, 1 << 25, 1 << 29)
"""Bytes. A row must fit into one block, so a larger block is tried when one does not."""
_HEAD_ROWS = 200
_BETWEEN = {
    "comma": said("comma"),
    "semicolon": said("semicolon"),
    "tab": said("tab"),
    "vertical bar": said("vertical bar"),
}


@dataclass
class _Survey:
    """What one pass over the file found. Row numbers count from 1, under the header."""

    header: list[str]
    """The names in the first row, or its cells where it is a row like the others."""
    lines_above: int
    """How many lines stand above the first row of data: the header, empty ones, and Excel's ``sep=;``."""
    head: list[list[str]] = field(default_factory=list)
    rows: int = 0
    other_widths: Counter[int] = field(default_factory=Counter)
    """Width -> how many rows are that wide, where it is not the header's."""
    bad_quotes: list[int] = field(default_factory=list)


def import_csv(
    path: Path,
    encoding: Encoding,
    target: Path,
    progress: Progress | None = None,
    chosen: ReadingConfig = AS_DETECTED,
) -> Imported:
    """Write the table at ``path`` to the Arrow file ``target``, all columns as strings. Memory stays bounded.

    Raises ``DataError`` for what cannot be read as a table: no rows, a quote that never closes, rows that do not fit
    the header, a delimiter that was chosen and does not occur.
    """
    with encoding.open(path) as text:
        dialect = sniff(text, chosen)
    has_header = chosen.header is not False
    survey = _survey(path, encoding, dialect, has_header, portion(progress, 0.0, 0.5))
    _refuse_hopeless(path, survey, dialect)
    if chosen.delimiter and len(survey.header) == 1 and not survey.other_widths:
        _refuse_absent(path, encoding, dialect)
    names, findings = arrow_files.tidy_names(survey.header if has_header else [""] * len(survey.header))
    findings = findings if has_header else ()
    rows, skipped = _convert(path, encoding, dialect, names, survey, target, portion(progress, 0.5, 1.0))
    if not survey.bad_quotes and rows + len(skipped) != survey.rows:
        raise _unreadable(path, f"{survey.rows} rows were counted, {rows} read and {len(skipped)} left out")
    if not rows:
        raise _no_row_fits(path, len(names))
    if skipped:
        findings += (_misfit_finding(len(names), skipped),)
    if survey.bad_quotes:
        findings += (_quote_finding(survey.bad_quotes),)
    if chosen.header is None:
        findings += header_findings(survey.header, survey.head)
    read_as = ReadingConfig(delimiter=DELIMITERS[dialect.delimiter], quotes=dialect.quotes, header=has_header)
    return Imported(rows, findings, tuple(skipped), read_as)


def _survey(path: Path, encoding: Encoding, dialect: Dialect, has_header: bool, progress: Progress) -> _Survey:
    size = path.stat().st_size
    with open(path, "rb") as raw, io.TextIOWrapper(raw, encoding.codec, "replace", newline="") as text:
        reader = dialect.rows(text)
        header, lines_above = _header(path, reader)
        survey = _Survey(header, lines_above + has_header)
        width, rows = len(header), 0 if has_header else 1
        while True:
            line = reader.line_num
            try:
                for row in reader:  # millions of times: as little as possible happens here
                    line = reader.line_num
                    if len(row) == width:
                        rows += 1
                        if rows <= _HEAD_ROWS:
                            survey.head.append([cell[:200] for cell in row])
                        elif not rows % 16_384:
                            progress(raw.tell() / size, said("Looking through the file"))
                    elif row:
                        rows += 1
                        survey.other_widths[len(row)] += 1
                survey.rows = rows
                return survey
            except csv.Error as exc:
                if _never_closes(exc):
                    raise _unclosed(path, line + 1, str(exc)) from exc
                rows += 1
                survey.bad_quotes.append(rows)


def _header(path: Path, reader: Any) -> tuple[list[str], int]:
    """The row of names, and how many rows stand above it: empty ones, or Excel's ``sep=;``."""
    try:
        for lines_above, row in enumerate(reader):
            if row and not row[0].startswith(ANNOUNCED):
                return list(row), lines_above
    except csv.Error as exc:
        if _never_closes(exc):
            raise _unclosed(path, 1, str(exc)) from exc
        raise DataError(
            said("The first line of {file} has a quote mark in an unexpected place.", file=path.name),
            said("It should hold the names of the columns, as in: text,label."),
            cause=str(exc),
        ) from exc
    raise DataError(
        said("{file} is empty.", file=path.name), said("Check the export that made it, or choose another file.")
    )


def _never_closes(exc: csv.Error) -> bool:
    return "unexpected end of data" in str(exc) or "field larger than" in str(exc)


def _unclosed(path: Path, line: int, cause: str) -> DataError:
    place = {"file": path.name, "line": str(line)}
    return DataError(
        said(
            "In {file}, a quote opens in line {line} and is never closed (or a text there is longer than {most} "
            "characters).",
            **place,
            most=LONGEST_CELL,
        )
        if "larger" in cause
        else said("In {file}, a quote opens in line {line} and is never closed.", **place),
        said(
            "Add the missing {mark} in that line. A quote mark inside a quoted text is written twice, as {twice}.",
            mark='"',
            twice='""',
        ),
        cause=cause,
    )


def _refuse_hopeless(path: Path, survey: _Survey, dialect: Dialect) -> None:
    if not survey.rows:
        raise DataError(
            said("{file} holds a header and no rows.", file=path.name),
            said("The first line is read as the names of the columns. Add rows below it, or choose another file."),
        )
    if survey.other_widths.total() > survey.rows / 2:
        usual = survey.other_widths.most_common(1)[0][0]
        raise DataError(
            said("Most rows of {file} do not fit its header.", file=path.name),
            said(
                "The first line names {columns} columns, most rows have {cells} cells. Check the first line, and put "
                "texts that hold a {mark} in double quotes.",
                columns=str(len(survey.header)),
                cells=str(usual),
                mark=_BETWEEN[DELIMITERS[dialect.delimiter]],
            ),
        )


def _refuse_absent(path: Path, encoding: Encoding, dialect: Dialect) -> None:
    """One column, by a delimiter that was chosen: an error where another one would give several."""
    with encoding.open(path) as text:
        better = sniff(text).delimiter
    with encoding.open(path) as text:
        first = next((line for line in text if line.strip()), "")
    if better != dialect.delimiter and better in first:
        raise DataError(
            said(
                "There is no {mark} between the cells of {file}.",
                mark=_BETWEEN[DELIMITERS[dialect.delimiter]],
                file=path.name,
            ),
            said("It looks as if a {mark} stands between them.", mark=_BETWEEN[DELIMITERS[better]]),
        )


def _no_row_fits(path: Path, width: int) -> DataError:
    return DataError(
        said("No row of {file} fits its header.", file=path.name),
        said_many(
            width,
            "The first line names {count} column. Check the first line, and the quote marks in the rows under it.",
            "The first line names {count} columns. Check the first line, and the quote marks in the rows under it.",
        ),
    )


def _convert(
    path: Path,
    encoding: Encoding,
    dialect: Dialect,
    names: list[str],
    survey: _Survey,
    target: Path,
    progress: Progress,
) -> tuple[int, list[int]]:
    """Returns how many rows were written, and the numbers of those left out because their width is not the header's."""
    import pyarrow as pa

    lines_above = survey.lines_above
    for block_size in _BLOCK_SIZES:
        skipped: list[int] = []

        def skip(row: Any, skipped: list[int] = skipped) -> str:
            skipped.append(row.number - lines_above)
            return "skip"

        def report(done: int) -> None:
            progress(done / survey.rows, said("Reading the rows"))

        try:
            batches = _open(path, encoding, dialect, names, lines_above, block_size, skip)
            return arrow_files.write(target, batches.schema, batches, report), skipped
        except pa.ArrowInvalid as exc:
            if "straddling" not in str(exc):
                raise _unreadable(path, str(exc)) from exc
    raise _unreadable(path, f"a row is longer than {_BLOCK_SIZES[-1]} bytes")


def _open(
    path: Path, encoding: Encoding, dialect: Dialect, names: list[str], lines_above: int, block_size: int, skip: Any
) -> Any:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    # Given a path, Arrow would take its ending for what is in the file: .gz, .zst.
    source: Any = pa.OSFile(str(path)) if encoding.is_plain_utf8 else pa.PythonFile(_Utf8(path, encoding), mode="r")
    return arrow_csv.open_csv(
        source,
        read_options=arrow_csv.ReadOptions(
            column_names=names,
            skip_rows_after_names=lines_above,
            block_size=block_size,
            use_threads=False,  # only then are the numbers of rows that do not fit known
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char='"' if dialect.quotes else False,
            escape_char="\\" if dialect.escapes else False,
            newlines_in_values=dialect.quotes,
            invalid_row_handler=skip,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types={name: pa.string() for name in names},
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            null_values=[""],
        ),
    )


class _Utf8:
    """A text file of any encoding as a file of UTF-8 bytes, for readers that know no other."""

    def __init__(self, path: Path, encoding: Encoding) -> None:
        self._text = encoding.open(path)

    @property
    def closed(self) -> bool:
        return self._text.closed

    def read(self, size: int) -> bytes:
        """At most ``size`` bytes; a character takes at most four."""
        most = max(1, size // 4)
        text = self._text.read(most) or self._text.read(most)  # half a letter at the file's end comes only then
        return text.encode("utf-8", "replace")

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._text.close()


def _unreadable(path: Path, cause: str) -> DataError:
    return DataError(
        said("{file} could not be read as a table.", file=path.name),
        said("Open it in a spreadsheet program, check that the columns line up, and save it as CSV UTF-8."),
        cause=cause,
    )


def _misfit_finding(width: int, rows: list[int]) -> Finding:
    count = len(rows)
    return Finding(
        "row-width",
        "warning",
        said_many(
            count,
            "{count} row has more or fewer cells than the header.",
            "{count} rows have more or fewer cells than the header.",
        ),
        said(
            "The header names {columns} columns. Such rows are left out, since no one can say which cell belongs to "
            "which column.",
            columns=width,
        ),
        said("Often a text holds the separator and does not stand in quotes: put it in double quotes."),
        count,
        tuple(rows[:EARLY]),
    )


def _quote_finding(rows: list[int]) -> Finding:
    return Finding(
        "odd-quotes",
        "warning",
        said_many(
            len(rows),
            "{count} row has a quote mark in an unexpected place.",
            "{count} rows have a quote mark in an unexpected place.",
        ),
        said(
            "A quoted text goes on after its closing quote, so a quote may be missing and two rows may have become one."
        ),
        said(
            "Look at these rows in the file. A quote mark inside a quoted text is written twice, as {marks}.",
            marks='""',
        ),
        len(rows),
        tuple(rows[:EARLY]),
    )
