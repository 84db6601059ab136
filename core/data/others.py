"""The columns of a table that play no role: what else is known of a row that was judged.

A model never reads them; where it fails may still go with one of them, such as the product that a text is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.config import DataConfig
from core.data.columns import names as column_names
from core.data.joined import SOURCE, TEST, open_files

if TYPE_CHECKING:
    import numpy as np

MOST_COLUMNS = 20
_COMPARED = 200
"""So many rows are compared with the file, to be sure that they are of it."""


def other_columns(data: DataConfig, judged: Any) -> dict[str, Any]:
    """Column name -> its values (``pyarrow.ChunkedArray``) for each row of ``judged``, in the order of the file.

    ``judged`` are rows of the test part as a ``pyarrow.Table`` with ``row``, their numbers in their own file. Single
    values only, no lists or records, and at most ``MOST_COLUMNS`` columns. Empty for a stream, which is read but once,
    and where the rows are not those of the file.
    """
    import numpy as np
    import pyarrow as pa

    if data.streaming or not judged.num_rows:
        return {}
    table, numbers = _file_of(data)
    wanted = judged.column("row").to_numpy()
    places = np.searchsorted(numbers, wanted)
    inside = places < len(numbers)
    if not (inside.all() and (numbers[places] == wanted).all()):
        return {}
    used = {*column_names(data.columns), data.split.column}
    free = [field.name for field in table.schema if field.name not in used and not pa.types.is_nested(field.type)]
    if not free or not _is_same(data, table, judged, places):
        return {}
    chosen = table.select(free[:MOST_COLUMNS]).take(pa.array(places))
    return {name: chosen.column(name) for name in chosen.column_names}


def _file_of(data: DataConfig) -> tuple[Any, np.ndarray]:
    """(the table of the file that the test part is of, the number of each of its rows)."""
    import numpy as np

    files = open_files(data)
    role = TEST if TEST in files.roles else SOURCE
    file = files.tables[files.roles.index(role)]
    return file.table, np.asarray(file.row_numbers(np.arange(1, file.table.num_rows + 1)))


def _is_same(data: DataConfig, table: Any, judged: Any, places: np.ndarray) -> bool:
    """Whether some of the judged texts stand in the file where they should; steps may have changed a few of them."""
    for role, column in data.columns.items():
        if isinstance(column, str) and role in judged.column_names and column in table.column_names:
            some = range(0, len(places), max(1, len(places) // _COMPARED))
            here = [_plain(judged.column(role)[place].as_py()) for place in some]
            there = [_plain(table.column(column)[int(places[place])].as_py()) for place in some]
            same = sum(one == other for one, other in zip(here, there, strict=True))
            if 2 * same >= len(here):
                return True
    return False


def _plain(value: Any) -> str:
    return " ".join(str(value).split()).lower()
