"""A table in, the same table out with the model's answers in new columns: in slices, so that memory stays bounded."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from core.data.accepted import ENDINGS, named_format
from core.data.columns import Columns, in_words, several
from core.data.tables import open_table
from core.data.unpacking import inner_name
from core.data.writers import WRITTEN, TableWriter, open_writer, suffix
from core.errors import PredictionError
from core.prediction.predictor import Predictor
from core.said import said

ROWS_A_SLICE = 4096
HEAD_ROWS = 8
CELL_LENGTH = 200
"""Characters of a cell in the head; what is longer is cut."""
TEXT_ONLY = (".csv", ".tsv")
"""What ends so holds texts: numbers are rounded for people there, and lists are JSON."""


def predict_file(
    predictor: Predictor, source: str, output: Path, on_progress: Callable[[int, int], None], fast: bool = False
) -> dict[str, Any]:
    """Write the table with the answers in new columns after its own, in the form in which it came.

    ``output`` may end in another format's way (``.jsonl``), which is taken then; without an ending it gets one, and
    in place of one that is only read (``.xlsx``, ``.zip``, ``.gz``).

    Returns ``{"output": the path, "rows": all, "skipped": rows with nothing to answer, "unreadable": rows that did not
    fit the header and are not in the output, "columns": [names of the new columns], "head": [the first rows as
    {column: text}, cells cut to ``CELL_LENGTH``], "seconds": what answering took, "precision": where ``fast`` answers
    were asked for, what became of that (see ``core.prediction.quick``)}``. ``on_progress`` hears (rows done, rows in
    all).

    Raises ``PredictionError`` when the table has no rows, or lacks a column that the model needs.
    """
    opened = open_table(source)
    table = opened.table
    if not table.num_rows:
        raise PredictionError(
            said("The table has no rows."), said("Give a file with at least one row under its header.")
        )
    output = output.with_name(inner_name(output.name))  # what is written is not compressed
    format = output_format(output, opened.meta.format)
    path = output if output.suffix and not _is_only_read(output) else output.with_suffix(suffix(format))
    inputs = input_columns(predictor, table)
    precision = ""
    if fast:
        from core.prediction.quick import tried

        first, _ = _asked(predictor, table.slice(0, ROWS_A_SLICE), inputs)
        trial = tried(predictor, first, table.num_rows)
        predictor, precision = trial.predictor, trial.words
    began = time.monotonic()
    answering = _Answering(predictor, inputs, suffix(format) in TEXT_ONLY)
    draft = draft_of(output)
    written = _Written(format, draft)
    try:
        for part, answers in answering.columns(table, on_progress):
            written.add(part, answers)
        written.close()
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return {
        "output": str(path),
        "rows": table.num_rows,
        "skipped": answering.skipped,
        "unreadable": len(opened.meta.skipped),
        "columns": [name for name in written.head[0] if name not in table.column_names],
        "head": written.head,
        "seconds": round(time.monotonic() - began, 3),
        "precision": precision,
    }


def draft_of(output: Path) -> Path:
    """Where an answered table stands until it is whole."""
    return output.with_name(f".{output.name}.draft")


def output_format(output: Path, came_as: str) -> str:
    """The format that the end of the name says, else that in which the table came."""
    ending = output.suffix.lower()
    if ending in (".tsv", ".tab"):
        return "tsv"
    named = next((format for format, endings in ENDINGS.items() if ending in endings), None)
    return named if named in WRITTEN else came_as


def _is_only_read(output: Path) -> bool:
    """Whether the name ends like a kind of file that can be read, but not written."""
    return named_format(output.name) not in (None, *WRITTEN)


_READS = {
    "Text": "text",
    "Second text": "second text",
    "Words": "words",
    "Question": "question",
    "Conversation": "conversation",
    "Prompt": "prompt",
    "Instruction": "instruction",
    "Input": "input",
    "Source": "source",
}
"""What models read, inside of a sentence."""


def input_columns(predictor: Predictor, table: Any) -> dict[str, str | tuple[str, ...]]:
    """{role: column} for what the model reads: columns as in the training, or called like the roles they play; else
    those of another way to ask the task, by the names of its roles.

    A model that reads one column takes the only column of a table, whatever it is called.
    """
    task, trained_on, names = predictor.task, predictor.config.data.columns, table.column_names
    used = {role.name: trained_on[role.name] for role in task.inputs if role.name in trained_on}
    placed = {name: column if set(several(column)) <= set(names) else name for name, column in used.items()}
    lacking = [name for name, column in placed.items() if not set(several(column)) <= set(names)]
    if placed and not lacking:
        return placed
    asked = [role.name for role in task.asks if role.required]
    for way in (asked, *task.ways):
        inputs = [name for name in way if task.role(name).is_input]
        if inputs and all(name in names for name in inputs):
            return {name: name for name in inputs}
    if len(names) == 1 and (role := _role_of_only(predictor, [list(used), asked], table.column(0))):
        return {role: names[0]}
    label, columns = task.role(lacking[0]).label, ", ".join(names[:20])
    what = said(_READS[label]) if label in _READS else label.lower()
    raise PredictionError(
        said("The table has no column `{column}`.", column=in_words(used[lacking[0]])),
        said("The model reads its {what} there. This table's columns are: {columns}.", what=what, columns=columns),
    )


def _role_of_only(predictor: Predictor, ways: list[list[str]], column: Any) -> str | None:
    """What the only column of a table is to a model that reads one: lists where it learned from lists, else a text."""
    import pyarrow as pa

    nested = pa.types.is_nested(column.type)
    roles = [predictor.task.role(way[0]) for way in ways if len(way) == 1]
    fitting = [role for role in roles if role.nested or not nested]
    return next((role.name for role in sorted(fitting, key=lambda role: role.nested != nested)), None)


def _asked(predictor: Predictor, part: Any, inputs: Columns) -> tuple[dict[str, list[Any]], Sequence[int]]:
    """(role columns of the rows that have something to answer, the places of these rows)."""
    questions = predictor.task.questions(part, inputs)
    return {
        role: [values[row] for row in questions.usable] for role, values in questions.columns.items()
    }, questions.usable


class _Answering:
    """Answers slice by slice. ``skipped`` counts the rows that had nothing to answer."""

    def __init__(self, predictor: Predictor, inputs: Columns, as_text: bool) -> None:
        self._predictor = predictor
        self._inputs = inputs
        self._as_text = as_text
        self.skipped = 0

    def columns(
        self, table: Any, on_progress: Callable[[int, int], None]
    ) -> Iterator[tuple[Any, dict[str, list[Any]]]]:
        """Slices of the table with their new columns, with None where there was nothing to answer."""
        waiting: deque[tuple[Any, Sequence[int]]] = deque()
        done, total = 0, table.num_rows

        def asked() -> Iterator[dict[str, list[Any]]]:
            for start in range(0, total, ROWS_A_SLICE):
                part = table.slice(start, ROWS_A_SLICE)
                columns, usable = _asked(self._predictor, part, self._inputs)
                waiting.append((part, usable))
                yield columns

        with closing(self._predictor.in_turn(asked(), lambda here, _: on_progress(done + here, total))) as coming:
            for answers in coming:
                part, usable = waiting.popleft()
                yield part, self._columns(part, usable, answers)
                done += part.num_rows
                on_progress(done, total)

    def _columns(self, part: Any, usable: Sequence[int], answers: list[dict[str, Any]]) -> dict[str, list[Any]]:
        self.skipped += part.num_rows - len(usable)
        found = {}
        for name, values in self._predictor.task.answer_columns(answers).items():
            full: list[Any] = [None] * part.num_rows
            for row, value in zip(usable, values, strict=True):
                full[row] = as_cell(value) if self._as_text else value
            found[_free_name(name, part.column_names)] = full
        return found


class _Written:
    """The answered table as it grows in a file. ``head`` are its first rows, to look at."""

    def __init__(self, format: str, path: Path) -> None:
        self._format = format
        self._path = path
        self._waiting: list[tuple[Any, dict[str, list[Any]]]] = []
        self._types: dict[str, Any] = {}
        self._writer: TableWriter | None = None
        self.head: list[dict[str, str]] = []

    def add(self, part: Any, answers: dict[str, list[Any]]) -> None:
        """Write a slice, once it is known what its answers are: numbers, texts, lists."""
        self._waiting.append((part, answers))
        if self._writer or any(value is not None for values in answers.values() for value in values):
            self._write()

    def close(self) -> None:
        """Finish the file."""
        self._write()
        assert self._writer is not None, "there was at least one slice"
        self._writer.close()

    def _write(self) -> None:
        import pyarrow as pa

        for name, values in self._waiting[-1][1].items() if self._waiting else ():
            self._types.setdefault(name, _settled(pa.array(values).type))
        for part, answers in self._waiting:
            whole = part
            for name, kind in self._types.items():
                whole = whole.append_column(name, _array(answers.get(name, [None] * part.num_rows), kind))
            self._writer = self._writer or open_writer(self._format, self._path, whole.schema)
            self._writer.write(whole)
            self.head = self.head or _head(whole)
        self._waiting = []


def _settled(kind: Any) -> Any:
    """A type for a whole column, told from a part of it: what held nothing yet will hold texts."""
    import pyarrow as pa

    if pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_list(kind):
        return pa.list_(_settled(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, _settled(field.type)) for field in kind])
    return kind


def _array(values: list[Any], kind: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_string(kind):  # perhaps for want of a value when the type was settled
        values = [None if value is None else as_cell(value) for value in values]
    return pa.array(values, kind)


def as_cell(value: Any) -> str:
    """An answer as the text of a cell: shares with four places, lists as JSON."""
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, list | dict | bool):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _head(table: Any) -> list[dict[str, str]]:
    return [
        {name: _cut("" if value is None else as_cell(value)) for name, value in row.items()}
        for row in table.slice(0, HEAD_ROWS).to_pylist()
    ]


def _cut(text: str) -> str:
    return text if len(text) <= CELL_LENGTH else f"{text[:CELL_LENGTH]}…"


def _free_name(name: str, taken: list[str]) -> str:
    return name if name not in taken else _free_name(f"model_{name}", taken)
