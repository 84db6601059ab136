"""Texts that stand both among the examples to learn from and among those to judge by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.data.arrow_files import EARLY
from core.data.hashes import text_hashes
from core.data.types import Finding
from core.said import said, said_many

if TYPE_CHECKING:
    import numpy as np


def leakage_findings(train: Any, test: Any, texts: Sequence[str]) -> tuple[Finding, ...]:
    """A warning when rows of ``test`` repeat rows of ``train`` in all columns ``texts`` (spaces around, case aside).

    Both are ``pyarrow.Table``s with those columns and ``row``.
    """
    import numpy as np
    import pyarrow as pa

    repeated = np.isin(text_keys(test, texts), text_keys(train, texts))
    count = int(np.count_nonzero(repeated))
    if not count:
        return ()
    return (
        Finding(
            "leakage",
            "warning",
            said_many(
                count,
                "{count} of the {total} test examples stands among the training examples too.",
                "{count} of the {total} test examples stand among the training examples too.",
                total=test.num_rows,
            ),
            said("The model can learn their answers by heart, so the final mark will look better than it is."),
            said("Remove the copies from the table, so that each text stands there once."),
            count,
            tuple(test.column("row").filter(pa.array(repeated)).slice(0, EARLY).to_pylist()),
        ),
    )


def text_keys(table: Any, texts: Sequence[str]) -> np.ndarray:
    """A number for each row, equal where the texts are; made batch by batch, so that memory stays bounded."""
    return text_hashes(_tidied(batch, texts) for batch in table.select(texts).to_batches())


def _tidied(batch: Any, texts: Sequence[str]) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = [pc.fill_null(batch.column(name).cast(pa.large_string()), "") for name in texts]
    tidied = [pc.utf8_lower(pc.utf8_trim_whitespace(column)) for column in columns]
    return tidied[0] if len(tidied) == 1 else pc.binary_join_element_wise(*tidied, pa.scalar("\x1f", pa.large_string()))
