"""Columns of a table as texts and as classes, and the rows that cannot be used. All of it works on whole columns."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.data.columns import Columns, several
from core.data.types import Finding
from core.said import said, said_many

if TYPE_CHECKING:
    import numpy as np

    from core.tasks.base import Role

SHOWN_ROWS = 20
LONG_TEXT = 1_000_000
_WHOLE_FLOAT = re.compile(r"([+-]?\d+)\.0*")


@dataclass(frozen=True)
class Classes:
    """A label column read as classes: ``names`` in a natural order, and the class number of each row, -1 where empty.

    ``trimmed`` marks the rows whose label had spaces around it.
    """

    names: tuple[str, ...]
    codes: np.ndarray
    trimmed: np.ndarray


def as_text(column: Any) -> Any:
    """A ``pyarrow.ChunkedArray`` as large strings without spaces around them; missing values become empty.

    The letters of chunks that are so already are not copied: those of a table on disk stay there.
    """
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return pa.chunked_array([_trimmed(chunk) for chunk in column.chunks], pa.large_string())


def _trimmed(chunk: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = chunk.cast(pa.large_string())
    filled = texts.fill_null("") if texts.null_count else texts
    trimmed = pc.utf8_trim_whitespace(filled)
    is_same = pc.sum(pc.binary_length(trimmed)).as_py() == pc.sum(pc.binary_length(filled)).as_py()
    return filled if is_same else trimmed


def is_nested(column: Any) -> bool:
    """Whether a column holds lists or records instead of single values."""
    import pyarrow as pa

    return pa.types.is_nested(column.type) or pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)


def as_classes(column: Any) -> Classes:
    """Read a column of texts, numbers or booleans as classes. Whole numbers are written without a point."""
    import numpy as np
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = pa.concat_arrays(encoded.unify_dictionaries().chunks)
    values = encoded.dictionary.to_pylist()
    found = _without_points([class_name(value) for value in values])
    names = sorted(set(found) - {""}, key=natural_order(found))
    number = {name: place for place, name in enumerate(names)}
    # The last place stands for rows where the value itself is missing.
    to_code = np.array([number.get(name, -1) for name in found] + [-1], dtype=np.int64)
    to_trimmed = np.array([isinstance(v, str) and v != v.strip() for v in values] + [False], dtype=bool)
    places = encoded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
    return Classes(tuple(names), to_code[places], to_trimmed[places])


def class_name(value: Any) -> str:
    """How a class is called: 3.0 is ``3``, True is ``True``, what is missing is empty."""
    match value:
        case None:
            return ""
        case float():
            return "" if math.isnan(value) else str(int(value)) if value.is_integer() else str(value)
        case _:
            return str(value).strip()


def _without_points(names: list[str]) -> list[str]:
    """``1.0`` and ``2.0`` are the classes 1 and 2 that a spreadsheet wrote with a point, if all are of this form."""
    matches = [_WHOLE_FLOAT.fullmatch(name) for name in names if name]
    if not matches or not all(matches):
        return names
    return [name.partition(".")[0] for name in names]


def natural_order(names: Sequence[str]) -> Any:
    """A sort key: numbers by size (2 before 10, -1 before 0), also inside of words; letters without regard to case."""
    if all(re.fullmatch(r"[+-]?\d+", name) for name in names if name):
        return lambda name: (int(name), name)

    def key(name: str) -> tuple[Any, ...]:
        parts = re.split(r"(\d+)", name)
        return tuple(int(part) if place % 2 else part.casefold() for place, part in enumerate(parts)), name

    return key


def row_numbers(mask: Any) -> dict[str, Any]:
    """``count`` and the first ``rows`` of a ``Finding``, from a boolean array over all rows of the source."""
    import numpy as np

    places = np.flatnonzero(mask)
    return {"count": len(places), "rows": tuple(int(place) + 1 for place in places[:SHOWN_ROWS])}


def of_one(many: str) -> str:
    """What is said of one row: ``{count} row has no label.`` for ``{count} rows have no label.``"""
    return many.replace("{count} rows have", "{count} row has", 1)


def column_problems(
    table: Any, columns: Columns, roles: Sequence[Role], lacking: Sequence[Role] | None = None
) -> list[Finding]:
    """Errors in which column plays which role. ``lacking``: roles that still need one, those required by default."""
    if lacking is None:
        lacking = [role for role in roles if role.required and not several(columns.get(role.name))]
    problems = [
        _error(
            "no-column",
            role.name,
            said("No column is chosen for “{role}”.", role=said(role.label)),
            said("Choose one."),
        )
        for role in lacking
    ]
    taken: set[str] = set()
    for role in roles:
        for name in several(columns.get(role.name)):
            problems += _column_problem(table, name, role, name in taken)
            taken.add(name)
    return problems


def _column_problem(table: Any, name: str, role: Role, taken: bool) -> list[Finding]:
    if name not in table.column_names:
        known = ", ".join(f"`{known}`" for known in table.column_names[:10])
        fix = said("Choose one of its columns: {columns}.", columns=known)
        return [_error("missing-column", role.name, said("The table has no column `{column}`.", column=name), fix)]
    if is_nested(table.column(name)) and not role.nested:
        fix = said("Choose a column with one value a row.")
        return [_error("nested-column", role.name, said("`{column}` holds lists or records.", column=name), fix)]
    if taken:
        fix = said("Choose a different column for each role.")
        return [_error("same-column", role.name, said("`{column}` is chosen twice.", column=name), fix)]
    return []


def single(columns: Columns) -> dict[str, str]:
    """The roles that one column plays, for a task without any other."""
    return {role: column for role, column in columns.items() if isinstance(column, str)}


def _error(code: str, role: str, title: str, fix: str) -> Finding:
    return Finding(code, "error", title, said("Without it nothing can be learned."), fix, role=role)


def text_findings(column: str, role: str, texts: Any) -> list[Finding]:
    """Rows without a text, and texts of extreme length. ``texts`` comes from ``as_text``."""
    import pyarrow.compute as pc

    lengths = pc.utf8_length(texts).to_numpy()
    findings = []
    empty, long = row_numbers(lengths == 0), row_numbers(lengths > LONG_TEXT)
    if empty["count"]:
        findings.append(
            Finding(
                f"empty-{role}",
                "warning",
                said_many(
                    empty["count"],
                    "1 row has nothing in `{column}`.",
                    "{count} rows have nothing in `{column}`.",
                    column=column,
                ),
                said("There is nothing to read, so they are left out."),
                said("Fill in the text, or leave it so."),
                role=role,
                **empty,
            )
        )
    if long["count"]:
        findings.append(
            Finding(
                f"long-{role}",
                "warning",
                said_many(
                    long["count"],
                    "1 row has more than a million characters in `{column}`.",
                    "{count} rows have more than a million characters in `{column}`.",
                    column=column,
                ),
                said(
                    "Only the beginning is read, up to the maximum length. A missing quotation mark in the file can "
                    "also glue many rows into one."
                ),
                said("Look at these rows; cut long documents into parts if their end matters."),
                role=role,
                **long,
            )
        )
    return findings
