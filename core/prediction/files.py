"""A table in, the same table out with the model's answers in new columns: in slices, so that memory stays bounded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.data.tables import open_table
from core.errors import PredictionError
from core.prediction.predictor import Predictor

ROWS_A_SLICE = 2048
HEAD_ROWS = 8
CELL_LENGTH = 200
"""Characters of a cell in the head; what is longer is cut."""


def predict_file(
    predictor: Predictor, source: str, output: Path, on_progress: Callable[[int, int], None]
) -> dict[str, Any]:
    """Write ``output`` as CSV (UTF-8, commas): the table, with the answers in new columns after its own.

    Returns ``{"rows": all, "skipped": rows with nothing to answer, "unreadable": rows that did not fit the header and
    are not in the output, "columns": [names of the new columns], "head": [the first rows as {column: text}, cells cut
    to ``CELL_LENGTH``]}``. ``on_progress`` hears (rows done, rows in all).

    Raises ``PredictionError`` when the table has no rows, or lacks a column that the model needs.
    """
    from pyarrow import csv

    opened = open_table(source)
    table = opened.table
    if not table.num_rows:
        raise PredictionError("The table has no rows.", "Give a file with at least one row under its header.")
    columns = input_columns(predictor, table.column_names)
    draft = draft_of(output)
    head: list[dict[str, str]] = []
    writer: Any = None
    skipped = 0
    try:
        for start in range(0, table.num_rows, ROWS_A_SLICE):
            part = table.slice(start, ROWS_A_SLICE)
            note = _of_the_whole(start, table.num_rows, on_progress)
            answered, missing = _answered(predictor, part, columns, note)
            skipped += missing
            if writer is None:
                writer, head = csv.CSVWriter(draft, answered.schema), _head(answered)
            writer.write_table(answered)
            on_progress(start + part.num_rows, table.num_rows)
        writer.close()
        draft.replace(output)
    finally:
        draft.unlink(missing_ok=True)
    return {
        "rows": table.num_rows,
        "skipped": skipped,
        "unreadable": len(opened.meta.skipped),
        "columns": [name for name in head[0] if name not in table.column_names],
        "head": head,
    }


def draft_of(output: Path) -> Path:
    """Where an answered table stands until it is whole."""
    return output.with_name(f".{output.name}.draft")


def input_columns(predictor: Predictor, names: list[str]) -> dict[str, str]:
    """{role: column} for the roles the model asks for: the columns it was trained on, else one called like the role.

    A model that reads one column takes the only column of a table, whatever it is called.
    """
    trained_on = predictor.config.data.columns
    asked = [role for role in predictor.task.inputs if role.name in trained_on]
    only = names[0] if len(names) == len(asked) == 1 else None
    found: dict[str, str] = {}
    for role in asked:
        column = next((name for name in (trained_on[role.name], role.name) if name in names), only)
        if column is None:
            raise PredictionError(
                f"The table has no column `{trained_on[role.name]}`.",
                f"The model reads its {role.label.lower()} there. This table's columns are: {', '.join(names[:20])}.",
            )
        found[role.name] = column
    return found


def _of_the_whole(start: int, total: int, on_progress: Callable[[int, int], None]) -> Callable[[int, int], None]:
    """A callback for a slice: the rows done in it become rows done in all."""
    return lambda done, of: on_progress(start + done, total)


def _answered(
    predictor: Predictor, part: Any, columns: dict[str, str], on_progress: Callable[[int, int], None]
) -> tuple[Any, int]:
    """The slice with the answer columns added, and how many of its rows had nothing to answer."""
    import pyarrow as pa

    texts = {role: [_text(value) for value in part.column(name).to_pylist()] for role, name in columns.items()}
    usable = [index for index in range(part.num_rows) if all(values[index] for values in texts.values())]
    asked = {role: [values[index] for index in usable] for role, values in texts.items()}
    new_columns = predictor.task.answer_columns(predictor.answers(asked, on_progress))
    result = pa.table({name: _writable(part.column(name)) for name in part.column_names})
    for name, values in new_columns.items():
        full: list[str | None] = [None] * part.num_rows
        for index, value in zip(usable, values, strict=True):
            full[index] = f"{value:.4f}" if isinstance(value, float) else str(value)
        # Text throughout: a slice without a single answer must have the same columns as the others.
        result = result.append_column(_free_name(name, result.column_names), pa.array(full, pa.string()))
    return result, part.num_rows - len(usable)


def _head(table: Any) -> list[dict[str, str]]:
    return [
        {name: _cut("" if value is None else str(value)) for name, value in row.items()}
        for row in table.slice(0, HEAD_ROWS).to_pylist()
    ]


def _cut(text: str) -> str:
    return text if len(text) <= CELL_LENGTH else f"{text[:CELL_LENGTH]}…"


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _free_name(name: str, taken: list[str]) -> str:
    return name if name not in taken else _free_name(f"model_{name}", taken)


def _writable(column: Any) -> Any:
    """CSV has no lists: they are written as JSON."""
    import pyarrow as pa

    if pa.types.is_nested(column.type):
        return pa.array([None if value is None else json.dumps(value, default=str) for value in column.to_pylist()])
    return column
