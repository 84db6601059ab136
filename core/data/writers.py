"""Write tables in the form they came in: slice by slice, so that memory stays bounded."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, TextIO

from core.errors import DataError
from core.said import said

_SUFFIXES = {
    "csv": ".csv",
    "tsv": ".tsv",
    "jsonl": ".jsonl",
    "json": ".jsonl",
    "parquet": ".parquet",
    "arrow": ".parquet",
    "workbook": ".csv",
    "zip": ".csv",
    "folder": ".csv",
    "conll": ".conll",
    "text": ".csv",
}
WRITTEN = ("csv", "jsonl", "json", "parquet", "conll", "text")
"""The formats that are written as they are read; a table of another kind is written as one of these."""
_FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"
"""How a text begins that Excel, LibreOffice or Google Sheets take for a formula, which can send the sheet elsewhere.
Source: https://owasp.org/www-community/attacks/CSV_Injection
"""
_SIGNED_NUMBER = r"^[+-]?(\d[\d.,]*|\.\d+)([eE][+-]?\d+)?%?$"
_NOTHING = "_"
"""What CoNLL writes where there is nothing to say."""


class TableWriter(Protocol):
    """Takes ``pyarrow.Table``s of one schema, one after the other. The file is whole after ``close``."""

    def write(self, table: Any) -> None: ...

    def close(self) -> None: ...


def suffix(format: str) -> str:
    """How a file's name ends that is written back for a table of this format (as in ``TableMeta.format``)."""
    return _SUFFIXES[format]


def open_writer(format: str, path: Path, schema: Any) -> TableWriter:
    """Begin to write ``path`` for a table of this format, with the columns of a ``pyarrow.Schema``.

    One JSON list becomes JSON lines, plain text becomes CSV, since answers need columns of their own. What stood at
    ``path`` is replaced. Raises ``DataError`` when tokens are wanted and the schema has no ``tokens``.
    """
    match _SUFFIXES[format]:
        case ".jsonl":
            return _JsonLines(path)
        case ".parquet":
            return _Parquet(path, schema)
        case ".conll":
            return _Conll(path, schema)
        case kind:
            return _Csv(path, schema, "\t" if kind == ".tsv" else ",")


class _Csv:
    """UTF-8. Lists and objects are written as JSON; texts that a spreadsheet would reckon get an apostrophe before."""

    def __init__(self, path: Path, schema: Any, delimiter: str) -> None:
        import pyarrow as pa
        from pyarrow import csv

        fields = [pa.field(field.name, pa.string()) if pa.types.is_nested(field.type) else field for field in schema]
        self._schema = pa.schema([field.with_name(harmless_name(field.name)) for field in fields])
        self._file = csv.CSVWriter(str(path), self._schema, write_options=csv.WriteOptions(delimiter=delimiter))

    def write(self, table: Any) -> None:
        import pyarrow as pa

        columns = [
            pa.array([None if value is None else _json(value) for value in column.to_pylist()], pa.string())
            if pa.types.is_nested(column.type)
            else _harmless(column)
            for column in table.columns
        ]
        self._file.write_table(pa.table(columns, schema=self._schema))

    def close(self) -> None:
        self._file.close()


def harmless_name(name: str) -> str:
    """A column's name as it stands in a spreadsheet's file."""
    return f"'{name}" if re.match(_FORMULA, name) else name


def _harmless(column: Any) -> Any:
    """A column whose texts are only texts to a spreadsheet program. Numbers stay numbers: -5, +1.5e3, -3%."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    risky = pc.and_(
        pc.match_substring_regex(column, _FORMULA), pc.invert(pc.match_substring_regex(column, _SIGNED_NUMBER))
    )
    if not pc.any(risky).as_py():
        return column
    quoted = pc.binary_join_element_wise(pa.scalar("'", column.type), column, pa.scalar("", column.type))
    return pc.if_else(risky, quoted, column)


class _JsonLines:
    """UTF-8, one object a line, values with their own types."""

    def __init__(self, path: Path) -> None:
        self._file = _create(path)

    def write(self, table: Any) -> None:
        self._file.writelines(f"{_json(row)}\n" for row in table.to_pylist())

    def close(self) -> None:
        self._file.close()


class _Parquet:
    """All types as they are."""

    def __init__(self, path: Path, schema: Any) -> None:
        from pyarrow import parquet

        self._file = parquet.ParquetWriter(path, schema)

    def write(self, table: Any) -> None:
        self._file.write_table(table)

    def close(self) -> None:
        self._file.close()


class _Conll:
    """Sentences parted by empty lines; a line is a token and, after tabs, its value in every other list of the row.

    Columns that are no list of texts or numbers are said once a sentence, in a comment as CoNLL-U writes it.
    """

    def __init__(self, path: Path, schema: Any) -> None:
        lists = [field.name for field in schema if _is_list_of_scalars(field.type)]
        if "tokens" not in lists:
            raise DataError(
                said("The table has no lists of tokens."), said("Name the column that holds them “tokens”.")
            )
        self._lists = [name for name in lists if name != "tokens"]
        self._others = [field.name for field in schema if field.name not in lists]
        self._file = _create(path)

    def write(self, table: Any) -> None:
        for row in table.to_pylist():
            for name in self._others:
                if row[name] is not None:
                    self._file.write(f"# {_one_field(name)} = {_comment(row[name])}\n")
            tokens = row["tokens"] or []
            for fields in zip(tokens, *(_filled(row[name], len(tokens)) for name in self._lists), strict=True):
                self._file.write("\t".join(map(_one_field, fields)) + "\n")
            self._file.write("\n")

    def close(self) -> None:
        self._file.close()


def _create(path: Path) -> TextIO:
    return open(path, "w", encoding="utf-8", newline="\n")


def _json(value: Any) -> str:
    """JSON on one line. Numbers that are none (NaN, infinity) become null, dates and the like become text."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False, default=str)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    return value


def _is_list_of_scalars(kind: Any) -> bool:
    import pyarrow as pa

    types = pa.types
    is_list = types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
    return bool(is_list and not types.is_nested(kind.value_type))


def _filled(values: Sequence[Any] | None, width: int) -> list[Any]:
    """One value a token; where the end of a sentence was not answered there is nothing to say."""
    found = list(values or [])
    if len(found) > width:
        raise DataError(
            said(
                "A sentence has {tokens} tokens and {values} values that belong to them.",
                tokens=width,
                values=len(found),
            ),
            said("Each value belongs to one token, so there cannot be more of them. Write the table as JSONL instead."),
        )
    return found + [None] * (width - len(found))


def _one_field(value: Any) -> str:
    return _NOTHING if value is None else _on_one_line(str(value)) or _NOTHING


def _comment(value: Any) -> str:
    return _on_one_line(value) if isinstance(value, str) else _json(value)


def _on_one_line(text: str) -> str:
    return re.sub(r"[\t\r\n]+", " ", text).strip(" ")
