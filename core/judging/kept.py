"""What a model said of each judged row, beside the truth: one Parquet file a judgement, in ``judgements/`` of a run.

A file is named for what was judged: ``test`` and ``validation`` of the run's own data, or a name of its own for rows
that were judged later. Its columns:

- those of ``Examples.table``: one a role, and ``row``, the row's number in its own file;
- ``truth`` and ``answer``: both as people read them, texts or numbers;
- ``error``: how wrong the answer is, a number from 0 (right), comparable between the rows of one task;
- what else the task keeps (see ``Task.kept``), such as ``probability`` of the answer and ``probabilities`` of all.

Light: read in the app's process too, by pages of rows, never whole where it need not be.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import RunError
from core.runs import Run

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = "judgements"
MOST_ROWS = 200
"""Rows of one page at most."""
GROUP = 10_000
"""Rows that stand together in the file: of these at least are read to show one."""
_PLACE = "_place_in_the_file"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")

Condition = tuple[str, str, Any]
"""(column, operation, value): ``==``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, ``in`` (a list), ``has`` (a text in it, or
one of a list of texts)."""


@dataclass(frozen=True)
class Page:
    """Some of the rows that were asked for, as records, and how many there are in all."""

    total: int
    rows: Sequence[Mapping[str, Any]]


def place(run: Run, name: str) -> Path:
    """Where the rows of a judgement are. Raises ``RunError`` for a name that is none."""
    if not _NAME.fullmatch(name):
        raise RunError(f"There is no judgement {name!r}.", "Open the run's page again.")
    return run.path / FOLDER / f"{name}.parquet"


def names(run: Run) -> list[str]:
    """The judgements whose rows are kept."""
    return sorted(path.stem for path in (run.path / FOLDER).glob("*.parquet") if _NAME.fullmatch(path.stem))


def together(examples: pa.Table, said: Mapping[str, Any]) -> pa.Table:
    """The rows of a part with what was said of them. A column of the same name gives way to what was said."""
    import pyarrow as pa

    kept = {name: examples.column(name) for name in examples.column_names if name not in said}
    return pa.table({**kept, **said})


def write(run: Run, name: str, table: pa.Table) -> None:
    """Keep the rows of a judgement, whole or not at all."""
    import pyarrow.parquet as pq

    path = place(run, name)
    path.parent.mkdir(exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        pq.write_table(table, draft, compression="zstd", row_group_size=GROUP)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def read(run: Run, name: str, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of a judgement. Raises ``RunError`` where they were not kept."""
    import pyarrow.parquet as pq

    path = place(run, name)
    if not path.is_file():
        raise _not_kept()
    return pq.read_table(path, columns=None if columns is None else list(columns))


def _not_kept() -> RunError:
    return RunError(
        "The answers to these rows were not kept.",
        "The run is older than this version, or was not judged. Judge it once more from its page.",
    )


def page(
    run: Run, name: str, where: Sequence[Condition] = (), start: int = 0, count: int = 50, order: str = ""
) -> Page:
    """Rows for which all of ``where`` hold, in their own order, or by the column ``order`` (``-NAME``: largest first).

    Lists of numbers are left out: people do not read them. Of the file only the columns that choose are read whole,
    and of all others the groups of rows that are shown.
    """
    import pyarrow.parquet as pq

    path = place(run, name)
    if not path.is_file():
        raise _not_kept()
    with pq.ParquetFile(path) as file:
        chosen = _places(file, where, order)
        shown = chosen[max(0, start) :][: min(max(0, count), MOST_ROWS)]
        return Page(len(chosen), _rows_at(file, shown))


def _places(file: Any, where: Sequence[Condition], order: str) -> Any:
    """The places in the file, from 0, of the rows that are wanted, as a numpy array in the wanted order."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    conditions = [_condition(one) for one in where]
    by = order.removeprefix("-")
    needed = dict.fromkeys([*(column for column, _, _ in conditions), *([by] if by else [])])
    for column in needed:
        _require(file.schema_arrow, column)
    places = np.arange(file.metadata.num_rows)
    if not needed:
        return places
    table = file.read(columns=list(needed)).append_column(_PLACE, pa.array(places))
    for condition in conditions:
        table = table.filter(_mask(table, condition))
    if by:
        way = "descending" if order.startswith("-") else "ascending"
        table = table.take(pc.sort_indices(table, sort_keys=[(by, way), (_PLACE, "ascending")]))
    return table.column(_PLACE).to_numpy()


def _rows_at(file: Any, places: Any) -> list[dict[str, Any]]:
    """The rows at these places, in this order, without lists of numbers."""
    import numpy as np
    import pyarrow as pa

    if not len(places):
        return []
    shown = [field.name for field in file.schema_arrow if not _is_numbers(pa, field.type)]
    sizes = [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]
    starts = np.cumsum([0, *sizes])
    groups = np.searchsorted(starts, places, side="right") - 1
    wanted = np.unique(groups)
    table = file.read_row_groups(wanted.tolist(), columns=shown)
    # Where each group begins in what was read.
    begins = dict(zip(wanted.tolist(), np.cumsum([0, *(sizes[group] for group in wanted)]), strict=False))
    inside = [begins[group] + at - starts[group] for group, at in zip(groups.tolist(), places, strict=True)]
    rows: list[dict[str, Any]] = table.take(pa.array(inside, pa.int64())).to_pylist()
    return rows


def _is_numbers(pa: Any, kind: Any) -> bool:
    return (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and pa.types.is_floating(kind.value_type)


def _is_list(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def _among(cells: Any, value: Any) -> Any:
    """Which of the lists hold this value."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    flat = pc.list_flatten(cells)
    holders = pc.list_parent_indices(cells).filter(pc.equal(flat, pa.scalar(value, flat.type)))
    found = np.zeros(len(cells), dtype=bool)
    found[holders.to_numpy()] = True
    return pa.array(found)


def _require(schema: Any, column: str) -> None:
    if column not in schema.names:
        raise RunError(f"The judged rows have no column {column!r}.", "Load the page anew, then try again.")


def _condition(condition: Condition) -> Condition:
    try:
        column, operation, value = condition
    except ValueError:
        raise RunError("The page asked for rows in a way that is not known.", "Load the page anew.") from None
    return column, operation, value


def _mask(table: pa.Table, condition: Condition) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    column, operation, value = condition
    cells = table.column(column)
    try:
        match operation:
            case "==" | "!=" | "<" | "<=" | ">" | ">=":
                names = {"==": "equal", "!=": "not_equal", "<": "less", "<=": "less_equal", ">": "greater"}
                return pc.call_function(names.get(operation, "greater_equal"), [cells, pa.scalar(value, cells.type)])
            case "in":
                return pc.is_in(cells, pa.array(value, cells.type))
            case "has" if _is_list(cells.type):
                return _among(cells, value)
            case "has":
                return pc.match_substring(pc.cast(cells, pa.large_string()), str(value), ignore_case=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, TypeError, ValueError) as exc:
        raise RunError(
            "The page asked for rows in a way that is not known.", "Load the page anew.", cause=str(exc)
        ) from exc
    raise RunError(f"{operation!r} is no way to choose rows.", "Load the page anew, then try again.")
