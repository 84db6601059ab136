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


def predict_file(
    predictor: Predictor, source: str, output: Path, on_progress: Callable[[int, int], None]
) -> dict[str, int]:
    """Write ``output`` as CSV (UTF-8, commas).

    Returns ``{"rows": all, "skipped": rows with nothing to answer, "unreadable": rows that did not fit the header and
    are not in the output}``.

    Raises ``PredictionError`` when the table lacks a column that the model needs.
    """
    from pyarrow import csv

    opened = open_table(source)
    table = opened.table
    columns = input_columns(predictor, table.column_names)
    draft = output.with_name(f".{output.name}.draft")
    skipped = 0
    writer = None
    for start in range(0, table.num_rows, ROWS_A_SLICE):
        part = table.slice(start, ROWS_A_SLICE)
        answered, missing = _answered(predictor, part, columns)
        skipped += missing
        if writer is None:
            writer = csv.CSVWriter(draft, answered.schema)
        writer.write_table(answered)
        on_progress(min(start + ROWS_A_SLICE, table.num_rows), table.num_rows)
    if writer is None:
        raise PredictionError("The table has no rows.", "Give a file with at least one row under its header.")
    writer.close()
    draft.replace(output)
    return {"rows": table.num_rows, "skipped": skipped, "unreadable": len(opened.meta.skipped)}


def input_columns(predictor: Predictor, names: list[str]) -> dict[str, str]:
    """{role: column} for the roles the model asks for: the columns it was trained on, else one called like the role."""
    trained_on = predictor.config.data.columns
    found: dict[str, str] = {}
    for role in predictor.task.inputs:
        if role.name not in trained_on:
            continue
        candidates = [trained_on[role.name], role.name]
        column = next((name for name in candidates if name in names), None)
        if column is None and len(names) == 1:
            column = names[0]
        if column is None:
            raise PredictionError(
                f"The table has no column `{trained_on[role.name]}`.",
                f"The model reads its {role.label.lower()} there. This table's columns are: {', '.join(names[:20])}.",
            )
        found[role.name] = column
    return found


def _answered(predictor: Predictor, part: Any, columns: dict[str, str]) -> tuple[Any, int]:
    """The slice with the answer columns added, and how many of its rows had nothing to answer."""
    import pyarrow as pa

    texts = {role: [_text(value) for value in part.column(name).to_pylist()] for role, name in columns.items()}
    usable = [index for index in range(part.num_rows) if all(values[index] for values in texts.values())]
    asked = {role: [values[index] for index in usable] for role, values in texts.items()}
    new_columns = predictor.task.answer_columns(predictor.answers(asked))
    result = pa.table({name: _writable(part.column(name)) for name in part.column_names})
    for name, values in new_columns.items():
        full: list[str | None] = [None] * part.num_rows
        for index, value in zip(usable, values, strict=True):
            full[index] = f"{value:.4f}" if isinstance(value, float) else str(value)
        # Text throughout: a slice without a single answer must have the same columns as the others.
        result = result.append_column(_free_name(name, result.column_names), pa.array(full, pa.string()))
    return result, part.num_rows - len(usable)


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
