"""A table in, the same table out with the model's answers in new columns: in slices, so that memory stays bounded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.data.columns import Columns, in_words, several
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


def input_columns(predictor: Predictor, names: list[str]) -> dict[str, str | tuple[str, ...]]:
    """{role: column} for the roles the model reads: the columns it was trained on, else those called like the roles it
    asks for.

    A model that reads one column takes the only column of a table, whatever it is called.
    """
    task, trained_on = predictor.task, predictor.config.data.columns
    used = {role.name: trained_on[role.name] for role in task.inputs if role.name in trained_on}
    if all(set(several(column)) <= set(names) for column in used.values()):
        return used
    for roles in ([role for role in task.inputs if role.name in used], list(task.asked)):
        if all(role.name in names for role in roles):
            return {role.name: role.name for role in roles}
    if len(names) == len(used) == 1:
        return {role: names[0] for role in used}
    role, column = next((role, column) for role, column in used.items() if not set(several(column)) <= set(names))
    raise PredictionError(
        f"The table has no column `{in_words(column)}`.",
        f"The model reads its {task.role(role).label.lower()} there. "
        f"This table's columns are: {', '.join(names[:20])}.",
    )


def _of_the_whole(start: int, total: int, on_progress: Callable[[int, int], None]) -> Callable[[int, int], None]:
    """A callback for a slice: the rows done in it become rows done in all."""
    return lambda done, of: on_progress(start + done, total)


def _answered(
    predictor: Predictor, part: Any, columns: Columns, on_progress: Callable[[int, int], None]
) -> tuple[Any, int]:
    """The slice with the answer columns added, and how many of its rows had nothing to answer."""
    import pyarrow as pa

    questions = predictor.task.questions(part, columns)
    asked = {role: [values[row] for row in questions.usable] for role, values in questions.columns.items()}
    new_columns = predictor.task.answer_columns(predictor.answers(asked, on_progress))
    result = pa.table({name: _writable(part.column(name)) for name in part.column_names})
    for name, values in new_columns.items():
        full: list[str | None] = [None] * part.num_rows
        for row, value in zip(questions.usable, values, strict=True):
            full[row] = _as_cell(value)
        # Text throughout: a slice without a single answer must have the same columns as the others.
        result = result.append_column(_free_name(name, result.column_names), pa.array(full, pa.string()))
    return result, part.num_rows - len(questions.usable)


def _as_cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _head(table: Any) -> list[dict[str, str]]:
    return [
        {name: _cut("" if value is None else str(value)) for name, value in row.items()}
        for row in table.slice(0, HEAD_ROWS).to_pylist()
    ]


def _cut(text: str) -> str:
    return text if len(text) <= CELL_LENGTH else f"{text[:CELL_LENGTH]}…"


def _free_name(name: str, taken: list[str]) -> str:
    return name if name not in taken else _free_name(f"model_{name}", taken)


def _writable(column: Any) -> Any:
    """CSV has no lists: they are written as JSON."""
    import pyarrow as pa

    if pa.types.is_nested(column.type):
        return pa.array([None if value is None else json.dumps(value, default=str) for value in column.to_pylist()])
    return column
