"""Texts that stand both among the examples to learn from and among those to judge by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.data.arrow_files import EARLY
from core.data.types import Finding


def leakage_findings(train: Any, test: Any, texts: Sequence[str]) -> tuple[Finding, ...]:
    """A warning when rows of ``test`` repeat rows of ``train`` in all columns ``texts`` (spaces around, case aside).

    Both are ``pyarrow.Table``s with those columns and ``row``. Memory is bounded by the size of ``test``.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = _keys(test, texts)
    seen = []
    for batch in train.select(texts).to_batches():
        keys = _keys(pa.Table.from_batches([batch]), texts)
        seen.append(pc.unique(keys.filter(pc.is_in(keys, value_set=wanted))))
    repeated = pc.is_in(wanted, value_set=pa.chunked_array(seen, wanted.type))
    count = pc.sum(repeated).as_py() or 0
    if not count:
        return ()
    one = count == 1
    return (
        Finding(
            "leakage",
            "warning",
            f"{count:,} of the {test.num_rows:,} test examples {'stands' if one else 'stand'} among the training "
            "examples too.",
            "The model can learn their answers by heart, so the final mark will look better than it is.",
            "Remove the copies from the table, so that each text stands there once.",
            count,
            tuple(test.column("row").filter(repeated).slice(0, EARLY).to_pylist()),
        ),
    )


def _keys(table: Any, texts: Sequence[str]) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    tidied = [pc.utf8_lower(pc.utf8_trim_whitespace(table.column(name).cast(pa.large_string()))) for name in texts]
    return tidied[0] if len(tidied) == 1 else pc.binary_join_element_wise(*tidied, pa.scalar("\x1f", pa.large_string()))
