"""Which rows several judgements have in common, and in which order each has them.

Two rows are the same when the model reads the same texts in them. Of rows that are copies of each other those with the
same number in their file belong together, and the rest in their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Common:
    """The rows in common. ``places``: for each judgement, where they are in it, all in the same order."""

    places: tuple[Any, ...]

    @property
    def rows(self) -> int:
        return len(self.places[0]) if self.places else 0


def common(tables: Sequence[Any], columns: Sequence[str]) -> Common:
    """The rows that all judgements have. ``columns`` are those that the models read; some may be missing in a table."""
    import numpy as np

    found = [_keys(table, columns) for table in tables]
    places = [np.arange(tables[0].num_rows)]
    for keys in found[1:]:
        mine, theirs = _pairs(found[0], keys)
        kept = np.isin(places[0], mine)
        at = {int(place): int(other) for place, other in zip(mine, theirs, strict=True)}
        places = [one[kept] for one in places]
        places.append(np.fromiter((at[int(place)] for place in places[0]), dtype=np.int64, count=len(places[0])))
    return Common(tuple(places))


def pooled(tables: Sequence[Any], columns: Sequence[str]) -> Any:
    """Several judgements of one run as one table, without the rows that an earlier one has."""
    import numpy as np
    import pyarrow as pa

    kept = [tables[0]]
    for table in tables[1:]:
        known, _ = _pairs(_keys(table, columns), _keys(pa.concat_tables(kept, **_LOOSE), columns))
        kept.append(table.take(np.setdiff1d(np.arange(table.num_rows), known)))
    return pa.concat_tables(kept, **_LOOSE)


def unseen(table: Any, seen: Sequence[Any], columns: Sequence[str]) -> Any:
    """The rows whose texts stand in none of the tables ``seen``."""
    import numpy as np
    import pyarrow as pa

    known = np.concatenate([np.zeros(0, dtype=np.uint64), *(_keys(one, columns)["text"].to_numpy() for one in seen)])
    return table.filter(pa.array(~np.isin(_keys(table, columns)["text"].to_numpy(), known)))


_LOOSE: dict[str, Any] = {"promote_options": "permissive"}
"""Tables that were written at different times may hold other columns, or the same in another width."""


def _keys(table: Any, columns: Sequence[str]) -> Any:
    """A data frame of one line a row: ``text``, a number that is equal for equal texts, ``row`` and ``place``."""
    import numpy as np
    import pandas as pd

    from core.data.same_rows import row_keys

    read = [name for name in columns if name in table.column_names]
    numbers = table.column("row").to_numpy() if "row" in table.column_names else np.arange(table.num_rows)
    return pd.DataFrame({"text": row_keys(table, read), "row": numbers, "place": np.arange(table.num_rows)})


def _pairs(first: Any, other: Any) -> tuple[Any, Any]:
    """(places in the first, places in the other) of the rows that both have."""
    import numpy as np

    exact = _met(first, other, ["text", "row"])
    rest = [
        frame[~frame["place"].isin(exact[side])].sort_values("row", kind="stable")
        for frame, side in ((first, "place_x"), (other, "place_y"))
    ]
    turned = [frame.assign(turn=frame.groupby("text").cumcount()) for frame in rest]
    alike = _met(turned[0], turned[1], ["text", "turn"])
    return tuple(np.concatenate([exact[side], alike[side]]) for side in ("place_x", "place_y"))  # type: ignore[return-value]


def _met(first: Any, other: Any, keys: list[str]) -> Any:
    return first.drop_duplicates(keys).merge(other.drop_duplicates(keys), on=keys)
